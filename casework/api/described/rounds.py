"""The schema of rounds: which there are, how far one has come, and its figures."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from casework.api.coverage import CoverageView, ProgressView, RoundsView
from casework.api.described.counts import CountsSerializer
from casework.api.described.examples import NOT_FOUND, ROUND, TOWN, ProblemSerializer, in_path, in_query
from casework.models.rounds import RoundState

TAGS = ["rounds"]
THE_ROUND = in_path("id", ROUND, _("Number of the round."))


class RoundSerializer(serializers.Serializer):
    """A round of visits."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    place = serializers.CharField(help_text=_("Code of the district or town in which it is owed."))
    state = serializers.ChoiceField(choices=RoundState.choices)
    starts_on = serializers.DateField()
    due_on = serializers.DateField()


class CoverageRowSerializer(CountsSerializer):
    """One line: a place, a post, a unit or a class of households."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CoverageSerializer(serializers.Serializer):
    """The table of a round, in order of codes."""

    round = serializers.CharField()
    as_of = serializers.DateField()
    counted_at = serializers.DateTimeField(
        help_text=_("The moment the figures are of; a district's may be a minute old. Ask with anew=1 for newer ones.")
    )
    how_counted = serializers.CharField(
        help_text=_("One sentence from the round's own rule, in the language asked for.")
    )
    rows = CoverageRowSerializer(many=True)
    total = CountsSerializer()


class ProgressSerializer(serializers.Serializer):
    """How far the opening has come."""

    state = serializers.ChoiceField(choices=RoundState.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()


MISSING = OpenApiResponse(ProblemSerializer, NOT_FOUND)

extend_schema_view(
    get=extend_schema(
        operation_id="rounds_list",
        tags=TAGS,
        summary=_("List rounds"),
        description=_("The hundred latest in reach. Scope: read_coverage."),
        responses={200: RoundSerializer(many=True)},
    )
)(RoundsView)

extend_schema_view(
    get=extend_schema(
        operation_id="rounds_coverage",
        tags=TAGS,
        summary=_("Figures of a round"),
        description=_(
            "What share is done, as far as the asker reaches. By villages of the place, by post, by partner unit or by "
            "class of household, never by person. Scope: read_coverage."
        ),
        parameters=[
            THE_ROUND,
            in_query("on", "2026-10-15", _("As of which day; by default today."), OpenApiTypes.DATE),
            in_query("place", TOWN, _("Code of a district, town or village.")),
            in_query("by", "village", _("place, village, post, unit or class.")),
            in_query("anew", "1", _("Count anew, also where figures of the last minute are kept."), OpenApiTypes.BOOL),
        ],
        responses={200: CoverageSerializer, 404: MISSING},
    )
)(CoverageView)

extend_schema_view(
    get=extend_schema(
        operation_id="rounds_progress",
        tags=TAGS,
        summary=_("How far the opening of a round has come"),
        description=_("Steps done of all. Scope: read_coverage."),
        parameters=[THE_ROUND],
        responses={200: ProgressSerializer, 404: MISSING},
    )
)(ProgressView)
