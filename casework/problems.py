"""Record a problem and make its moves: with casework/problem_visits.py the only writers of problems and steps.

MOVES, beside the model, is the only list of legal moves; casework/problem_turns.py says whose move each one is.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import Level, Move, Problem, ProblemSource, ProblemStep
from casework.models.problems import LEVEL_OF_DIFFICULTY, LEVELS
from casework.problem_turns import can_record_problem, can_take_move
from households.models import HelperPairing, Household
from villages import audit
from villages.calendar import day_of, workdays_in
from villages.models import Cadre, Pairing, PartnerUnit, Posting, Village

AT_ONCE = 500  # problems that one run takes a level up
VERBS: dict[str, str] = {
    Move.ASSIGN: "problem.assigned",
    Move.PROGRESS: "problem.progressed",
    Move.SOLVE: "problem.solved",
    Move.VERIFY: "problem.verified",
    Move.CLOSE: "problem.closed",
    Move.RETURN: "problem.returned",
    Move.EXTEND: "problem.extended",
    Move.ESCALATE: "problem.escalated",
    Move.WITHDRAW: "problem.withdrawn",
}


def people_for(village_code: str, on: date) -> QuerySet[Cadre]:
    """Cadres a problem of the village can be given to: with a post over the village, or a helper in it."""
    posted = Posting.objects.in_force(on).covering(village_code).values("cadre")
    helping = HelperPairing.objects.in_force(on).filter(household__village=village_code).values("cadre")
    named = Cadre.objects.filter(Q(pk__in=posted) | Q(pk__in=helping), is_active=True)
    return named.order_by("name", "pk")


def units_for(village_code: str, on: date) -> QuerySet[PartnerUnit]:
    """Units a problem of the village can be given to: those paired with it."""
    paired = Pairing.objects.in_force(on).filter(village=village_code).values("unit")
    return PartnerUnit.objects.filter(pk__in=paired).order_by("name")


# Found --------------------------------------------------------------------------------------------


@transaction.atomic
def record_problem(
    *,
    problem_id: UUID,
    village: Village,
    household: Household | None,
    source: str,
    found_on: date,
    text: str,
    kind: str,
    difficulty: str,
    actor: Cadre,
    now: datetime,
) -> Problem:
    """Enter what was not found on a visit; the same form sent twice (same id) returns the first.

    Raises ValidationError by field and PermissionDenied.
    """
    on = day_of(now)
    if not can_record_problem(actor, village, household, on):
        raise PermissionDenied(_("This household or village is not one of yours."))
    if source == ProblemSource.VISIT:
        raise ValidationError({"source": _("What a visit finds is written down with the visit.")})
    if found_on > on:
        raise ValidationError({"found_on": _("This day is in the future. Choose today or an earlier day.")})
    known = Problem.objects.filter(pk=problem_id, found_by=actor).first()
    if known is not None:
        return known
    problem = Problem(
        id=problem_id,
        village=village,
        household=household,
        source=source,
        found_on=found_on,
        found_by=actor,
        recorded_at=now,
        text=" ".join(text.split()),
        kind=kind,
        difficulty=difficulty,
        level=LEVEL_OF_DIFFICULTY.get(difficulty, Level.VILLAGE),
    )
    problem.full_clean()
    problem.save(force_insert=True)
    changes = audit.difference({}, audit.snapshot(problem))
    audit.record(actor=actor, verb="problem.recorded", target=problem, village_id=problem.village_id, changes=changes)
    return problem


# Moves --------------------------------------------------------------------------------------------


@transaction.atomic
def assign_problem(
    *,
    problem_id: UUID,
    actor: Cadre,
    now: datetime,
    due_on: date,
    responsible: Cadre | None = None,
    unit: PartnerUnit | None = None,
    kind: str = "",
    difficulty: str = "",
    measure: str = "",
) -> Problem:
    """Give a problem to a cadre or a unit until a day. Raises IllegalMove, ValidationError, PermissionDenied."""
    problem = _locked(problem_id, actor, Move.ASSIGN, day_of(now))
    named = responsible or unit
    if named is None or (responsible and unit):
        raise ValidationError({"given_to": _("Choose one person or one unit.")})
    allowed: Any = people_for if responsible else units_for
    if not allowed(problem.village_id, day_of(now)).filter(pk=named.pk).exists():
        raise ValidationError({"given_to": _("Choose somebody who works in this village, or a unit paired with it.")})
    _require_later(due_on, day_of(now))
    difficulty = difficulty or problem.difficulty
    level = max(problem.level, LEVEL_OF_DIFFICULTY[difficulty], key=lambda one: LEVELS.index(Level(one)))
    changes = {
        "responsible": responsible,
        "unit": unit,
        "handed_on": day_of(now),
        "due_on": due_on,
        "kind": kind or problem.kind,
        "difficulty": difficulty,
        "level": level,
        "measure": measure.strip(),
    }
    told = {"responsible": responsible, "unit": unit, "due_on": due_on, "words": measure.strip()}
    return _take(problem, Move.ASSIGN, actor, now, changes, **told)


@transaction.atomic
def report_progress(*, problem_id: UUID, actor: Cadre, now: datetime, words: str) -> Problem:
    """Say how it goes on. Raises IllegalMove, ValidationError, PermissionDenied."""
    problem = _locked(problem_id, actor, Move.PROGRESS, day_of(now))
    return _take(problem, Move.PROGRESS, actor, now, {}, words=_required(words))


@transaction.atomic
def solve_problem(*, problem_id: UUID, actor: Cadre, now: datetime, solved_on: date, result: str) -> Problem:
    """Report a problem as solved; it waits for somebody else to verify it. Raises as the others do."""
    problem = _locked(problem_id, actor, Move.SOLVE, day_of(now))
    if solved_on > day_of(now):
        raise ValidationError({"solved_on": _("This day is in the future. Choose today or an earlier day.")})
    if solved_on < problem.found_on:
        day = date_format(problem.found_on)
        raise ValidationError(
            {"solved_on": _("It was found only on %(day)s. Choose that day or a later one.") % {"day": day}}
        )
    result = _required(result)
    changes: dict[str, Any] = {"solved_on": solved_on, "result": result, "solved_by": problem.responsible or actor}
    return _take(problem, Move.SOLVE, actor, now, changes, words=result)


@transaction.atomic
def verify_problem(*, problem_id: UUID, actor: Cadre, now: datetime, view: str, words: str = "") -> Problem:
    """Say that it is solved, having looked, and what the household says of it; never whoever solved it."""
    problem = _locked(problem_id, actor, Move.VERIFY, day_of(now))
    changes = {"view": view, "verified_on": day_of(now), "verified_by": actor}
    if not view:
        raise ValidationError({"view": _("Say what the household thinks of it, or that it was not asked.")})
    return _take(problem, Move.VERIFY, actor, now, changes, words=words.strip())


@transaction.atomic
def close_problem(*, problem_id: UUID, actor: Cadre, now: datetime, words: str = "") -> Problem:
    """Strike a verified problem off the ledger (销号). Raises IllegalMove from any other state."""
    problem = _locked(problem_id, actor, Move.CLOSE, day_of(now))
    return _take(problem, Move.CLOSE, actor, now, {"closed_on": day_of(now)}, words=words.strip())


@transaction.atomic
def return_problem(*, problem_id: UUID, actor: Cadre, now: datetime, words: str, due_on: date) -> Problem:
    """Send it back to whoever is to solve it, with a reason and a new deadline. Raises as the others do."""
    problem = _locked(problem_id, actor, Move.RETURN, day_of(now))
    _require_later(due_on, day_of(now))
    changes: dict[str, Any] = {
        **{"solved_on": None, "solved_by": None, "verified_on": None, "verified_by": None, "view": ""},
        **{"due_on": due_on, "handed_on": day_of(now)},
    }
    if problem.given_to is None:  # solved before anybody was named
        changes["responsible"] = problem.solved_by
    return _take(problem, Move.RETURN, actor, now, changes, words=_required(words), due_on=due_on)


@transaction.atomic
def extend_deadline(*, problem_id: UUID, actor: Cadre, now: datetime, words: str, due_on: date) -> Problem:
    """Give more time, with a reason. Raises as the others do."""
    problem = _locked(problem_id, actor, Move.EXTEND, day_of(now))
    _require_later(due_on, day_of(now))
    if problem.due_on and due_on <= problem.due_on:
        day = date_format(problem.due_on)
        raise ValidationError({"due_on": _("The deadline is %(day)s already. Choose a later day.") % {"day": day}})
    return _take(problem, Move.EXTEND, actor, now, {"due_on": due_on}, words=_required(words), due_on=due_on)


@transaction.atomic
def escalate_problem(*, problem_id: UUID, actor: Cadre, now: datetime, words: str) -> Problem:
    """Hand a problem one level up, with a reason. Raises as the others do."""
    problem = _locked(problem_id, actor, Move.ESCALATE, day_of(now))
    level = level_above(problem.level)
    changes = {"level": level, "escalated_on": day_of(now)}
    return _take(problem, Move.ESCALATE, actor, now, changes, words=_required(words), level=level)


@transaction.atomic
def withdraw_problem(*, problem_id: UUID, actor: Cadre, now: datetime, words: str) -> Problem:
    """Take back what was no problem, or was entered twice, with a reason. Raises as the others do."""
    problem = _locked(problem_id, actor, Move.WITHDRAW, day_of(now))
    return _take(problem, Move.WITHDRAW, actor, now, {"withdrawn_on": day_of(now)}, words=_required(words))


def level_above(level: str) -> Level:
    """The next level; the district's is the highest."""
    return LEVELS[min(LEVELS.index(Level(level)) + 1, len(LEVELS) - 1)]


def _locked(problem_id: UUID, actor: Cadre, move: str, on: date) -> Problem:
    """The problem as it is now, held for us. Raises DoesNotExist when hidden, PermissionDenied."""
    problem = Problem.objects.visible_to(actor, on).select_for_update(of=("self",)).get(pk=problem_id)
    if not can_take_move(actor, problem, move, on):
        if move == Move.VERIFY and problem.solved_by_id is not None:
            raise PermissionDenied(_("Whoever solved it cannot verify it. Ask somebody else."))
        raise PermissionDenied(_("This step is not yours to take."))
    return problem


def _take(
    problem: Problem, move: str, actor: Cadre | None, now: datetime, changes: dict[str, Any], **told: Any
) -> Problem:
    """Make the move and write its step; the same move with the same words by the same person is made once."""
    on = day_of(now)
    step = ProblemStep(problem=problem, move=move, actor=actor, taken_on=on, recorded_at=now, **told)
    if _is_repeated(step):
        return problem
    before = audit.snapshot(problem)
    step.due_before = problem.due_on if told.get("due_on") else None
    step.solved_before = problem.solved_on if move == Move.RETURN else None
    problem.move(move)
    for name, value in changes.items():
        setattr(problem, name, value)
    problem.full_clean(exclude=["village", "household", "visit", "found_by"])
    problem.save()
    step.full_clean(exclude=["problem", "actor", "responsible", "unit"])
    step.save(force_insert=True)
    difference = audit.difference(before, audit.snapshot(problem))
    audit.record(actor=actor, verb=VERBS[move], target=problem, village_id=problem.village_id, changes=difference)
    return problem


def _is_repeated(step: ProblemStep) -> bool:
    last = step.problem.steps.order_by("-pk").first()
    told = ("move", "actor_id", "taken_on", "words", "responsible_id", "unit_id", "due_on", "level")
    if last is None or last.move in {Move.ESCALATE}:
        return False
    return all(getattr(last, name) == getattr(step, name) for name in told)


def _required(words: str) -> str:
    if not words.strip():
        raise ValidationError({"words": _("Say it in a few words.")})
    return words.strip()


def _require_later(due_on: date, on: date) -> None:
    if due_on < on:
        raise ValidationError({"due_on": _("This day has passed. Choose today or a later day.")})


# By the sweep of each minute -----------------------------------------------------------------------


@transaction.atomic
def escalate_overdue(*, now: datetime) -> int:
    """Take problems past their deadline one level up, once per level. A second run finds nothing more to do.

    The first time on the day after the deadline, then after so many working days (PROBLEM_NEXT_LEVEL_WORKDAYS) at the
    level above. Returns how many were taken up.
    """
    on = day_of(now)
    overdue = Problem.objects.in_hand().filter(due_on__lt=on).exclude(level=Level.DISTRICT)
    ready = overdue.filter(Q(escalated_on=None) | Q(escalated_on__lt=_waited_since(on)))
    problems = list(ready.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    if not problems:
        return 0
    before = {problem.pk: audit.snapshot(problem) for problem in problems}
    for problem in problems:
        problem.move(Move.ESCALATE)
        problem.level, problem.escalated_on = level_above(problem.level), on
    Problem.objects.bulk_update(problems, ["level", "escalated_on"])
    ProblemStep.objects.bulk_create(
        ProblemStep(problem=problem, move=Move.ESCALATE, taken_on=on, recorded_at=now, level=problem.level)
        for problem in problems
    )
    rows = [(row, row.village_id, audit.difference(before[row.pk], audit.snapshot(row))) for row in problems]
    audit.record_changed(actor=None, verb=VERBS[Move.ESCALATE], rows=rows)
    return len(problems)


def _waited_since(on: date) -> date:
    """What was taken up before this day has had its working days since."""
    count = settings.PROBLEM_NEXT_LEVEL_WORKDAYS
    worked = workdays_in(on - timedelta(days=2 * count + 40), on - timedelta(days=1))
    return worked[-count] if count else on
