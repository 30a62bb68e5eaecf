"""Tests of the vacant posts: only what a running round asks of that village, on any day."""

from datetime import date

import pytest

from casework.models import TargetKind
from casework.tests.world import TODAY, World
from casework.vacancies import by_place, seats_asked, vacant_seats
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db


def names(cadre: Cadre, on: date = TODAY, place: str = "360704") -> list[tuple[str, str]]:
    found = vacant_seats(cadre=cadre, on=on, place_code=place, seen_on=TODAY)
    return list(found.values_list("village_id", "name"))


def test_a_post_is_vacant_where_a_running_round_asks_for_it_and_nobody_holds_it(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    world.post("大村长", Post.VILLAGE_CHIEF, world.village, starts_on=date(2026, 10, 10))
    world.household("有家")
    world.household("邻家", world.sibling)
    world.round([Post.VILLAGE_CHIEF, Post.HELPER])

    assert names(supervisor) == [(world.sibling.pk, Post.VILLAGE_CHIEF)]
    assert names(supervisor, on=date(2026, 10, 9)) == [
        (world.village.pk, Post.VILLAGE_CHIEF),
        (world.sibling.pk, Post.VILLAGE_CHIEF),
    ]
    assert names(supervisor, on=date(2026, 9, 30)) == []
    asked = seats_asked(cadre=supervisor, on=TODAY, place_code="360704")
    assert by_place(asked, 9) == {"360704101": 2}


def test_a_village_the_round_does_not_visit_lacks_nobody(world: World) -> None:
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE)

    assert names(supervisor) == [(world.village.pk, Post.DISTRICT_SECRETARY)]


def test_everybody_sees_the_vacant_posts_of_their_own_villages(world: World) -> None:
    for village in (world.village, world.sibling, world.foreign):
        world.household("户", village)
    world.round([Post.VILLAGE_CHIEF])

    assert len(names(world.post("镇督导", Post.SUPERVISOR, world.town))) == 2
    assert names(world.cadre("局外人")) == []
