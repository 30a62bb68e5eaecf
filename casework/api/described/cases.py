"""The schema of monitoring cases. No token opens them: risks are words about a family's health."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.described.examples import (
    CASE,
    DECIDED,
    HOUSEHOLD,
    NOT_FOUND,
    NOT_READ,
    REFUSED,
    TOWN,
    ProblemSerializer,
    in_path,
    in_query,
    request,
)
from households.api.monitoring import (
    CasesView,
    CaseView,
    FindingSerializer,
    StepSerializer,
    StepsView,
    TakeBackView,
    TakingBackSerializer,
)
from households.models import CaseState, Channel, Clearing, MonitoringType, Risk, Step

TAGS = ["monitoring"]
THE_CASE = in_path("id", CASE, _("Number of the case."))
FOR_PEOPLE = _("For people who are signed in; there is no scope for it.")


class ListedCaseSerializer(serializers.Serializer):
    """Where a case stands and how much time it has."""

    id = serializers.IntegerField()
    household = serializers.IntegerField()
    head_name = serializers.CharField()
    village = serializers.CharField()
    monitoring_type = serializers.ChoiceField(choices=MonitoringType.choices)
    state = serializers.ChoiceField(choices=CaseState.choices)
    found_on = serializers.DateField()
    decide_by = serializers.DateField(allow_null=True)
    is_overdue = serializers.BooleanField()
    time_left = serializers.CharField(allow_blank=True)
    next_step = serializers.CharField(allow_blank=True, allow_null=True)


class CasePageSerializer(serializers.Serializer):
    """A page of cases."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ListedCaseSerializer(many=True)


class TakenStepSerializer(serializers.Serializer):
    """A step that was taken."""

    step = serializers.ChoiceField(choices=Step.choices)
    done_on = serializers.DateField()
    people = serializers.CharField()
    note = serializers.CharField(allow_null=True, allow_blank=True)
    recorded_by = serializers.CharField(allow_null=True)
    correction = serializers.CharField(allow_null=True, allow_blank=True)
    conditions = serializers.ListField(
        child=serializers.DictField(),
        allow_null=True,
        help_text=_("What was found fulfilled when the risk was cleared."),
    )
    taken_back_on = serializers.DateField(allow_null=True)
    taken_back = serializers.CharField(allow_null=True, allow_blank=True, help_text=_("Why it was taken back."))


class CaseSerializer(ListedCaseSerializer):
    """A case with its steps; risks and reports for those who work with the family, null for all others."""

    can_take_next_step = serializers.BooleanField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    risks = serializers.ListField(child=serializers.ChoiceField(choices=Risk.choices), allow_null=True)
    description = serializers.CharField(allow_null=True, allow_blank=True)
    notice_from = serializers.DateField(allow_null=True)
    notice_until = serializers.DateField(allow_null=True)
    clearing = serializers.ChoiceField(choices=Clearing.choices, allow_blank=True)
    steps = TakenStepSerializer(many=True)


MISSING = OpenApiResponse(ProblemSerializer, NOT_FOUND)
MAY_NOT = OpenApiResponse(ProblemSerializer, REFUSED)
CANNOT_BE = OpenApiResponse(OpenApiTypes.OBJECT, NOT_READ)

extend_schema_view(
    get=extend_schema(
        operation_id="cases_list",
        tags=TAGS,
        summary=_("List monitoring cases"),
        description=FOR_PEOPLE,
        parameters=[
            in_query("state", "found", _("Only cases in this state.")),
            in_query("place", TOWN, _("Code of a district, town or village.")),
            in_query("is_overdue", False, _("Only those past their day."), OpenApiTypes.BOOL),
            in_query("limit", 50, _("How many a page, at most 200."), OpenApiTypes.INT),
            in_query("offset", 0, _("From which on."), OpenApiTypes.INT),
        ],
        responses={200: CasePageSerializer, 400: CANNOT_BE},
    ),
    post=extend_schema(
        operation_id="cases_open",
        tags=TAGS,
        summary=_("Open a monitoring case"),
        description=FOR_PEOPLE,
        request=FindingSerializer,
        responses={201: CaseSerializer, 400: CANNOT_BE, 403: MAY_NOT},
        examples=[
            request(
                "finding",
                {
                    "request_key": "1d3f0a52-7c0b-4c43-9d0e-5b1f8a2c6e70",
                    "household": HOUSEHOLD + 1,
                    "channel": "cadre",
                    "monitoring_type": "sudden",
                    "risks": ["disaster"],
                    "found_on": "2026-10-14",
                    "description": "房屋被洪水冲坏。",
                },
            )
        ],
    ),
)(CasesView)

extend_schema_view(
    get=extend_schema(
        operation_id="cases_read",
        tags=TAGS,
        summary=_("One monitoring case"),
        description=FOR_PEOPLE,
        parameters=[THE_CASE],
        responses={200: CaseSerializer, 404: MISSING},
    )
)(CaseView)

extend_schema_view(
    post=extend_schema(
        operation_id="cases_take_step",
        tags=TAGS,
        summary=_("Take a step of a monitoring case"),
        description=FOR_PEOPLE,
        parameters=[THE_CASE],
        request=StepSerializer,
        responses={
            201: CaseSerializer,
            400: CANNOT_BE,
            403: MAY_NOT,
            404: MISSING,
            409: OpenApiResponse(OpenApiTypes.OBJECT, _("The case is elsewhere by now.")),
        },
        examples=[
            request(
                "check",
                {
                    "step": "check",
                    "done_on": "2026-10-15",
                    "people": "村干部二人",
                    "note": "入户核实。",
                    "is_authorised": True,
                },
            )
        ],
    )
)(StepsView)

extend_schema_view(
    post=extend_schema(
        operation_id="cases_take_back",
        tags=TAGS,
        summary=_("Take a decision, a refusal or a clearing back"),
        description=FOR_PEOPLE,
        parameters=[in_path("id", DECIDED, _("Number of the case."))],
        request=TakingBackSerializer,
        responses={
            201: CaseSerializer,
            400: CANNOT_BE,
            403: MAY_NOT,
            404: MISSING,
            409: OpenApiResponse(OpenApiTypes.OBJECT, _("The case is elsewhere by now.")),
        },
        examples=[request("revoke", {"step": "revoke", "reason": "材料有误，退回重审。"})],
    )
)(TakeBackView)
