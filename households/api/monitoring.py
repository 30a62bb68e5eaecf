"""Monitoring cases as JSON: list and read them, open one, take a step; the same verbs as the pages."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Refused
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from households.clock import clocks
from households.models import CaseState, Channel, Clearing, Household, MonitoringCase, MonitoringType, Risk, Step
from households.models.categories import MOST_RISKS
from households.models.monitoring import REPORTED, TAKES_BACK, IllegalMove
from households.monitoring import open_case, take_step
from households.steps import StepReport
from households.taking_back import take_back
from households.turns import by_turn, can_see_finding, can_take_step
from villages.calendar import today


class CasePages(LimitOffsetPagination):
    """Fifty cases at a time."""

    default_limit, max_limit = 50, 200


class CaseQuerySerializer(serializers.Serializer):
    """Which cases are asked for."""

    state = serializers.ChoiceField(choices=CaseState.choices, required=False)
    place = serializers.RegexField(r"^\d{6}(\d{3}){0,2}\Z", required=False)
    is_overdue = serializers.BooleanField(required=False, default=False)


class FindingSerializer(serializers.Serializer):
    """What was found. The client makes the request_key, so that sending twice opens one case."""

    request_key = serializers.UUIDField()
    household = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    monitoring_type = serializers.ChoiceField(choices=MonitoringType.choices)
    risks = serializers.MultipleChoiceField(choices=Risk.choices, allow_empty=False)
    found_on = serializers.DateField()
    description = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)

    def validate_household(self, pk: int) -> Household:
        """A household that the signed-in cadre can see."""
        household = Household.objects.visible_to(self.context["request"].user, today()).filter(pk=pk).first()
        if household is None:
            raise serializers.ValidationError(_("This household or village is not one of yours."))
        return household

    def validate_risks(self, risks: set[str]) -> list[str]:
        """One to five, in the order of the register."""
        if len(risks) > MOST_RISKS:
            raise serializers.ValidationError(_("Choose one to five risks."))
        return [risk for risk in Risk.values if risk in risks]


class StepSerializer(serializers.Serializer):
    """The report of a step. `done_on` and `until` are first and last day of a notice."""

    step = serializers.ChoiceField(choices=[(step.value, step.label) for step in REPORTED])
    done_on = serializers.DateField()
    people = serializers.CharField(max_length=200)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    until = serializers.DateField(required=False, allow_null=True, default=None)
    is_authorised = serializers.BooleanField(required=False, default=False)
    clearing = serializers.ChoiceField(choices=Clearing.choices, required=False, allow_blank=True, default="")
    risks_gone = serializers.ListField(
        child=serializers.ChoiceField(choices=Risk.choices), required=False, max_length=MOST_RISKS
    )

    def report(self) -> StepReport:
        """The validated data as the verb takes it."""
        return StepReport(**self.validated_data)


class TakingBackSerializer(serializers.Serializer):
    """Which step takes the last one back, and why."""

    step = serializers.ChoiceField(choices=[(step, Step(step).label) for step in TAKES_BACK])
    reason = serializers.CharField(max_length=200)


def in_short(case: MonitoringCase, on: date, clock: Any) -> dict[str, Any]:
    """A case in a list: where it stands and how much time it has; nothing of anybody's health."""
    return {
        "id": case.pk,
        "household": case.household_id,
        "head_name": case.household.head_name,
        "village": case.household.village_id,
        "monitoring_type": case.monitoring_type,
        "state": case.state,
        "found_on": case.found_on,
        "decide_by": case.decide_by,
        "is_overdue": clock.is_overdue if clock else False,
        "time_left": clock.words if clock else "",
        "next_step": case.next_step,
    }


def in_full(case: MonitoringCase, cadre: Any, on: date) -> dict[str, Any]:
    """A case with its steps, and whether the next is the cadre's; risks and reports for those who act for it."""
    steps = case.steps.select_related("recorded_by").order_by("pk")
    shown = can_see_finding(cadre, case, on)
    return {
        **in_short(case, on, clocks([case], on).get(case.pk)),
        "can_take_next_step": bool(case.next_step) and can_take_step(cadre, case, case.next_step, on),
        "channel": case.channel,
        "risks": case.risks if shown else None,
        "description": case.description if shown else None,
        "notice_from": case.notice_from,
        "notice_until": case.notice_until,
        "clearing": case.clearing,
        "steps": [
            {
                "step": row.step,
                "done_on": row.done_on,
                "people": row.people,
                "note": row.note if shown else None,
                "recorded_by": row.recorded_by.name if row.recorded_by else None,
                "correction": row.correction if shown else None,
                "conditions": row.conditions if shown else None,
                "taken_back_on": row.taken_back_on,
                "taken_back": row.taken_back if shown else None,
            }
            for row in steps
        ],
    }


def refusal(refused: Refused) -> Response:
    """What a verb refused: 409 when the case is elsewhere by now, otherwise 400."""
    problems = refused.message_dict if hasattr(refused, "error_dict") else {"detail": refused.messages}
    is_late = isinstance(refused, IllegalMove)
    return Response(problems, status=status.HTTP_409_CONFLICT if is_late else status.HTTP_400_BAD_REQUEST)


class CasesView(APIView):
    """GET the cases in reach, those that wait for the signed-in cadre first; POST what was found to open one."""

    def get(self, request: Request) -> Response:
        """A page of cases."""
        asked = CaseQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        on, wanted = today(), asked.validated_data
        cases = MonitoringCase.objects.visible_to(request.user, on)
        if "state" in wanted:
            cases = cases.filter(state=wanted["state"])
        if "place" in wanted:
            cases = cases.within(wanted["place"])
        if wanted["is_overdue"]:
            cases = cases.overdue(on)
        ordered = cases.annotate(turn=by_turn(request.user, on)).order_by("turn", "decide_by", "pk")
        pages = CasePages()
        page = pages.paginate_queryset(ordered.select_related("household"), request, view=self) or []
        found = clocks(page, on)
        return pages.get_paginated_response([in_short(case, on, found.get(case.pk)) for case in page])

    def post(self, request: Request) -> Response:
        """Open a case: 201 with the case; sent again, the same case."""
        serializer = FindingSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        try:
            opened = open_case(actor=request.user, on=today(), **serializer.validated_data)
        except Refused as refused:
            return refusal(refused)
        except PermissionDenied as denied:
            return Response({"detail": str(denied)}, status=status.HTTP_403_FORBIDDEN)
        return Response(in_full(opened, request.user, today()), status=status.HTTP_201_CREATED)


class CaseView(APIView):
    """GET one case."""

    def get(self, request: Request, pk: int) -> Response:
        """The case with its steps."""
        return Response(in_full(_visible(request, pk), request.user, today()))


class StepsView(APIView):
    """POST a step: 201 with the case; sent again, the same answer; 409 when the case is elsewhere by now."""

    def post(self, request: Request, pk: int) -> Response:
        """Take the step."""
        found, serializer = _visible(request, pk), StepSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return _answer(request, lambda **by: take_step(case=found, report=serializer.report(), **by))


class TakeBackView(APIView):
    """POST why a decision, refusal or clearing is taken back: 201 with the case; 409 when it is elsewhere by now."""

    def post(self, request: Request, pk: int) -> Response:
        """Take it back."""
        found, serializer = _visible(request, pk), TakingBackSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return _answer(request, lambda **by: take_back(case=found, **serializer.validated_data, **by))


def _answer(request: Request, verb: Callable[..., MonitoringCase]) -> Response:
    """The case after the verb, or what the verb refused."""
    try:
        case = verb(actor=request.user, now=timezone.now())
    except Refused as refused:
        return refusal(refused)
    except PermissionDenied as denied:
        return Response({"detail": str(denied)}, status=status.HTTP_403_FORBIDDEN)
    return Response(in_full(case, request.user, today()), status=status.HTTP_201_CREATED)


def _visible(request: Request, pk: int) -> MonitoringCase:
    return get_object_or_404(
        MonitoringCase.objects.visible_to(request.user, today()).select_related("household"), pk=pk
    )
