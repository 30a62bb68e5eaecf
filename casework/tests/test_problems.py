"""The ledger: what visits find, the moves and whose they are, and the levels a problem climbs."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from casework.corrections import correct_visit
from casework.held import accept_held
from casework.models import Difficulty, HeldVisit, Level, Move, Problem, ProblemKind, ProblemSource, ProblemState, View
from casework.models.problems import MOVES
from casework.problem_figures import handed_over, past_deadline_lines, problem_counts, problems_between
from casework.problem_turns import moves_of, waiting_for
from casework.problems import (
    assign_problem,
    close_problem,
    escalate_overdue,
    escalate_problem,
    extend_deadline,
    record_problem,
    report_progress,
    return_problem,
    solve_problem,
    verify_problem,
    withdraw_problem,
)
from casework.sync import receive
from casework.tests.ledger_scene import LedgerScene
from casework.tests.sealed_visit import sealed
from casework.tests.world import TODAY, at
from households.models.monitoring import IllegalMove
from villages.models import AuditEntry, Post

pytestmark = pytest.mark.django_db
core = pytest.mark.core
NOW = at(TODAY)


@pytest.fixture
def scene() -> LedgerScene:
    return LedgerScene()


# From visits ----------------------------------------------------------------------------------


@core
def test_a_visit_that_finds_a_problem_enters_it_once(scene: LedgerScene) -> None:
    report = scene.report(problem="没有水")
    for _time in range(2):
        scene.world.visit(scene.household, report.visited_on, scene.helper, id=report.id, problem="没有水")

    entry = Problem.objects.get(pk=report.id)
    assert (entry.text, entry.household, entry.village) == ("没有水", scene.household, scene.world.village)
    assert (entry.state, entry.found_by, entry.found_on) == (ProblemState.FOUND, scene.helper, report.visited_on)
    assert Problem.objects.count() == 2


@core
def test_the_entry_follows_the_corrections_of_its_visit(scene: LedgerScene) -> None:
    second = scene.correct(scene.visit, problem="厨房屋顶漏雨")
    assert (scene.problem.text, scene.problem.state) == ("厨房屋顶漏雨", ProblemState.FOUND)

    third = scene.correct(second, problem="")
    assert scene.problem.state == ProblemState.WITHDRAWN

    fourth = scene.correct(third, note="还是漏")
    fifth = scene.correct(fourth, problem="又漏了")
    assert (scene.problem.text, scene.problem.state) == ("又漏了", ProblemState.FOUND)

    scene.correct(fifth, withdraw=True, problem="又漏了")
    assert scene.problem.state == ProblemState.WITHDRAWN
    assert [step.move for step in scene.problem.steps.all()] == [
        *(Move.REWORD, Move.WITHDRAW, Move.FIND_AGAIN, Move.WITHDRAW),
    ]
    assert Problem.objects.count() == 1


def test_what_somebody_works_on_stays_when_the_visit_no_longer_names_it(scene: LedgerScene) -> None:
    scene.assign()

    scene.correct(scene.visit, problem="")

    assert scene.problem.state == ProblemState.ASSIGNED
    assert scene.problem.steps.order_by("pk").last().move == Move.UNNAME


def test_a_problem_named_first_in_a_correction_is_entered(scene: LedgerScene) -> None:
    visit = scene.world.visit(scene.household, TODAY - timedelta(days=1), scene.helper)
    report = scene.world.report(scene.household, visit.visited_on, scene.helper, problem="没有水")

    correct_visit(visit, report, actor=scene.helper, now=NOW, reason="漏写")

    assert Problem.objects.get(visit=visit).text == "没有水"


def test_what_a_phone_sends_and_the_office_lets_in_is_entered_once(scene: LedgerScene) -> None:
    home = scene.world.household("别村户", scene.world.foreign)
    office = scene.world.post("邻镇督查", Post.SUPERVISOR, scene.world.other_town)
    sent = [sealed(scene.household, TODAY, scene.helper, problem="没有水")]
    sent += [sealed(home, TODAY, scene.helper, problem="没有路")]
    for _time in range(2):
        receive(sent, sender=scene.helper, now=NOW)
    accept_held(held_id=HeldVisit.objects.get().pk, actor=office, now=NOW, words="确有其事")

    entered = Problem.objects.exclude(visit=scene.visit).order_by("text")
    assert {(str(problem.pk), problem.text, problem.found_by) for problem in entered} == {
        (visit["id"], visit["problem"], scene.helper) for visit in sent
    }


# The way --------------------------------------------------------------------------------------


@core
def test_a_problem_goes_its_whole_way(scene: LedgerScene) -> None:
    scene.assign()
    report_progress(**scene.by(scene.helper), words="瓦已买")
    scene.solve()
    verify_problem(**scene.by(scene.secretary), view=View.SATISFIED)
    closed = close_problem(**scene.by(scene.chief))

    assert (closed.state, closed.closed_on, closed.verified_by) == (ProblemState.CLOSED, TODAY, scene.secretary)
    assert [step.move for step in closed.steps.all()] == [
        *(Move.ASSIGN, Move.PROGRESS, Move.SOLVE, Move.VERIFY, Move.CLOSE),
    ]
    verbs = AuditEntry.objects.filter(target_id=str(closed.pk), target_type="casework.Problem").order_by("pk")
    assert [entry.verb.partition(".")[2] for entry in verbs] == [
        *("recorded", "assigned", "progressed", "solved", "verified", "closed"),
    ]


def test_a_form_sent_twice_makes_one_step(scene: LedgerScene) -> None:
    scene.assign()
    scene.assign()
    for _time in range(2):
        report_progress(**scene.by(scene.helper), words="瓦已买")

    assert scene.problem.steps.count() == 2


@core
def test_whoever_solved_it_cannot_verify_it(scene: LedgerScene) -> None:
    assign_problem(**scene.by(scene.chief), due_on=TODAY, responsible=scene.secretary)
    solve_problem(**scene.by(scene.chief), solved_on=TODAY, result="换了瓦")  # typed in for the secretary

    for solver in (scene.secretary, scene.chief):
        with pytest.raises(PermissionDenied):
            verify_problem(**scene.by(solver), view=View.SATISFIED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.filter(pk=scene.visit.pk).update(
            state=ProblemState.VERIFIED, verified_by=scene.secretary, verified_on=TODAY
        )

    assert verify_problem(**scene.by(scene.town), view=View.PARTLY).verified_by == scene.town


def test_a_solution_that_is_none_goes_back_with_a_new_deadline(scene: LedgerScene) -> None:
    scene.assign()
    scene.solve()

    returned = return_problem(**scene.by(scene.chief), words="还漏", due_on=TODAY + timedelta(days=5))

    assert (returned.state, returned.solved_on, returned.solved_by) == (ProblemState.RETURNED, None, None)
    assert (returned.due_on, returned.given_to) == (TODAY + timedelta(days=5), scene.helper)


def test_a_unit_paired_with_the_village_can_be_given_it_and_its_leader_reports(scene: LedgerScene) -> None:
    unit = scene.world.unit("区档案馆", scene.world.village)
    leader = scene.world.post("单位负责人", Post.UNIT_LEADER, unit)
    assign_problem(**scene.by(scene.chief), due_on=TODAY, unit=unit)

    assert list(Problem.objects.handed_to(leader, TODAY)) == [scene.problem]
    assert solve_problem(**scene.by(leader), solved_on=TODAY, result="换了瓦").solved_by == leader


@pytest.mark.parametrize(
    ("who", "moves"),
    [
        ("helper", [Move.SOLVE, Move.WITHDRAW]),  # has found it
        ("chief", [Move.ASSIGN, Move.SOLVE, Move.ESCALATE, Move.WITHDRAW]),
        ("town", [Move.ASSIGN, Move.SOLVE, Move.ESCALATE, Move.WITHDRAW]),
    ],
)
def test_each_is_offered_the_moves_that_are_theirs(scene: LedgerScene, who: str, moves: list[Move]) -> None:
    assert moves_of(getattr(scene, who), scene.problem, TODAY) == moves


@core
def test_the_next_village_sees_nothing_and_may_nothing(scene: LedgerScene) -> None:
    assert list(Problem.objects.visible_to(scene.neighbour, TODAY)) == []
    with pytest.raises(Problem.DoesNotExist):
        assign_problem(**scene.by(scene.neighbour), due_on=TODAY, responsible=scene.helper)
    with pytest.raises(ValidationError):  # who does not work in the village is given nothing
        assign_problem(**scene.by(scene.chief), due_on=TODAY, responsible=scene.neighbour)


def test_a_move_out_of_its_time_is_refused(scene: LedgerScene) -> None:
    with pytest.raises(IllegalMove):
        close_problem(**scene.by(scene.chief))
    with pytest.raises(IllegalMove):
        extend_deadline(**scene.by(scene.chief), words="下雨", due_on=TODAY + timedelta(days=30))


def test_what_a_move_lacks_is_said(scene: LedgerScene) -> None:
    with pytest.raises(ValidationError, match="due_on"):
        assign_problem(**scene.by(scene.chief), due_on=TODAY - timedelta(days=1), responsible=scene.helper)
    scene.assign()
    with pytest.raises(ValidationError, match="words"):
        report_progress(**scene.by(scene.helper), words=" ")
    with pytest.raises(ValidationError, match="solved_on"):
        solve_problem(**scene.by(scene.helper), solved_on=TODAY - timedelta(days=9), result="换了瓦")
    with pytest.raises(ValidationError, match="due_on"):
        extend_deadline(**scene.by(scene.chief), words="下雨", due_on=TODAY + timedelta(days=1))


def test_every_state_but_the_last_two_leads_on() -> None:
    dead = [state for state in ProblemState if not any(state in froms for froms, _to in MOVES.values())]
    ended = [state for state in ProblemState if all(state not in froms or not to for froms, to in MOVES.values())]

    assert dead == []
    assert ended == [ProblemState.CLOSED]


@core
def test_a_problem_of_a_talk_is_entered_by_whoever_sees_the_village(scene: LedgerScene) -> None:
    facts: dict[str, Any] = {
        **{"problem_id": uuid.uuid4(), "village": scene.world.village, "household": None, "found_on": TODAY},
        **{"text": "路灯不亮", "kind": ProblemKind.ROADS, "difficulty": Difficulty.TOWN, "now": NOW},
    }
    for _time in range(2):
        entered = record_problem(**facts, source=ProblemSource.TALK, actor=scene.chief)

    assert (entered.level, Problem.objects.count()) == (Level.TOWN, 2)
    with pytest.raises(PermissionDenied):
        record_problem(**facts, source=ProblemSource.TALK, actor=scene.neighbour)
    with pytest.raises(ValidationError):
        record_problem(**facts, source=ProblemSource.VISIT, actor=scene.chief)


# Levels and deadlines -------------------------------------------------------------------------


@core
def test_an_overdue_problem_climbs_once_per_level(scene: LedgerScene) -> None:
    scene.assign(days=1)
    due = TODAY + timedelta(days=1)  # a Friday
    climbed: dict[str, date] = {}

    for number in range(30):
        day = due + timedelta(days=number)
        escalate_overdue(now=at(day))
        escalate_overdue(now=at(day, minute=1))
        climbed[scene.problem.level] = climbed.get(scene.problem.level, day)

    # Five working days at the town's level: Monday to Friday; the weekend counts for none.
    assert climbed == {
        Level.VILLAGE: due,
        Level.TOWN: due + timedelta(days=1),
        Level.DISTRICT: due + timedelta(days=8),
    }
    assert [step.actor for step in scene.problem.steps.filter(move=Move.ESCALATE)] == [None, None]


def test_a_sweep_with_nothing_overdue_looks_for_problems_once(
    scene: LedgerScene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.assign()

    with django_assert_num_queries(4):  # the working days, the problems, and two for the savepoint or transaction
        escalate_overdue(now=NOW)


def test_above_the_village_the_village_no_longer_decides(scene: LedgerScene) -> None:
    escalate_problem(**scene.by(scene.chief), words="村里修不了")

    assert moves_of(scene.secretary, scene.problem, TODAY) == []
    assert list(waiting_for(scene.town, TODAY)) == [scene.problem]
    assert list(waiting_for(scene.secretary, TODAY)) == []


@core
def test_any_past_day_can_be_told(scene: LedgerScene) -> None:
    scene.assign(on=date(2026, 10, 13), days=1)
    extend_deadline(**scene.by(scene.chief, date(2026, 10, 16)), words="下雨", due_on=date(2026, 10, 20))
    scene.solve(on=date(2026, 10, 18))
    return_problem(**scene.by(scene.chief, date(2026, 10, 22)), words="还漏", due_on=date(2026, 10, 24))
    scene.solve(on=date(2026, 10, 26))
    verify_problem(**scene.by(scene.chief, date(2026, 10, 27)), view=View.SATISFIED)
    close_problem(**scene.by(scene.chief, date(2026, 10, 28)))

    def days(which: str) -> list[int]:
        told = (date(2026, 10, number) for number in range(11, 31))
        return [day.day for day in told if getattr(Problem.objects.all(), which)(day).exists()]

    assert days("open") == [*range(12, 28)]
    assert days("past_deadline") == [15, 25]
    assert days("unsolved") == [*range(12, 18), *range(22, 26)]


# What others ask ------------------------------------------------------------------------------


@core
def test_counts_by_village_take_one_query(
    scene: LedgerScene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.assign(days=0)
    scene.world.visit(scene.world.sibling, TODAY, scene.neighbour, problem="路断了")

    with django_assert_num_queries(1):
        counts = problem_counts(scene.district, TODAY + timedelta(days=1), "360704")

    assert counts == {scene.world.village.pk: (1, 1), scene.world.sibling.pk: (1, 0)}
    assert set(problem_counts(scene.neighbour, TODAY, "360704")) == {scene.world.sibling.pk}


@core
def test_found_and_solved_are_told_by_the_finders_post(
    scene: LedgerScene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.solve()
    scene.world.visit(scene.world.village, TODAY, scene.secretary, problem="路断了")
    first, last = TODAY - timedelta(days=1), TODAY

    with django_assert_num_queries(1):
        rows = problems_between(scene.district, first, last, "360704", on=TODAY)

    code = scene.world.village.pk
    assert rows == [(code, Post.HELPER, 0, 1), (code, Post.VILLAGE_SECRETARY, 1, 0)]


def test_hand_overs_and_passed_deadlines_come_as_lines(scene: LedgerScene) -> None:
    scene.assign(days=0)
    later = TODAY + timedelta(days=1)

    [told] = handed_over([scene.helper.pk, scene.chief.pk], TODAY, since=TODAY)[scene.helper.pk]
    lines = past_deadline_lines(["360704101", scene.world.sibling.pk], later)

    assert (told.text, told.name, told.due_on) == ("屋顶漏雨", "户主", TODAY)
    assert handed_over([scene.helper.pk], later, since=later) == {}
    assert {code: [line.text for line in found] for code, found in lines.items()} == {"360704101": ["屋顶漏雨"]}


def test_a_withdrawn_entry_is_open_no_more(scene: LedgerScene) -> None:
    withdraw_problem(**scene.by(scene.helper), words="写重了")

    assert list(Problem.objects.open(TODAY)) == []
    assert [problem.pk for problem in Problem.objects.open(TODAY - timedelta(days=1))] == [scene.visit.pk]
