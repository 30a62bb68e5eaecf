"""A round's progress and its coverage figures, as JSON."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, Counts
from casework.explained import how_counted
from casework.models import Round
from casework.splits import BY_CLASS, table_by
from villages.calendar import today
from villages.models import Scope

MOST_ROUNDS = 100


class AskedSerializer(serializers.Serializer):
    """What is asked of a round: as of which day, where, by what, and whether figures kept for a minute will do."""

    on = serializers.DateField(required=False)
    place = serializers.RegexField(r"^\d{6}(\d{3}){0,2}\Z", required=False, default="")
    by = serializers.ChoiceField(choices=[BY_PLACE, BY_VILLAGE, BY_POST, BY_UNIT, BY_CLASS], default=BY_PLACE)
    anew = serializers.BooleanField(default=False)


def as_json(counts: Counts) -> dict[str, Any]:
    """The counts and the rate (done / (total - excused), null when nothing is owed)."""
    return {**counts.as_dict(), "rate": counts.rate}


class RoundsView(APIView):
    """GET the rounds in reach, the latest first."""

    scopes = {"GET": Scope.READ_COVERAGE}

    def get(self, request: Request) -> Response:
        """The hundred latest: what they are called, where they are owed, and when."""
        rounds = Round.objects.visible_to(request.user, today()).order_by("-starts_on", "-pk")[:MOST_ROUNDS]
        return Response(
            [
                {
                    "id": round.pk,
                    "name": round.name,
                    "place": round.place_code,
                    "state": round.state,
                    "starts_on": round.starts_on,
                    "due_on": round.due_on,
                }
                for round in rounds
            ]
        )


class CoverageView(APIView):
    """GET the figures of a round for what the signed-in cadre may see."""

    scopes = {"GET": Scope.READ_COVERAGE}

    def get(self, request: Request, pk: int) -> Response:
        """Rows in order of codes, and their sum."""
        round = get_object_or_404(Round.objects.visible_to(request.user, today()), pk=pk)
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        on = asked.validated_data.get("on") or today()
        place_code = asked.validated_data["place"] or round.place_code
        by = asked.validated_data["by"]
        fresh = {"now": timezone.now(), "is_anew": asked.validated_data["anew"]}
        table = table_by(by, round, cadre=request.user, on=on, place_code=place_code, seen_on=today(), **fresh)
        rows = [{"key": row.key, "label": row.label, **as_json(row.counts)} for row in table.rows]
        return Response(
            {
                "round": round.name,
                "as_of": table.as_of,
                "counted_at": table.counted_at or timezone.now(),
                "how_counted": how_counted(round),
                "rows": rows,
                "total": as_json(table.total),
            }
        )


class ProgressView(APIView):
    """GET how far the opening of a round has come."""

    scopes = {"GET": Scope.READ_COVERAGE}

    def get(self, request: Request, pk: int) -> Response:
        """State, and steps done of steps in all."""
        round = get_object_or_404(Round.objects.visible_to(request.user, today()), pk=pk)
        return Response({"state": round.state, "done": round.steps_done, "total": round.steps_total})
