"""What is read together at the door is what is read piece by piece."""

from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from casework.at_the_door import read_at_the_door
from casework.confirmations import MEASURE, Answer, answers_of
from casework.doorstep import duties_at, duty_rows
from casework.mine import has_unread, posts_held
from casework.tests.rich_household import RichHousehold
from casework.tests.world import TODAY, World
from casework.timeline import timeline_of
from households.file import file_of, household_seen
from households.models import Household
from households.residence import move_household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def check(cadre: Cadre, rich: RichHousehold, duties: int) -> None:
    seen = household_seen(cadre, rich.household.pk, TODAY)

    door = read_at_the_door(cadre, rich.household.pk, TODAY, latest=3)

    assert door.seen == seen
    assert door.head == (posts_held(cadre, TODAY), has_unread(cadre, TODAY))

    assert door.file == file_of(seen, TODAY)
    assert door.timeline == timeline_of(rich.household.pk, latest=3)
    assert door.answers == answers_of(rich.household)
    assert duty_rows(door.duties, TODAY) == duty_rows(duties_at(seen.household, cadre, TODAY), TODAY)
    assert len(door.duties) == duties


def test_it_is_what_is_read_piece_by_piece(world: World) -> None:
    rich = RichHousehold(world)
    world.round([Post.HELPER, Post.VILLAGE_CHIEF])
    measure = rich.household.measures.order_by("pk")[0]
    world.visit(rich.household, TODAY, rich.chief, confirmations=(Answer(MEASURE, measure.pk, "yes"),))

    check(rich.chief, rich, duties=2)


def test_duties_of_a_family_that_moved_are_read_by_the_readers_reach(world: World) -> None:
    rich = RichHousehold(world, rows=1)
    world.round([Post.HELPER, Post.VILLAGE_CHIEF])
    move_household(
        household=rich.household, to_village=world.sibling, moved_on=date(2026, 10, 10), actor=None, on=TODAY
    )
    chief = world.post("浓口村长", Post.VILLAGE_CHIEF, world.sibling)

    seen = household_seen(chief, rich.household.pk, TODAY)
    together = read_at_the_door(chief, rich.household.pk, TODAY, latest=3).duties

    assert [duty.pk for duty in together] == [duty.pk for duty in duties_at(seen.household, chief, TODAY)]


def test_postgresql_is_asked_once(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rich = RichHousehold(world)

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 17):
        read_at_the_door(rich.chief, rich.household.pk, TODAY, latest=6)


def test_what_is_hidden_is_not_read(world: World) -> None:
    rich = RichHousehold(world)

    with pytest.raises(Household.DoesNotExist):
        read_at_the_door(world.cadre("局外人"), rich.household.pk, TODAY, latest=6)
