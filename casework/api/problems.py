"""The problem ledger as JSON, to read: where each problem stands and how much time it has."""

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casework.models import Problem, ProblemState
from casework.problem_rows import is_late
from villages.calendar import today
from villages.models import Integration, Scope


class ProblemPages(LimitOffsetPagination):
    """Fifty problems at a time."""

    default_limit, max_limit = 50, 200


class ProblemQuerySerializer(serializers.Serializer):
    """Which problems are asked for; without a state the open ones."""

    state = serializers.ChoiceField(choices=ProblemState.choices, required=False)
    place = serializers.RegexField(r"^\d{6}(\d{3}){0,2}\Z", required=False)
    is_past_deadline = serializers.BooleanField(required=False, default=False)


class ProblemsView(APIView):
    """GET the problems in reach, in order of places. What was written of them may speak of anybody's health: a
    program gets no free text and no names.
    """

    scopes = {"GET": Scope.READ_PROBLEMS}

    def get(self, request: Request) -> Response:
        """A page of problems."""
        asked = ProblemQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        on, wanted = today(), asked.validated_data
        problems = Problem.objects.visible_to(request.user, on)
        problems = problems.filter(state=wanted["state"]) if "state" in wanted else problems.open(on)
        if "place" in wanted:
            problems = problems.within(wanted["place"])
        if wanted["is_past_deadline"]:
            problems = problems.past_deadline(on)
        pages = ProblemPages()
        rows = problems.select_related("household", "responsible", "unit").order_by("village", "found_on", "pk")
        page = pages.paginate_queryset(rows, request, view=self) or []
        is_program = isinstance(request.auth, Integration)
        return pages.get_paginated_response([in_short(problem, on, is_program=is_program) for problem in page])


def in_short(problem: Problem, on: Any, *, is_program: bool) -> dict[str, Any]:
    """A problem in a list; `text` and `responsible` only for people who are signed in."""
    return {
        "id": problem.pk,
        "village": problem.village_id,
        "household": problem.household_id,
        "household_number": problem.household.number if problem.household else None,
        "source": problem.source,
        "visit": problem.visit_id,
        "found_on": problem.found_on,
        "class": problem.kind,
        "difficulty": problem.difficulty,
        "level": problem.level,
        "state": problem.state,
        "text": None if is_program else problem.text,
        "responsible": None if is_program or problem.responsible is None else problem.responsible.name,
        "unit": problem.unit.name if problem.unit else None,
        "due_on": problem.due_on,
        "is_past_deadline": is_late(problem, on),
        "solved_on": problem.solved_on,
        "view": problem.view,
        "verified_on": problem.verified_on,
        "closed_on": problem.closed_on,
    }
