"""The schema of the problem ledger: where each problem stands."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.described.examples import NOT_READ, TOWN, in_query
from casework.api.problems import ProblemsView
from casework.models import Difficulty, Level, ProblemKind, ProblemSource, ProblemState, View

TAGS = ["problems"]
FOR_PEOPLE = _("For people who are signed in; null for a program.")


class ListedProblemSerializer(serializers.Serializer):
    """An entry of the ledger."""

    id = serializers.UUIDField()
    village = serializers.CharField()
    household = serializers.IntegerField(allow_null=True)
    household_number = serializers.CharField(allow_null=True, help_text=_("Number in the national register."))
    source = serializers.ChoiceField(choices=ProblemSource.choices)  # type: ignore[assignment]
    visit = serializers.UUIDField(allow_null=True, help_text=_("The first version of the visit that found it."))
    found_on = serializers.DateField()
    difficulty = serializers.ChoiceField(choices=Difficulty.choices)
    level = serializers.ChoiceField(choices=Level.choices, help_text=_("The level it stands at by now."))
    state = serializers.ChoiceField(choices=ProblemState.choices)
    text = serializers.CharField(allow_null=True, help_text=FOR_PEOPLE)
    responsible = serializers.CharField(allow_null=True, help_text=FOR_PEOPLE)
    unit = serializers.CharField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    is_past_deadline = serializers.BooleanField()
    solved_on = serializers.DateField(allow_null=True)
    view = serializers.ChoiceField(choices=View.choices, allow_blank=True)
    verified_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """A field called "class" cannot be written as an attribute."""
        return {**super().get_fields(), "class": serializers.ChoiceField(choices=ProblemKind.choices, allow_blank=True)}


class ProblemPageSerializer(serializers.Serializer):
    """A page of problems."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ListedProblemSerializer(many=True)


extend_schema_view(
    get=extend_schema(
        operation_id="problems_list",
        tags=TAGS,
        summary=_("List problems"),
        description=_(
            "The problems in reach, in order of places; without a state the open ones. Scope: read_problems."
        ),
        parameters=[
            in_query("place", TOWN, _("Code of a district, town or village.")),
            in_query("state", "found", _("Only those in this state.")),
            in_query("is_past_deadline", False, _("Only those past their day."), OpenApiTypes.BOOL),
            in_query("limit", 50, _("How many a page, at most 200."), OpenApiTypes.INT),
            in_query("offset", 0, _("From which on."), OpenApiTypes.INT),
        ],
        responses={200: ProblemPageSerializer, 400: OpenApiResponse(OpenApiTypes.OBJECT, NOT_READ)},
    )
)(ProblemsView)
