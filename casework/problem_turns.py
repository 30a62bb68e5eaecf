"""Whose turn it is with a problem, and who may do what with it.

The level a problem stands at decides: the posts of the village, the town's or the district's office give it out, move
its deadline, verify and close it, and those above may do what those below may. Whom it was given to reports on it.
"""

from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from casework.models import Level, Move, Problem, ProblemState
from casework.models.problems import IN_HAND, LEVELS, ProblemQuerySet
from households.models import Household
from households.turns import SEATS
from villages import reach
from villages.models import Cadre, Village

# What the level's posts and those above do, and what is done by whom it was given to, too.
OF_THE_LEVEL = frozenset({Move.ASSIGN, Move.VERIFY, Move.CLOSE, Move.RETURN, Move.EXTEND, Move.ESCALATE, Move.WITHDRAW})
OF_THE_RESPONSIBLE = frozenset({Move.PROGRESS, Move.SOLVE})
# What a person does, in the order a page offers it; the other moves follow from corrected visits.
BY_HAND = (
    *(Move.PROGRESS, Move.SOLVE, Move.VERIFY, Move.CLOSE, Move.RETURN, Move.EXTEND, Move.ASSIGN),
    *(Move.ESCALATE, Move.WITHDRAW),
)
WHEN_FOUND = (Move.ASSIGN, *(move for move in BY_HAND if move != Move.ASSIGN))
WAITS_FOR_LEVEL: dict[str, Any] = {
    Level.VILLAGE: _("the posts of the village"),
    Level.TOWN: _("the town: its Party Secretary, supervisor or clerk"),
    Level.DISTRICT: _("the district's office"),
}
WAITS_TO: dict[str, Any] = {
    ProblemState.FOUND: _("to say who solves it, and until when"),
    ProblemState.ASSIGNED: _("to solve it"),
    ProblemState.IN_PROGRESS: _("to solve it"),
    ProblemState.RETURNED: _("to solve it once more"),
    ProblemState.DONE: _("to see that it is solved; not whoever solved it"),
    ProblemState.VERIFIED: _("to close it"),
}


def levels_of(cadre: Cadre, village_code: str, on: date) -> frozenset[str]:
    """The levels for which the cadre acts in the village on that day. One query."""
    if cadre.is_superuser:
        return frozenset(LEVELS)
    held = set(reach.own_postings(cadre, on).order_by().values_list("post", "place_code"))
    return frozenset(
        level
        for level, (posts, digits) in SEATS.items()
        if any(place == village_code[:digits] and post in posts for post, place in held)
    )


def can_record_problem(cadre: Cadre, village: Village, household: Household | None, on: date) -> bool:
    """Whoever sees the village, or the household, may write down what was found there."""
    if household is not None:
        seen = Household.objects.visible_to(cadre, on).filter(pk=household.pk, village=village).exists()
        return bool(seen)
    return bool(Village.objects.visible_to(cadre, on).filter(pk=village.pk).exists())


def can_take_move(cadre: Cadre, problem: Problem, move: str, on: date) -> bool:
    """Whether the move is for the cadre to make; whether it is its time, MOVES says."""
    return move in _moves_for(cadre, problem, on)


def moves_of(cadre: Cadre, problem: Problem, on: date) -> list[Move]:
    """What the cadre can do with the problem now, in the order a page offers it. Two or three queries."""
    if problem.state in {ProblemState.CLOSED, ProblemState.WITHDRAWN}:
        return []
    mine = _moves_for(cadre, problem, on)
    order = WHEN_FOUND if problem.state == ProblemState.FOUND else BY_HAND
    return [move for move in order if move in mine and problem.can_move(move)]


def _moves_for(cadre: Cadre, problem: Problem, on: date) -> set[str]:
    is_of_level = acts_for_level(levels_of(cadre, problem.village_id, on), problem.level)
    moves: set[str] = set()
    if is_of_level:
        moves |= OF_THE_LEVEL | OF_THE_RESPONSIBLE
    if problem.level == LEVELS[-1]:
        moves -= {Move.ESCALATE}
    if is_responsible(cadre, problem, on):
        moves |= OF_THE_RESPONSIBLE
    if problem.state == ProblemState.FOUND and problem.found_by_id == cadre.pk:
        moves |= {Move.SOLVE, Move.WITHDRAW}
    if cadre.pk in solvers_of(problem):
        moves -= {Move.VERIFY}
    return moves


def acts_for_level(levels: frozenset[str], level: str) -> bool:
    """Whether one of the levels is that one or stands above it."""
    return any(LEVELS.index(Level(one)) >= LEVELS.index(Level(level)) for one in levels)


def is_responsible(cadre: Cadre, problem: Problem, on: date) -> bool:
    """Whether the problem was given to the cadre, or to a unit the cadre leads."""
    if problem.responsible_id == cadre.pk:
        return True
    return problem.unit_id is not None and reach.own_postings(cadre, on).filter(unit=problem.unit_id).exists()


def solvers_of(problem: Problem) -> set[int | None]:
    """Who solved it: whom it was given to, and who reported it as solved. None of them verifies it."""
    if problem.state != ProblemState.DONE:
        return set()
    reported = problem.steps.filter(move=Move.SOLVE).order_by("-pk").values_list("actor", flat=True).first()
    return {problem.solved_by_id, problem.responsible_id, reported} - {None}


# Many problems at once ----------------------------------------------------------------------------


def waiting_for(cadre: Cadre, on: date) -> ProblemQuerySet:
    """Problems that wait for the cadre: handed to them, or to be given out, verified or closed by their own level.

    One branch a level, joined by UNION: an OR over them would make the database read every problem.
    """
    handed = Problem.objects.handed_to(cadre, on).order_by().values("pk")
    deciding = (_at_level(level, cadre, on).values("pk") for level in SEATS)
    return Problem.objects.filter(pk__in=handed.union(*deciding))


def _at_level(level: str, cadre: Cadre, on: date) -> ProblemQuerySet:
    posts, digits = SEATS[level]
    mine = reach.own_postings(cadre, on).filter(post__in=posts).order_by()
    placed = Problem.objects.filter(_to_decide(cadre), level=level).annotate(_place=Left("village_id", digits))
    return placed.filter(_place__in=mine.values("place_code")).order_by()


def _to_decide(cadre: Cadre) -> Q:
    """What a level decides, except verifying what the cadre has solved."""
    decided = [ProblemState.FOUND, ProblemState.DONE, ProblemState.VERIFIED]
    own = Q(state=ProblemState.DONE) & (Q(solved_by=cadre) | Q(responsible=cadre))
    return Q(state__in=decided) & ~own


def whose_turn(problem: Problem) -> str:
    """Who must act now, in words; empty when the problem has ended."""
    if problem.state in IN_HAND:
        return str(problem.given_to)
    if problem.state in WAITS_TO:
        return str(WAITS_FOR_LEVEL[problem.level])
    return ""
