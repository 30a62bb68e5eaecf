"""Tests of the named list behind a number."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.coverage import duties_behind
from casework.models import Round, TargetKind
from casework.named import in_order, with_holders
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def listed(round: Round, cadre: Cadre, on: date) -> list[tuple[str, list[str], date | None]]:
    duties = in_order(duties_behind(round, cadre=cadre, on=on), on)
    return [
        (
            duty.household.head_name if duty.household else duty.village.name,
            [cadre.name for cadre in held],
            duty.last_visit_on,  # type: ignore[attr-defined]
        )
        for duty, held in with_holders(list(duties), on)
    ]


def test_each_duty_names_who_holds_its_post_on_the_day(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    world.household("户")
    world.post("前任", Post.VILLAGE_CHIEF, world.village, ends_on=date(2026, 10, 5))
    world.post("现任", Post.VILLAGE_CHIEF, world.village, starts_on=date(2026, 10, 8))
    round = world.round([Post.VILLAGE_CHIEF])

    assert listed(round, supervisor, date(2026, 10, 2)) == [("户", ["前任"], None)]
    assert listed(round, supervisor, date(2026, 10, 6)) == [("户", [], None)]
    assert listed(round, supervisor, TODAY) == [("户", ["现任"], None)]


def test_the_last_visit_is_that_of_the_day_asked_for(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    household = world.household("户")
    round = world.round([Post.VILLAGE_CHIEF])
    world.visit(household, date(2026, 10, 3), chief)
    world.visit(household, date(2026, 10, 9), chief)

    assert [row[2] for row in listed(round, supervisor, date(2026, 10, 5))] == [date(2026, 10, 3)]
    assert [row[2] for row in listed(round, supervisor, TODAY)] == [date(2026, 10, 9)]


def test_a_visit_to_a_household_is_the_last_visit_to_its_village(world: World) -> None:
    secretary = world.post("区委书记", Post.DISTRICT_SECRETARY, world.district)
    round = world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE)
    world.visit(world.household("户"), date(2026, 10, 9), secretary)

    assert listed(round, secretary, TODAY) == [("潭埠村委会", ["区委书记"], date(2026, 10, 9))]


@pytest.mark.parametrize("households", [1, 3])
def test_the_holders_of_a_list_take_two_queries(
    world: World, households: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    for number in range(households):
        world.help("帮扶干部", world.household(f"户{number}"))
    round = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    duties = list(in_order(duties_behind(round, cadre=supervisor, on=TODAY), TODAY))

    with django_assert_num_queries(2):
        rows = with_holders(duties, TODAY)

    assert len(rows) == households
