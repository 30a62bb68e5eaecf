"""Tests of closed rounds: closing figures stand, today's are beside them, every difference has a name and a reason."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.corrections import correct_visit
from casework.coverage import BY_PLACE
from casework.models import ClosingFigure, Duty, Round, State, TargetKind
from casework.restated import Why, both_figures, changed_since_closing, told
from casework.rounds import close_round
from casework.tests.world import World, at
from households.models import HelperPairing
from households.pairings import remove_helper_pairing
from households.residence import save_household
from villages.models import Cadre, Post, Posting
from villages.postings import save_posting

pytestmark = pytest.mark.django_db

CLOSED_ON = date(2026, 11, 3)
LATER = date(2026, 11, 20)


def closed(round: Round, supervisor: Cadre) -> Round:
    with time_machine.travel(at(CLOSED_ON), tick=False):
        return close_round(round=round, actor=supervisor, on=CLOSED_ON)


def reasons(round: Round, supervisor: Cadre) -> list[tuple[str, str, str, Why]]:
    """Name, state at closing, state now, and why, of everything that has changed."""
    changed = list(changed_since_closing(round, cadre=supervisor, on=LATER))
    return [
        (row.duty.household.head_name, row.duty.closing_state, row.duty.state, row.why)  # type: ignore[attr-defined]
        for row in told(changed, round)
    ]


def test_a_visit_entered_after_closing_is_a_late_entry(world: World, supervisor: Cadre, chief: Cadre) -> None:
    household = world.household("补录户")
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)

    world.visit(household, date(2026, 10, 8), chief, now=at(LATER))

    assert reasons(round, supervisor) == [("补录户", State.OVERDUE, State.DONE, Why.LATE)]


def test_a_corrected_and_a_withdrawn_visit_are_told_apart(world: World, supervisor: Cadre, chief: Cadre) -> None:
    corrected, withdrawn = world.household("更正户"), world.household("撤回户")
    visits = {household: world.visit(household, date(2026, 10, 8), chief) for household in (corrected, withdrawn)}
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)
    fields = {"actor": chief, "now": at(LATER), "reason": "写错了"}

    report = world.report(corrected, date(2026, 10, 8), chief, outcome="nobody_home")
    correct_visit(visits[corrected], report, **fields)
    correct_visit(visits[withdrawn], world.report(withdrawn, date(2026, 10, 8), chief), withdraw=True, **fields)

    assert reasons(round, supervisor) == [
        ("更正户", State.DONE, State.OVERDUE, Why.CORRECTED),
        ("撤回户", State.DONE, State.OVERDUE, Why.WITHDRAWN),
    ]


def test_a_posting_corrected_after_closing_is_named(world: World, supervisor: Cadre, chief: Cadre) -> None:
    world.household("空岗户")
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)
    posting = Posting.objects.get(cadre=chief)
    posting.ends_on = date(2026, 10, 2)

    with time_machine.travel(at(LATER), tick=False):
        save_posting(posting, actor=None, on=LATER, reason="调走日期更正")

    assert reasons(round, supervisor) == [("空岗户", State.OVERDUE, State.VACANT, Why.POSTING)]
    [row] = told(list(changed_since_closing(round, cadre=supervisor, on=LATER)), round)
    assert row.reason == "调走日期更正"


def test_a_pairing_taken_back_after_closing_is_named(world: World, supervisor: Cadre) -> None:
    household = world.household("结对户")
    helper = world.help("帮扶", household)
    round = closed(world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD), supervisor)

    with time_machine.travel(at(LATER), tick=False):
        pairing = HelperPairing.objects.get(cadre=helper)
        remove_helper_pairing(pairing=pairing, actor=None, on=LATER, reason="结错了")

    assert reasons(round, supervisor) == [("结对户", State.OVERDUE, State.VACANT, Why.POSTING)]


def test_a_departure_entered_after_closing_is_named(world: World, supervisor: Cadre, chief: Cadre) -> None:
    household = world.household("迁出户")
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)

    household.left_on = date(2026, 10, 20)
    save_household(household, actor=None, on=LATER)

    assert reasons(round, supervisor) == [("迁出户", State.OVERDUE, State.EXCUSED, Why.MOVED)]


def test_both_figures_stand_beside_each_other_and_differ_by_as_many_as_are_named(
    world: World, supervisor: Cadre, chief: Cadre
) -> None:
    first, second = world.household("早补"), world.household("晚补")
    world.household("别村", world.foreign)
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)
    stored = list(ClosingFigure.objects.order_by("pk").values())
    for household in (first, second):
        world.visit(household, date(2026, 10, 8), chief, now=at(LATER))

    rows, total = both_figures(round, by=BY_PLACE, cadre=supervisor, on=LATER, place_code="360704")

    assert [(row.key, row.closing.done, row.now.done, row.has_changed) for row in rows] == [
        ("360704101", 0, 2, True),
        ("360704102", 0, 0, False),
    ]
    assert total.now.done - total.closing.done == changed_since_closing(round, cadre=supervisor, on=LATER).count()
    assert total.now.total == total.closing.total == Duty.objects.in_round(round).count()
    assert list(ClosingFigure.objects.order_by("pk").values()) == stored
    # Of families helped in a village out of reach no village's figures may tell.
    rows, _total = both_figures(round, by=BY_PLACE, cadre=world.help("帮扶", first), on=LATER, place_code="360704")
    assert [(row.key, row.closing.total, row.closing.overdue, row.now.done) for row in rows] == [("360704101", 1, 1, 1)]


def test_three_names_cost_as_many_queries_as_one(world: World, supervisor: Cadre, chief: Cadre) -> None:
    homes = [world.household(f"户{number}") for number in range(3)]
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)
    spent = []
    for household in homes:
        world.visit(household, date(2026, 10, 8), chief, now=at(LATER))
        changed = list(changed_since_closing(round, cadre=supervisor, on=LATER))
        with CaptureQueriesContext(connection) as queries:
            assert len(told(changed, round)) == len(changed)
        spent.append(len(queries))

    assert spent[0] == spent[2] <= 5


def test_an_outsider_learns_nothing(world: World, supervisor: Cadre, chief: Cadre) -> None:
    household = world.household("补录户")
    round = closed(world.round([Post.VILLAGE_CHIEF]), supervisor)
    world.visit(household, date(2026, 10, 8), chief, now=at(LATER))
    outsider = world.cadre("局外人")

    rows, total = both_figures(round, by=BY_PLACE, cadre=outsider, on=LATER, place_code="360704")

    assert (rows, total.closing.total, total.now.total) == ([], 0, 0)
    assert not changed_since_closing(round, cadre=outsider, on=LATER).exists()
