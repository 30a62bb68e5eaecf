"""Tests of what a page for one cadre starts from."""

from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from casework.mine import mine_on, posts_held
from casework.models import Reminder, TargetKind
from casework.tests.world import TODAY, World, at
from households.tests.cases import found_case
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_posts_and_families_are_those_of_the_day(world: World) -> None:
    now, once = world.household("在帮"), world.household("帮过")
    cadre = world.help("干部", now)
    world.help(cadre, once, ends_on=date(2026, 10, 1))
    world.post(cadre, Post.TEAM_MEMBER, world.village)

    mine = mine_on(cadre, TODAY)

    assert (mine.posts, mine.helped) == ([(Post.TEAM_MEMBER, world.village.pk)], (now.pk,))
    assert mine.posts == posts_held(cadre, TODAY)


def test_only_rounds_that_ask_for_one_of_the_posts_are_mine(world: World) -> None:
    helper = world.help("帮扶干部", world.household("户"))
    asked = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    world.round([Post.VILLAGE_CHIEF])

    mine = mine_on(helper, TODAY)

    assert [(pk, round.name, round.due_on) for pk, round in mine.rounds.items()] == [
        (asked.pk, asked.name, asked.due_on)
    ]


def test_an_unread_letter_is_noticed_until_it_is_read(world: World) -> None:
    helper, other = world.cadre("帮扶干部"), world.cadre("旁人")
    letter = Reminder.objects.create(
        recipient=helper, for_day=TODAY, prepared_at=at(TODAY), delivered_at=at(TODAY), lines=[]
    )

    assert (mine_on(helper, TODAY).has_unread, mine_on(other, TODAY).has_unread) == (True, False)

    letter.read_at = at(TODAY)
    letter.save()

    assert not mine_on(helper, TODAY).has_unread


def test_a_case_waits_for_whoever_takes_the_next_step(world: World) -> None:
    household = world.household("户")
    helper, outsider = world.help("帮扶干部", household), world.cadre("旁人")
    administrator = Cadre.objects.create_superuser("admin", "x", name="管理员")
    case = found_case(household, actor=helper)

    assert mine_on(helper, TODAY).waiting == mine_on(administrator, TODAY).waiting == [case.decide_by]
    assert mine_on(outsider, TODAY).waiting == []


@pytest.mark.parametrize("rows", [1, 3])
def test_all_of_it_is_one_query_for_postgresql(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    helper = world.cadre("帮扶干部")
    for number in range(rows):
        world.help(helper, world.household(f"户{number}"))
        world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 13):
        mine_on(helper, TODAY)
