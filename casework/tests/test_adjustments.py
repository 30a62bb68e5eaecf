"""Tests of joiners, leavers, and of figures that changed after closing."""

from datetime import date

import pytest

from casework.adjustments import changed_since_closing, closing_counts, joiners, leavers
from casework.models import State
from casework.rounds import close_round
from casework.tests.world import TODAY, World
from households.residence import save_household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_a_household_registered_after_opening_is_a_joiner(world: World, supervisor: Cadre) -> None:
    world.household("老户")
    round = world.round([Post.VILLAGE_CHIEF])
    joined = world.household("新户", registered_on=date(2026, 10, 10))

    assert list(joiners(round, cadre=supervisor, on=TODAY)) == [joined]
    assert list(joiners(round, cadre=supervisor, on=date(2026, 10, 9))) == []


def test_a_household_that_left_the_register_is_a_leaver(world: World, supervisor: Cadre) -> None:
    household = world.household("迁出户")
    round = world.round([Post.VILLAGE_CHIEF])
    household.left_on = date(2026, 10, 10)
    save_household(household, actor=None, on=TODAY)

    assert [duty.household for duty in leavers(round, cadre=supervisor, on=TODAY)] == [household]


def test_an_outsider_sees_neither(world: World) -> None:
    outsider = world.cadre("局外人")
    round = world.round([Post.VILLAGE_CHIEF])
    world.household("新户", registered_on=date(2026, 10, 10))

    assert list(joiners(round, cadre=outsider, on=TODAY)) == []
    assert list(leavers(round, cadre=outsider, on=TODAY)) == []


def test_a_late_entry_leaves_the_closing_figures_and_shows_the_change_by_name(world: World, supervisor: Cadre) -> None:
    household = world.household("补录户")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    round = close_round(round=world.round([Post.VILLAGE_CHIEF]), actor=supervisor, on=TODAY)
    assert list(changed_since_closing(round, cadre=supervisor, on=TODAY)) == []

    world.visit(household, date(2026, 10, 8), chief)

    changed = changed_since_closing(round, cadre=supervisor, on=TODAY)
    assert [(duty.household, duty.closing_state, duty.state) for duty in changed] == [
        (household, State.OPEN, State.DONE)
    ]
    assert closing_counts(round, cadre=supervisor, on=TODAY).as_dict()["done"] == 0
