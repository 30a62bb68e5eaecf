"""What visits find enters the ledger with the visit, in its transaction, and follows the visit's corrections."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from casework.models import Move, Problem, ProblemSource, ProblemState, ProblemStep, Visit
from casework.report import VisitReport
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre
from villages.together import Statement, insert_of


def problem_of(visit: Visit, report: VisitReport) -> Problem:
    """The entry for what a visit found, not stored yet; its key is the visit's, so that there is never a second."""
    return Problem(
        id=visit.pk,
        visit=visit,
        village_id=visit.village_id,
        household_id=visit.household_id,
        source=ProblemSource.VISIT,
        found_on=visit.visited_on,
        found_by=report.visitors[0] if report.visitors else visit.entered_by,
        recorded_at=visit.received_at,
        text=visit.problem,
    )


def found_with(visit: Visit, report: VisitReport, actor: Cadre) -> Iterator[Statement]:
    """The inserts that go out with those of the visit; none for a visit that found no problem."""
    if report.problem:
        problem = problem_of(visit, report)
        yield insert_of(problem)
        yield insert_of(
            audit.entry(actor=actor, verb="problem.recorded", target=problem, village_id=problem.village_id)
        )


def follow_correction(visit: Visit, version: Visit, report: VisitReport, *, actor: Cadre, now: datetime) -> None:
    """Let the ledger follow a corrected or withdrawn visit, in its transaction.

    A problem that is no longer named is withdrawn while nobody works on it; otherwise it stays, and its history says
    so: somebody may be solving it. Costs nothing where neither version names one.
    """
    before, named = visit.problem, "" if version.is_withdrawn else version.problem
    if not before and not named:
        return
    first = first_version(visit)
    problem = Problem.objects.select_for_update(of=("self",)).filter(visit=first).first()
    if problem is None:
        if named:
            _find(first, version, report, actor)
    elif named:
        _reword(problem, version, report, actor, now, is_new=named != before)
    elif before:
        _unname(problem, actor, now)


def first_version(visit: Visit) -> Visit:
    """The version that was entered first: the ledger knows the visit by it."""
    while (earlier := Visit.objects.filter(superseded_by=visit).first()) is not None:
        visit = earlier
    return visit


def _find(first: Visit, version: Visit, report: VisitReport, actor: Cadre) -> None:
    problem = problem_of(version, report)
    problem.id, problem.visit = first.pk, first
    problem.save(force_insert=True)
    audit.record(actor=actor, verb="problem.recorded", target=problem, village_id=problem.village_id)


def _reword(
    problem: Problem, version: Visit, report: VisitReport, actor: Cadre, now: datetime, *, is_new: bool
) -> None:
    """The text, the day and the finder are the visit's; what was withdrawn is found again by a new text only."""
    is_withdrawn = problem.state == ProblemState.WITHDRAWN
    if is_withdrawn and not is_new:
        return
    found_on = min(version.visited_on, problem.solved_on or version.visited_on)
    changes: dict[str, Any] = {"text": version.problem, "found_on": found_on, "found_by": report.visitors[0]}
    changes["village_id"] = version.village_id
    if is_withdrawn:
        changes |= {"withdrawn_on": None, "responsible": None, "unit": None, "due_on": None, "handed_on": None}
    elif all(getattr(problem, name) == value for name, value in changes.items()):
        return
    words = problem.text if problem.text != version.problem else ""
    _follow(problem, Move.FIND_AGAIN if is_withdrawn else Move.REWORD, changes, words, actor, now)


def _unname(problem: Problem, actor: Cadre, now: datetime) -> None:
    if problem.state == ProblemState.WITHDRAWN:
        return
    if problem.state == ProblemState.FOUND:
        _follow(problem, Move.WITHDRAW, {"withdrawn_on": day_of(now)}, "", actor, now)
        return
    _follow(problem, Move.UNNAME, {}, "", actor, now)


def _follow(problem: Problem, move: str, changes: dict[str, Any], words: str, actor: Cadre, now: datetime) -> None:
    before, on = audit.snapshot(problem), day_of(now)
    due_before: date | None = problem.due_on if "due_on" in changes else None
    problem.move(move)
    for name, value in changes.items():
        setattr(problem, name, value)
    problem.save()
    ProblemStep.objects.create(
        problem=problem, move=move, actor=actor, taken_on=on, recorded_at=now, words=words, due_before=due_before
    )
    difference = audit.difference(before, audit.snapshot(problem))
    verb = f"problem.{'withdrawn' if move == Move.WITHDRAW else 'followed_visit'}"
    audit.record(actor=actor, verb=verb, target=problem, village_id=problem.village_id, changes=difference)
