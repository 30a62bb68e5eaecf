"""Problems as pages show them: in lists, at a household's door, in a village; who must act, until when."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from casework.models import Problem
from casework.models.problems import UNSOLVED
from casework.problem_turns import whose_turn
from casework.templatetags.days import days_left, short_day
from households.words import in_words
from villages.models import Cadre, PartnerUnit
from villages.prepared_rows import PreparedRows, Rows, known
from villages.ways import way_to

MOST_AT_THE_DOOR = 10
# Places by their code, in a place what is due first.
BY_PLACE = ("village", F("due_on").asc(nulls_last=True), "-found_on", "pk")

SHOWN = (
    *("text", "state", "level", "due_on", "found_on"),
    *("village__name", "village__town__name", "household__head_name", "responsible__name", "unit__name"),
)


class ProblemRow(NamedTuple):
    """A problem in a list; whoever must act may be empty. Where it is late, its state stands aside."""

    address: str
    problem: str
    name: str
    place: str
    state: str
    late: str
    state_aside: str
    to_act: str
    found: str


def problem_rows(problems: Iterable[Problem], on: date) -> list[ProblemRow]:
    """Problems, each with whoever must act and until when; read with `names_alone`."""
    return [_row(problem, on) for problem in problems]


def with_names(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    """Read with whatever a row shows."""
    return problems.select_related("village__town", "household", "responsible", "unit")


def names_alone(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    """Read with nothing but what a row shows: files of households and texts of problems are long."""
    return with_names(problems).only(*SHOWN)


def is_late(problem: Problem, on: date) -> bool:
    """Whether its deadline has passed and nobody has reported it as solved."""
    return problem.state in UNSOLVED and problem.due_on is not None and problem.due_on < on


def _row(problem: Problem, on: date) -> ProblemRow:
    told = _told(problem, on)
    turn, late, state = told.pop("turn"), told["late"], told.pop("state")
    return ProblemRow(
        **told,
        name=problem.household.head_name if problem.household else problem.village.short_name,
        place=f"{problem.village.town} {problem.village.short_name}",
        state="" if late else state,
        state_aside=state if late else "",
        to_act=_("to act: %(turn)s") % {"turn": turn} if turn else "",
    )


def _told(problem: Problem, on: date) -> dict[str, Any]:
    turn, due = whose_turn(problem), ""
    if problem.state in UNSOLVED and problem.due_on:
        due = _("until %(day)s") % {"day": short_day(problem.due_on, on)}
    return {
        "address": way_to("problem", problem.pk),
        "problem": problem.text,
        "state": in_words(problem, "state"),
        "late": days_left(problem.due_on, on) if problem.due_on and is_late(problem, on) else "",
        "turn": " · ".join(part for part in (turn, due) if part),
        "found": _("found on %(day)s") % {"day": short_day(problem.found_on, on)},
    }


# At a household's door ------------------------------------------------------------------------


class DoorRow(NamedTuple):
    """An open problem of the household."""

    address: str
    problem: str
    state: str
    late: str
    turn: str
    found: str


def _open_problems(household: int, on: date) -> QuerySet[Any]:
    return Problem.objects.filter(household=household).open(on).order_by("-found_on", "pk")[:MOST_AT_THE_DOOR]


OPEN_PROBLEMS = PreparedRows(Problem, _open_problems, "responsible__name", "unit__name")


def problems_from(rows: Rows) -> list[Problem]:
    """The problems by what the query OPEN_PROBLEMS has found."""
    problems = []
    for problem, (person, unit) in rows:
        if person is not None:
            problem.responsible = known(Cadre, ("id", "name"), (problem.responsible_id, person))
        if unit is not None:
            problem.unit = known(PartnerUnit, ("id", "name"), (problem.unit_id, unit))
        problems.append(problem)
    return problems


def door_rows(problems: Iterable[Problem], on: date) -> list[DoorRow]:
    """The open problems of a household, the latest first; of each how it was found, and when."""
    rows = [(DoorRow(**_told(problem, on)), in_words(problem, "source")) for problem in problems]
    return [row._replace(found=f"{source} · {row.found}") for row, source in rows]


class PaperRow(NamedTuple):
    """An open problem of the household on paper."""

    problem: str
    state: str
    turn: str
    due_on: date | None
    source: str
    found_on: date


def paper_rows(problems: Iterable[Problem]) -> list[PaperRow]:
    """The same, with days as paper has them."""
    return [
        PaperRow(
            problem=problem.text,
            state=in_words(problem, "state"),
            turn=whose_turn(problem),
            due_on=problem.due_on if problem.state in UNSOLVED else None,
            source=in_words(problem, "source"),
            found_on=problem.found_on,
        )
        for problem in problems
    ]
