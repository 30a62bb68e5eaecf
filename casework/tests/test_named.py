"""Tests of the named list behind a number."""

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.models import Round, State, TargetKind
from casework.named import NamedDuty, NamedList, holders_of
from casework.shelf import Shelf
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def listed(round: Round, cadre: Cadre, on: date) -> list[tuple[str, list[str], date | None]]:
    duties = rows_of(behind(round, cadre, on))
    return [
        (duty.head_name or duty.village_name, names, duty.last_visit_on)
        for duty, names in zip(duties, holders_of(duties, on), strict=True)
    ]


def rows_of(found: NamedList) -> list[NamedDuty]:
    numbers, _moment = found.numbers(now=at(TODAY))
    return found.rows(numbers, range(sum(numbers.values())))


def behind(round: Round, cadre: Cadre, on: date = TODAY, **narrowed) -> NamedList:
    return NamedList(round, cadre, place_code=round.place_code, on=on, seen_on=on, **narrowed)


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


@pytest.mark.parametrize("large", [1, 50_000])
def test_the_number_is_as_large_as_the_list_however_it_is_narrowed(
    world: World, large: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FIGURES_KEPT_FROM = large
    # Of this test alone: SQLite gives the rounds of all tests the same keys.
    monkeypatch.setattr("casework.splits._SHELF", Shelf(lambda split: True))
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    helper = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    homes = [world.household(f"户{number}", is_away=number == 1) for number in range(3)]
    world.household("没有干部", world.sibling)
    world.household("走了", left_on=date(2026, 10, 4))
    helped = world.help("帮扶干部", homes[0])
    rounds = [world.round([Post.VILLAGE_CHIEF], counts_away_by_phone=True), world.round([Post.HELPER])]
    world.visit(homes[1], date(2026, 10, 6), helper, contact="phone", outcome="family_away")
    ways: list[dict[str, Any]] = [{"state": state} for state in ("", *State.values)]
    ways += [{"by_phone": True}, {"by_phone": True, "state": "open"}, {"is_owed": True}, {"post": "village_chief"}]
    ways += [{"is_owed": True, "state": "excused"}, {"group": "away"}, {"kind": "ordinary"}, {"unit": "none"}]
    ways += [{"kind": "ordinary", "state": "vacant"}, {"kind": "ordinary", "post": "village_chief"}]

    for round in rounds:
        for cadre in (supervisor, helper, helped):
            for way in ways:
                found = behind(round, cadre, **way)
                assert sum(found.numbers(now=at(TODAY))[0].values()) == len(_all(found)), (round, cadre, way)
    lengths = [len(rows_of(behind(rounds[0], supervisor, **way))) for way in ways[:8]]
    assert lengths == [5, 1, 2, 0, 1, 1, 1, 0]


def _all(found: NamedList) -> list[NamedDuty]:
    """Whatever the numbers say: from villages that have none to those that seem to have many."""
    return found.rows({"360704000000": 0, "360704101200": 1, "360704999999": 49}, range(50))


def test_a_part_of_the_list_is_found_in_the_villages_in_which_it_lies(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    for village in (world.village, world.sibling, world.foreign):
        for number in range(3):
            world.household(f"{village.name}{number}", village)
    found = behind(world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY]), supervisor)
    (numbers, _moment), whole = found.numbers(now=at(TODAY)), rows_of(found)

    parts = [found.rows(numbers, range(first, min(first + 4, 18))) for first in range(0, 18, 4)]

    assert len({duty.pk for duty in whole}) == 18
    assert [duty for part in parts for duty in part] == whole


@pytest.mark.parametrize("households", [1, 3])
def test_a_list_takes_two_queries_for_its_number_and_one_each_for_rows_and_holders(
    world: World, households: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    for number in range(households):
        world.help("帮扶干部", world.household(f"户{number}"))
    round = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    found = behind(round, supervisor)

    with django_assert_num_queries(6):  # two look whether the place is wholly in reach, one whether figures are kept
        duties = rows_of(found)
        held = holders_of(duties, TODAY)

    assert len(duties) == len(held) == households
