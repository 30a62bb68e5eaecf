"""Tests of what is due for a cadre, and in which order."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.due import Target, corners_of, described, due_targets, next_due, sections_of
from casework.mine import mine_on
from casework.models import TargetKind
from casework.tests.world import TODAY, World
from villages.models import Post, VillagerGroup

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def names(targets: list[Target]) -> list[str]:
    return [due.name for due in described(targets, TODAY)]


def test_a_target_that_owes_two_visits_appears_once(world: World) -> None:
    household = world.household("甲")
    helper = world.help("帮扶干部", household)
    world.post(helper, Post.FIRST_SECRETARY, world.village)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    world.round([Post.FIRST_SECRETARY])

    targets = due_targets(mine_on(helper, TODAY), TODAY)

    assert [(due.household_id, len(due.duties)) for due in targets] == [(household.pk, 2)]


def test_overdue_comes_first_then_the_nearer_date_then_the_group(world: World) -> None:
    late, near, far_second, _far_first = (world.household(name) for name in ("逾期", "近", "远二组", "远一组"))
    far_second.group = VillagerGroup.objects.get(village=world.village, number=2)
    far_second.save()
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    for household in (late, near):
        world.help(chief, household, ends_on=date(2026, 10, 2) if household == near else None)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, date(2026, 9, 1), date(2026, 9, 30))
    world.round([Post.VILLAGE_CHIEF], due_on=date(2026, 12, 31))

    targets = due_targets(mine_on(chief, TODAY), TODAY)

    assert names(targets) == ["逾期", "近", "远一组", "远二组"]
    assert [section.due_on for section in sections_of(described(targets, TODAY))] == [None, date(2026, 12, 31)]
    assert [corner.targets for corner in corners_of(targets)] == [3, 1]


def test_a_visited_household_is_no_longer_due_and_the_last_visit_is_shown(world: World) -> None:
    seen, unseen = world.household("走过"), world.household("没走")
    helper = world.help("帮扶干部", seen)
    world.help(helper, unseen)
    world.visit(unseen, date(2026, 8, 5), helper)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    world.visit(seen, TODAY, helper)

    targets = due_targets(mine_on(helper, TODAY), TODAY)

    assert [(due.name, due.last_visit_on) for due in described(targets, TODAY)] == [("没走", date(2026, 8, 5))]


def test_the_next_household_is_the_following_one_of_the_same_group(world: World) -> None:
    first, second, third = (world.household(name) for name in ("一", "二", "三"))
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.round([Post.VILLAGE_CHIEF])
    world.visit(second, TODAY, chief)

    mine = mine_on(chief, TODAY)
    following, around = next_due(mine, TODAY, after=second), next_due(mine, TODAY, after=third)

    assert (following and following.name, around and around.name) == ("三", "一")
    assert first.pk == (around and around.target.household_id)


def test_a_village_target_is_due_too(world: World) -> None:
    secretary = world.post("区委书记", Post.DISTRICT_SECRETARY, world.district)
    world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE)

    targets = due_targets(mine_on(secretary, TODAY), TODAY)

    assert [(due.target.household_id, due.name) for due in described(targets, TODAY)] == [(0, "潭埠村委会")]


@pytest.mark.parametrize("households", [1, 3])
def test_what_is_due_takes_three_small_queries(
    world: World, households: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    helper = world.cadre("帮扶干部")
    for number in range(households):
        world.help(helper, world.household(f"户{number}"))
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    mine = mine_on(helper, TODAY)
    with django_assert_num_queries(3):
        targets = due_targets(mine, TODAY)
        described(targets, TODAY)

    assert len(targets) == households
