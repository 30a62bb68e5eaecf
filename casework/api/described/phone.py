"""The schema of what a cadre's phone asks and sends. For the app alone: no token opens it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.described.examples import (
    FLAG,
    HOUSEHOLD,
    NOT_FOUND,
    PHONE,
    VILLAGE,
    VISITORS,
    ProblemSerializer,
    in_path,
    in_query,
    request,
)
from casework.api.described.visits import CountingSerializer
from casework.api.flags import ExplanationSerializer, FlagView
from casework.api.phone import (
    CaseloadView,
    HelloSerializer,
    HelloView,
    PhoneVisitsView,
    PhotoSerializer,
    PhotosView,
    SessionView,
)
from casework.canon import digest_of
from casework.models import FlagKind

TAGS = ["phone"]
FOR_THE_APP = _("For the app on a cadre's phone, by the session of the cadre.")
IN_SHORT = {
    "id": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4f",
    "household": HOUSEHOLD,
    "visited_on": "2026-10-15",
    "contact": "home",
    "outcome": "met",
    "visitors": list(VISITORS),
    "note": "儿子在家。",
    "needs": "修屋顶",
}
SEALED = IN_SHORT | {"filled_at": "2026-10-15T09:30:00+08:00", "digest": digest_of(IN_SHORT)}


class PersonSerializer(serializers.Serializer):
    """Whoever is signed in."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class SessionSerializer(serializers.Serializer):
    """Who is signed in, and the token against forged requests."""

    csrf_token = serializers.CharField()
    person = PersonSerializer()


class WelcomeSerializer(serializers.Serializer):
    """What the phone needs to know before it sends or shows anything."""

    phone = serializers.UUIDField()
    epoch = serializers.UUIDField(help_text=_("Another one: the database was restored; offer again what was sent."))
    server_now = serializers.DateTimeField()
    storage_key = serializers.CharField(help_text=_("32 bytes in base64; goes with the login."))
    is_cut_off = serializers.BooleanField()
    versions_accepted = serializers.ListField(child=serializers.CharField())
    person = PersonSerializer()
    lock_after_minutes = serializers.IntegerField()


class CaseloadSerializer(serializers.Serializer):
    """What to take along; docs/phone.md says what each row holds."""

    epoch = serializers.UUIDField()
    version = serializers.CharField(help_text=_("Send it back as `since` to get only what has changed."))
    scope = serializers.CharField()
    day = serializers.DateField()
    is_full = serializers.BooleanField()
    ids = serializers.ListField(child=serializers.IntegerField(), help_text=_("All in scope; drop the others."))
    households = serializers.ListField(child=serializers.DictField())
    villages = serializers.ListField(child=serializers.DictField())
    rounds = serializers.ListField(child=serializers.DictField())
    seats = serializers.DictField(child=serializers.CharField())
    tenures = serializers.ListField(child=serializers.DictField())
    colleagues = serializers.ListField(child=serializers.DictField())
    choices = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))
    limits = serializers.DictField(child=serializers.IntegerField())


class FlagSerializer(serializers.Serializer):
    """Something about a visit that asks for a word of those who went."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=FlagKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    is_explained = serializers.BooleanField()


class PhoneReceiptSerializer(serializers.Serializer):
    """That it is stored, and what it counts for."""

    received_at = serializers.DateTimeField()
    is_late = serializers.BooleanField()
    counts_for = CountingSerializer(many=True)
    flags = FlagSerializer(many=True, required=False, help_text=_("Missing when nothing asks for an explanation."))


class AnswerSerializer(serializers.Serializer):
    """What became of one visit. Drop it only when both id and digest are yours."""

    id = serializers.CharField()
    digest = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(
        choices=[(state, state) for state in ("stored", "held", "refused", "declined", "unknown")]
    )
    reason = serializers.CharField(allow_blank=True, help_text=_("In words."))
    reason_code = serializers.CharField(allow_blank=True)
    receipt = PhoneReceiptSerializer(allow_null=True)


class AnswersSerializer(serializers.Serializer):
    """One answer for each visit, in order."""

    epoch = serializers.UUIDField()
    answers = AnswerSerializer(many=True)


class KeptPhotoSerializer(serializers.Serializer):
    """The phone may drop its copy when both are its own."""

    id = serializers.UUIDField()
    digest = serializers.CharField(help_text=_("SHA-256 of the bytes that were sent."))


class BatchSerializer(serializers.Serializer):
    """Up to fifty visits as the phone sealed them."""

    phone = serializers.UUIDField()
    app_version = serializers.CharField()
    sent_at = serializers.DateTimeField(required=False)
    visits = serializers.ListField(child=serializers.DictField(), max_length=50)


class CutOffSerializer(serializers.Serializer):
    """The phone was cut off: wipe everything."""

    is_cut_off = serializers.BooleanField()
    detail = serializers.CharField()


def _problem(words: Any) -> OpenApiResponse:
    return OpenApiResponse(ProblemSerializer, words)


CUT_OFF = OpenApiResponse(CutOffSerializer, _("This phone was cut off; its session is ended."))
TOO_OLD = _problem(_("This version of the app is no longer taken; load it anew, nothing is lost."))
NOT_READ = OpenApiResponse(OpenApiTypes.OBJECT, _("The request as a whole cannot be read; nothing was stored."))

extend_schema_view(
    get=extend_schema(
        operation_id="phone_session",
        tags=TAGS,
        summary=_("Who is signed in"),
        description=FOR_THE_APP,
        responses={200: SessionSerializer, 403: _problem(_("Nobody is signed in.")), 410: CUT_OFF},
    )
)(SessionView)

extend_schema_view(
    post=extend_schema(
        operation_id="phone_hello",
        tags=TAGS,
        summary=_("A phone says hello"),
        description=FOR_THE_APP,
        request=HelloSerializer,
        responses={200: WelcomeSerializer, 400: NOT_READ, 410: CUT_OFF, 426: TOO_OLD},
        examples=[request("hello", {"phone": PHONE, "app_version": "1", "waiting": 0, "oldest_waiting_at": None})],
    )
)(HelloView)

extend_schema_view(
    get=extend_schema(
        operation_id="phone_caseload",
        tags=TAGS,
        summary=_("What a phone takes along"),
        description=FOR_THE_APP,
        parameters=[
            in_query("scope", f"village:{VILLAGE}", _("“mine”, or “village:” and its code.")),
            in_query("since", "", _("The version the phone has.")),
        ],
        responses={
            200: CaseloadSerializer,
            400: NOT_READ,
            404: _problem(_("The village is not one of yours.")),
            410: CUT_OFF,
            413: _problem(_("More than 500 households.")),
        },
    )
)(CaseloadView)

extend_schema_view(
    get=extend_schema(
        operation_id="phone_visits_state",
        tags=TAGS,
        summary=_("How visits that were sent stand today"),
        description=FOR_THE_APP,
        parameters=[in_query("ids", IN_SHORT["id"], _("At most a hundred, with commas between."))],
        responses={200: AnswersSerializer, 400: NOT_READ, 410: CUT_OFF},
    ),
    post=extend_schema(
        operation_id="phone_visits_send",
        tags=TAGS,
        summary=_("Send visits"),
        description=_(
            "One answer for each visit: stored, held for a person, or refused because it cannot be read. Sent again, "
            "the answer is the same. For the app on a cadre's phone, by the session of the cadre."
        ),
        request=BatchSerializer,
        responses={
            200: AnswersSerializer,
            400: NOT_READ,
            410: CUT_OFF,
            413: _problem(_("More than 1 MB; send fewer.")),
            426: TOO_OLD,
        },
        examples=[request("batch", {"phone": PHONE, "app_version": "1", "visits": [SEALED]})],
    ),
)(PhoneVisitsView)

extend_schema_view(
    post=extend_schema(
        operation_id="phone_flag_explain",
        tags=TAGS,
        summary=_("Explain a question about one's own visit"),
        description=FOR_THE_APP,
        parameters=[in_path("id", FLAG, _("Number of the question."))],
        request=ExplanationSerializer,
        responses={200: FlagSerializer, 400: NOT_READ, 404: _problem(NOT_FOUND), 410: CUT_OFF},
        examples=[request("explanation", {"reason": "written_later", "words": "晚上一起补记。"})],
    )
)(FlagView)

extend_schema_view(
    post=extend_schema(
        operation_id="phone_photos_send",
        tags=TAGS,
        summary=_("Send a photo of a visit"),
        description=FOR_THE_APP,
        request={"multipart/form-data": PhotoSerializer},
        responses={
            200: KeptPhotoSerializer,
            400: NOT_READ,
            404: _problem(_("The visit is not here yet. Send its text first.")),
            409: _problem(_("Another photo has this id, or the visit has photos enough.")),
            410: CUT_OFF,
            413: _problem(_("At most 3 MB a photo.")),
            415: _problem(_("This is no picture.")),
        },
    )
)(PhotosView)
