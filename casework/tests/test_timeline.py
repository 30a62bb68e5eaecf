"""The latest visits, in one statement."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.models import Visit
from casework.tests.world import World
from casework.timeline import entries_of, timeline_of

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_the_latest_come_first_with_those_who_went(world: World) -> None:
    household = world.household("户")
    helper, guest = world.help("钟水生", household), world.help("赖小兰", household, is_primary=False)
    for day in (1, 3, 2):
        world.visit(household, date(2026, 10, day), helper, guest)

    timeline = timeline_of(household.pk, latest=2)

    assert [entry.visit.visited_on.day for entry in timeline.latest] == [3, 2]
    assert [entry.visitors for entry in timeline.latest] == [["钟水生", "赖小兰"]] * 2
    assert timeline.total == 3


def test_it_takes_one_statement(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    household = world.household("户")
    world.visit(household, date(2026, 10, 1), world.help("钟水生", household), problem="缺水")

    with django_assert_num_queries(1):
        timeline = timeline_of(household.pk, latest=6)

    assert [entry.visit.problem for entry in timeline.latest] == ["缺水"]


def test_a_household_nobody_visited_has_an_empty_timeline(world: World) -> None:
    timeline = timeline_of(world.household("户").pk, latest=6)

    assert (timeline.latest, timeline.total, timeline.last) == ([], 0, None)


def test_visits_read_elsewhere_become_the_same_entries(world: World) -> None:
    household = world.household("户")
    world.visit(household, date(2026, 10, 1), world.help("钟水生", household))

    read = entries_of(Visit.objects.prefetch_related("visitors"))

    assert read == timeline_of(household.pk, latest=6).latest
