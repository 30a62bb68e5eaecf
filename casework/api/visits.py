"""Record a visit and ask what it would count for, as JSON; the same verbs as the web form."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Refused
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rest_framework import serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework.confirmations import LINK, MEASURE, Answer
from casework.counting import counts_for
from casework.models import Contact, Outcome, Received, Visit
from casework.report import VisitReport
from casework.visit_rows import DifferentContent
from casework.visits import record_visit
from households.models import Household
from villages.calendar import today
from villages.models import Cadre, Integration, Scope, Village

A_MONTH = 31


class ConfirmationSerializer(serializers.Serializer):
    """The household's answer about one measure or one benefit link."""

    measure = serializers.IntegerField(required=False, allow_null=True)
    link = serializers.IntegerField(required=False, allow_null=True)
    answer = serializers.ChoiceField(choices=Received.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """About one thing."""
        if (attrs.get("measure") is None) == (attrs.get("link") is None):
            raise serializers.ValidationError(_("An answer is about one measure or about one benefit link."))
        return attrs


class VisitSerializer(serializers.Serializer):
    """A visit as a client reports it. The id is made by the client, so that sending twice is noticed."""

    id = serializers.UUIDField(help_text=_l("Made by whoever reports; the same again is noticed."))
    household = serializers.IntegerField(
        required=False, allow_null=True, help_text=_l("Household id; or give a village.")
    )
    village = serializers.CharField(
        required=False, allow_null=True, help_text=_l("12-digit code, for a village visit.")
    )
    household_number = serializers.CharField(
        required=False, max_length=30, help_text=_l("Number in the national register, instead of the household id.")
    )
    visited_on = serializers.DateField()
    contact = serializers.ChoiceField(choices=Contact.choices, default=Contact.HOME)
    outcome = serializers.ChoiceField(choices=Outcome.choices, default=Outcome.MET)
    visitors = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=20)
    visitor_accounts = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        max_length=20,
        help_text=_l("Account names of who went, instead of their ids."),
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    problem = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)

    confirmations = ConfirmationSerializer(many=True, required=False, help_text=_l("What was not asked is left out."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one target, and one the signed-in cadre can see; by default the cadre went alone."""
        request = self.context["request"]
        cadre = request.user
        self._look_up_numbers(attrs, cadre)
        if (attrs.get("household") is None) == (attrs.get("village") is None):
            raise serializers.ValidationError(_("Choose a household or a village."))
        if isinstance(request.auth, Integration) and cadre.pk in (attrs.get("visitors") or [cadre.pk]):
            raise serializers.ValidationError({"visitors": _("Say who went: a program does not visit anybody.")})
        attrs["household"] = self._seen(Household, cadre, attrs.get("household"), "household")
        attrs["village"] = self._seen(Village, cadre, attrs.get("village"), "village")
        wanted = list(dict.fromkeys(attrs.get("visitors") or [cadre.pk]))
        known = Cadre.objects.in_bulk(wanted)
        if len(known) < len(wanted):
            raise serializers.ValidationError({"visitors": _("One of the visitors is not known.")})
        attrs["visitors"] = [known[pk] for pk in wanted]
        return attrs

    def _look_up_numbers(self, attrs: dict[str, Any], cadre: Cadre) -> None:
        """Ids in place of what other systems know: the household's number and the visitors' accounts."""
        number, accounts = attrs.pop("household_number", None), attrs.pop("visitor_accounts", None)
        if number and attrs.get("household") is None:
            found = Household.objects.visible_to(cadre, today()).filter(number=number)
            attrs["household"] = found.values_list("pk", flat=True).first() or 0
        if accounts and not attrs.get("visitors"):
            keys = dict(Cadre.objects.filter(username__in=accounts).values_list("username", "pk"))
            if len(keys) < len(set(accounts)):
                raise serializers.ValidationError({"visitor_accounts": _("One of the visitors is not known.")})
            attrs["visitors"] = [keys[name] for name in accounts]

    def report(self) -> VisitReport:
        """The validated data as the verb takes it."""
        values = dict(self.validated_data)
        answers = [
            Answer(MEASURE, said["measure"], said["answer"])
            if said.get("measure") is not None
            else Answer(LINK, said["link"], said["answer"])
            for said in values.pop("confirmations", [])
        ]
        return VisitReport(**values, confirmations=tuple(sorted(set(answers))))

    @staticmethod
    def _seen(model: Any, cadre: Cadre, pk: Any, field: str) -> Any:
        if pk is None:
            return None
        row = model.objects.visible_to(cadre, today()).filter(pk=pk).first()
        if row is None:
            raise serializers.ValidationError({field: _("This household or village is not one of yours.")})
        return row


class VisitQuerySerializer(serializers.Serializer):
    """Which visits are asked for; without days those of the last month."""

    first_day = serializers.DateField(required=False, help_text=_l("First day; by default a month ago."))
    last_day = serializers.DateField(required=False, help_text=_l("Last day; by default today."))
    place = serializers.RegexField(
        r"^\d{6}(\d{3}){0,2}\Z", required=False, default="", help_text=_l("Code of a district, town or village.")
    )

    def days(self) -> tuple[date, date]:
        """The first and the last day asked for."""
        last = self.validated_data.get("last_day") or today()
        return self.validated_data.get("first_day") or last - timedelta(days=A_MONTH), last


class VisitPages(CursorPagination):
    """Two hundred visits at a time, by day; a page stays the same while others are added."""

    page_size, ordering = 200, ("visited_on", "received_at", "id")


def in_short(visit: Visit) -> dict[str, Any]:
    """A visit in a list: where, when, how and who; no free text. `replaces` is the version it corrects."""
    before = getattr(visit, "supersedes", None)
    return {
        "id": visit.pk,
        "replaces": before.pk if before else None,
        "household": visit.household_id,
        "household_number": visit.household.number if visit.household else None,
        "village": visit.village_id,
        "visited_on": visit.visited_on,
        "contact": visit.contact,
        "outcome": visit.outcome,
        "visitors": [{"id": cadre.pk, "name": cadre.name} for cadre in visit.visitors.all()],
        "is_late": visit.is_late,
        "is_withdrawn": visit.is_withdrawn,
        "received_at": visit.received_at,
    }


def receipt(visit: Visit) -> dict[str, Any]:
    """What the client keeps: the stored visit's id and digest, and whether it came late."""
    return {
        "id": str(visit.pk),
        "digest": visit.digest,
        "received_at": visit.received_at.isoformat(),
        "is_late": visit.is_late,
    }


class VisitsView(APIView):
    """POST one visit: 201 with a receipt, 200 with the same receipt when sent again, 409 for other content.

    GET the visits in reach, without what was written down of them: free text may speak of anybody's health.
    """

    scopes = {"GET": Scope.READ_VISITS, "POST": Scope.WRITE_VISITS}

    def get(self, request: Request) -> Response:
        """A page of the latest versions of visits, by day."""
        asked = VisitQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        visits = Visit.objects.visible_to(request.user, today()).current().filter(visited_on__range=asked.days())
        if place := asked.validated_data["place"]:
            visits = visits.filter(village__code__startswith=place)
        visits = visits.select_related("household", "supersedes").prefetch_related("visitors")
        pages = VisitPages()
        page = pages.paginate_queryset(visits, request, view=self) or []
        return pages.get_paginated_response([in_short(visit) for visit in page])

    def post(self, request: Request) -> Response:
        """Record the visit."""
        serializer = VisitSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        now = timezone.now()
        try:
            visit = record_visit(serializer.report(), actor=request.user, now=now)
        except Refused as refused:
            problems = refused.message_dict if hasattr(refused, "error_dict") else {"detail": refused.messages}
            return Response(problems, status=status.HTTP_400_BAD_REQUEST)
        except PermissionDenied as denied:
            return Response({"detail": str(denied)}, status=status.HTTP_404_NOT_FOUND)
        except DifferentContent as known:
            message = _("A visit with this id is stored already, with other content. Both are kept; ask your office.")
            return Response({"detail": message, "stored": receipt(known.stored)}, status=status.HTTP_409_CONFLICT)
        is_new = visit.received_at == now
        return Response(receipt(visit), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class CountsForView(APIView):
    """POST a visit that is not saved yet: which duties it would count for, and why not for the others."""

    scopes = {"POST": Scope.WRITE_VISITS}

    def post(self, request: Request) -> Response:
        """Say what it would count for; stores nothing."""
        serializer = VisitSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        return Response(
            [
                {
                    "round": counting.duty.round.name,
                    "seat": counting.duty.seat,
                    "counts": counting.is_counted,
                    "reason": counting.reason,
                    "done_on": counting.already_on,
                }
                for counting in counts_for(serializer.report())
            ]
        )
