"""What a cadre's phone asks and sends: see docs/phone.md for the contract."""

import base64
import json
import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework import shell
from casework.api.flags import with_flags
from casework.app_versions import versions_accepted
from casework.caseload import MOST_HOUSEHOLDS, Caseload, NotYours, TooMany, caseload_of
from casework.choices import choices, limits
from casework.epochs import current_epoch
from casework.fingerprints import print_of, prints_in, version_of
from casework.flags import flags_by_visit
from casework.models import Visit
from casework.phones import (
    LOCK_AFTER_MINUTES,
    CutOff,
    require_not_cut_off,
    say_hello,
)
from casework.photos import LARGEST_FILE, NoPicture, add_photo
from casework.sync import MOST_AT_ONCE, Answer, present_state, receive
from villages.calendar import today

LARGEST_BATCH = 1024 * 1024
LARGEST_PHOTO = LARGEST_FILE + 10_000  # with what stands around it in the form
MOST_IDS = 100
OUR_VILLAGE = "village:"


class TooLarge(exceptions.APIException):
    """More than is taken at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class TooOld(exceptions.APIException):
    """A version of the app that is no longer accepted."""

    status_code = status.HTTP_426_UPGRADE_REQUIRED
    default_code = "too_old"


class Gone(exceptions.APIException):
    """A phone that was cut off."""

    status_code = status.HTTP_410_GONE
    default_code = "cut_off"


@method_decorator(never_cache, name="dispatch")
class PhoneAPIView(APIView):
    """Every address of the phone: nothing is kept by anybody on the way, and a phone that is cut off gets nothing."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a phone that was cut off, by the key it names in X-Phone, and end its session."""
        self._asked: set[str] = set()
        # Before asking who it is: its session may be over already, and it must still hear that it has to wipe itself.
        self.refuse_if_cut_off(request.headers.get("X-Phone", ""))
        super().initial(request, *args, **kwargs)

    def refuse_if_cut_off(self, key: str) -> None:
        """Raises Gone. Asks once about each key that a request names."""
        if key in self._asked:
            return
        self._asked.add(key)
        try:
            require_not_cut_off(uuid.UUID(key))
        except ValueError:
            return
        except CutOff:
            logout(self.request._request)
            raise Gone(_("This phone was cut off.")) from None

    def handle_exception(self, exc: Exception) -> Response:
        """As everywhere, and say in one word that the phone is cut off."""
        response = super().handle_exception(exc)
        if isinstance(exc, Gone):
            response.data = {"is_cut_off": True, **response.data}
        return response


class SessionView(PhoneAPIView):
    """GET who is signed in, with a fresh token: for a page that came out of the phone's own store."""

    def get(self, request: Request) -> Response:
        """Who it is."""
        return Response({"csrf_token": get_token(request._request), "person": _person(request)})


class HelloSerializer(serializers.Serializer):
    """A phone says that it is there, and what waits on it."""

    phone = serializers.UUIDField()
    app_version = serializers.CharField(max_length=20)
    waiting = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    oldest_waiting_at = serializers.DateTimeField(allow_null=True, default=None)


class HelloView(PhoneAPIView):
    """POST hello: 200 with the key to the phone's store, 410 when it is cut off, 426 when its app is too old."""

    def post(self, request: Request) -> Response:
        """Note it."""
        said = HelloSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        values = said.validated_data
        self.refuse_if_cut_off(str(values["phone"]))
        versions = versions_accepted(timezone.now())
        _require_version(values["app_version"], versions)
        phone = say_hello(
            key=values["phone"],
            cadre=request.user,
            app_version=values["app_version"],
            waiting=values["waiting"],
            oldest_waiting_at=values["oldest_waiting_at"],
            on=today(),
            session_key=request.session.session_key or "",
        )
        return Response(
            {
                "phone": str(phone.key),
                "epoch": current_epoch(),
                "server_now": timezone.localtime().isoformat(),
                "storage_key": base64.b64encode(phone.storage_key or b"").decode(),
                "is_cut_off": False,
                "versions_accepted": versions,
                "person": _person(request),
                "lock_after_minutes": LOCK_AFTER_MINUTES,
            }
        )


@method_decorator(gzip_page, name="dispatch")
class CaseloadView(PhoneAPIView):
    """GET what to take along: everything, or what has changed `since` the version the phone has."""

    def get(self, request: Request) -> Response:
        """The caseload of a scope: mine, or village:<code>."""
        scope = request.query_params.get("scope", "mine")
        found = self._caseload(request, scope)
        epoch = current_epoch()
        context = f"{epoch} {request.user.pk} {scope} {get_language()}"
        known = prints_in(request.query_params.get("since", ""), context)
        prints = {row["id"]: print_of(json.dumps(row, cls=DjangoJSONEncoder)) for row in found.households}
        changed = [row for row in found.households if known is None or known.get(row["id"]) != prints[row["id"]]]
        return Response(
            {
                "epoch": epoch,
                "version": version_of(context, prints),
                "scope": scope,
                "day": today(),
                "is_full": known is None,
                "ids": [row["id"] for row in found.households],
                "households": changed,
                "villages": found.villages,
                "rounds": found.rounds,
                "seats": found.seats,
                "tenures": found.tenures,
                "colleagues": found.colleagues,
                "choices": choices(),
                "limits": limits(),
            }
        )

    def _caseload(self, request: Request, scope: str) -> Caseload:
        village = scope.removeprefix(OUR_VILLAGE) if scope.startswith(OUR_VILLAGE) else None
        if village is None and scope != "mine":
            raise exceptions.ValidationError({"scope": _("Say “mine” or “village:” and its code.")})
        try:
            return caseload_of(request.user, village=village, on=today())
        except NotYours:
            raise exceptions.NotFound(_("This village is not one of yours.")) from None
        except TooMany:
            words = _("More than %(most)s households. Take along your own households instead.")
            raise TooLarge(words % {"most": MOST_HOUSEHOLDS}) from None


class PhoneVisitsView(PhoneAPIView):
    """POST a batch of visits: one answer each. GET how those with these ids stand today."""

    def post(self, request: Request) -> Response:
        """Store them, hold them, or say why they cannot be read."""
        if int(request.headers.get("Content-Length") or 0) > LARGEST_BATCH:
            raise TooLarge(_("Too much at once. Send fewer visits."))
        visits = self._visits(request)
        answers = receive(visits, sender=request.user, now=timezone.now())
        return Response({"epoch": current_epoch(), "answers": [_as_json(answer) for answer in answers]})

    def get(self, request: Request) -> Response:
        """The present state of one's own."""
        keys = [_key(text) for text in request.query_params.get("ids", "").split(",") if text]
        if len(keys) > MOST_IDS:
            raise exceptions.ValidationError({"ids": _("At most %(most)s visits at once.") % {"most": MOST_IDS}})
        answers = present_state(keys, sender=request.user)
        found = flags_by_visit((answer.visit.pk for answer in answers if answer.visit), request.user)
        told = [with_flags(_as_json(answer), found[answer.visit.pk] if answer.visit else []) for answer in answers]
        return Response({"epoch": current_epoch(), "answers": told})

    def _visits(self, request: Request) -> list[Any]:
        try:
            said: Any = request.data
        except RecursionError:
            raise exceptions.ParseError(_("This cannot be read.")) from None
        visits = said.get("visits") if isinstance(said, dict) else None
        if not isinstance(visits, list) or len(visits) > MOST_AT_ONCE:
            raise exceptions.ParseError(_("Send a list of at most %(most)s visits.") % {"most": MOST_AT_ONCE})
        phone = str(said.get("phone", ""))
        _key(phone)
        self.refuse_if_cut_off(phone)
        _require_person(request, said.get("person"))
        version = str(said.get("app_version", ""))
        if version != shell.app_version():
            _require_version(version, versions_accepted(timezone.now()))
        return visits


class PhotoSerializer(serializers.Serializer):
    """A photo: its own id, the visit's, and the file."""

    id = serializers.UUIDField()
    visit = serializers.UUIDField()
    file = serializers.FileField()
    person = serializers.IntegerField(required=False)


class PhotosView(PhoneAPIView):
    """POST a photo after its visit: 404 while the visit is not here, 409 for another picture under the id."""

    parser_classes = (MultiPartParser,)

    def post(self, request: Request) -> Response:
        """Keep it; the same again is the same."""
        if int(request.headers.get("Content-Length") or 0) > LARGEST_PHOTO:
            raise TooLarge(_("At most 3 MB a photo."))
        said = PhotoSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        values = said.validated_data
        _require_person(request, values.get("person"))
        content, ids = values["file"].read(), {"photo_id": values["id"], "visit_id": values["visit"]}
        try:
            photo = add_photo(**ids, content=content, actor=request.user, now=timezone.now())
        except Visit.DoesNotExist:
            raise exceptions.NotFound(_("The visit is not here yet. Send its text first.")) from None
        except PermissionDenied as denied:
            raise exceptions.PermissionDenied(str(denied)) from None
        except NoPicture as refusal:
            return Response({"detail": refusal.messages[0]}, status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)
        except ValidationError as refusal:
            return Response({"detail": refusal.messages[0]}, status.HTTP_409_CONFLICT)
        return Response({"id": str(photo.pk), "digest": photo.digest})


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise exceptions.ParseError(_("“%(text)s” is no id.") % {"text": text[:40]}) from None


def _require_person(request: Request, named: Any) -> None:
    """A login that changed since hello must not put one cadre's visits under another's name."""
    if named is not None and str(named) != str(request.user.pk):
        raise exceptions.PermissionDenied(_("Somebody else has signed in on this phone. Sign in again."))


def _require_version(name: str, versions: list[str]) -> None:
    if name not in versions:
        raise TooOld(_("This version of the app is too old. Load it anew; nothing on the phone is lost."))


def _person(request: Request) -> dict[str, Any]:
    return {"id": request.user.pk, "name": str(request.user)}


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "digest": answer.digest,
        "state": answer.state,
        "reason": answer.words,
        "reason_code": answer.code,
        "receipt": _receipt(answer),
    }


def _receipt(answer: Answer) -> dict[str, Any] | None:
    if answer.visit is None:
        return None
    return {
        "received_at": _moment(answer.visit.received_at),
        "is_late": answer.visit.is_late,
        "counts_for": [
            {
                "round": counting.duty.round.name,
                "seat": counting.duty.seat_label,
                "counts": counting.is_counted,
                "reason": counting.reason,
                "done_on": counting.already_on,
            }
            for counting in answer.counts
        ],
    }


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat()
