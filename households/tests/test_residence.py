"""Where a household lived on a day, and who may register, move and strike it off."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import LONG_AGO, TODAY
from households.models import Household, HouseholdMove
from households.residence import move_household, save_household, village_on
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

MAY_1, JUNE_1 = date(2026, 5, 1), date(2026, 6, 1)


def test_a_household_lives_in_each_village_from_the_day_it_moved_there(world, home):
    move_household(household=home, to_village=world.sibling, moved_on=MAY_1, actor=None, on=MAY_1)
    move_household(household=home, to_village=world.foreign, moved_on=JUNE_1, actor=None, on=JUNE_1)
    home.refresh_from_db()

    one_day = timedelta(days=1)
    days = [LONG_AGO, MAY_1 - one_day, MAY_1, JUNE_1 - one_day, JUNE_1, TODAY]
    villages = [world.village, world.village, world.sibling, world.sibling, world.foreign, world.foreign]
    assert [village_on(home, day) for day in days] == [village.pk for village in villages]


def test_moving_and_coming_back_is_two_moves(world, home):
    move_household(household=home, to_village=world.sibling, moved_on=MAY_1, actor=None, on=MAY_1)
    move_household(household=home, to_village=world.village, moved_on=JUNE_1, actor=None, on=JUNE_1)

    assert [village_on(home, day) for day in (LONG_AGO, MAY_1, JUNE_1)] == [
        world.village.pk,
        world.sibling.pk,
        world.village.pk,
    ]
    assert HouseholdMove.objects.count() == 2


def test_moving_leaves_the_group_behind_and_is_audited(world, home):
    assert home.group is not None

    move_household(household=home, to_village=world.sibling, moved_on=MAY_1, actor=None, on=MAY_1)

    home.refresh_from_db()
    assert (home.village, home.group, home.moved_on) == (world.sibling, None, MAY_1)
    entry = AuditEntry.objects.get(verb="household.corrected")
    assert entry.changes["village"] == [world.village.pk, world.sibling.pk]


def test_a_household_cannot_move_to_where_it_lives(world, home):
    with pytest.raises(ValidationError):
        move_household(household=home, to_village=world.village, moved_on=MAY_1, actor=None, on=MAY_1)


def test_a_move_that_has_not_happened_yet_is_refused(world, home):
    with pytest.raises(ValidationError) as refusal:
        move_household(household=home, to_village=world.sibling, moved_on=JUNE_1, actor=None, on=MAY_1)

    assert "moved_on" in refusal.value.message_dict
    assert not HouseholdMove.objects.exists()


def test_the_leave_to_move_a_household_is_that_of_today_not_of_the_day_of_the_move(world, home):
    former = world.post("前录入员", Post.CLERK, world.town, ends_on=MAY_1)

    with pytest.raises(PermissionDenied):
        move_household(household=home, to_village=world.sibling, moved_on=MAY_1, actor=former, on=JUNE_1)


def test_moves_are_entered_in_the_order_of_their_days(world, home):
    move_household(household=home, to_village=world.sibling, moved_on=MAY_1, actor=None, on=MAY_1)
    earlier = MAY_1 - timedelta(days=1)

    with pytest.raises(ValidationError):
        move_household(household=home, to_village=world.foreign, moved_on=earlier, actor=None, on=earlier)

    home.refresh_from_db()
    assert home.village == world.sibling
    assert HouseholdMove.objects.count() == 1


def test_a_wrong_village_is_corrected_the_day_it_was_entered(world, home):
    move_household(household=home, to_village=world.foreign, moved_on=MAY_1, actor=None, on=MAY_1)
    move_household(household=home, to_village=world.sibling, moved_on=JUNE_1, actor=None, on=JUNE_1)

    move_household(household=home, to_village=world.village, moved_on=JUNE_1, actor=None, on=JUNE_1)
    assert home.moves.values_list("from_village", "to_village", "moved_on").last() == (
        *(world.foreign.pk, world.village.pk, JUNE_1),
    )
    move_household(household=home, to_village=world.foreign, moved_on=JUNE_1, actor=None, on=JUNE_1)

    home.refresh_from_db()
    assert (home.village, home.moved_on) == (world.foreign, MAY_1)
    assert [move.to_village for move in home.moves.all()] == [world.foreign]


def test_a_change_of_village_in_the_record_is_a_move_from_that_day_on(world, home):
    home.village, home.group = world.sibling, None

    save_household(home, actor=None, on=TODAY)

    assert HouseholdMove.objects.get().moved_on == TODAY


def test_a_group_of_another_village_is_refused(world, home):
    home.group = world.sibling.groups.first()

    with pytest.raises(ValidationError) as refusal:
        save_household(home, actor=None, on=TODAY)

    assert list(refusal.value.message_dict) == ["group"]


def test_a_household_cannot_leave_before_it_was_registered(world, home):
    home.left_on = home.registered_on - timedelta(days=1)

    with pytest.raises(ValidationError):
        save_household(home, actor=None, on=TODAY)


def test_a_household_is_registered_from_its_first_day_until_the_day_it_leaves(world):
    home = world.household("张三", registered_on=MAY_1, left_on=JUNE_1)

    one_day = timedelta(days=1)
    days = [MAY_1 - one_day, MAY_1, JUNE_1 - one_day, JUNE_1]
    registered = [Household.objects.registered(day).exists() for day in days]

    assert registered == [False, True, True, False]
    assert home in Household.objects.within("360704101").poor()


def test_households_are_changed_by_the_office_of_the_place_and_by_nobody_else(world, home):
    cast = world.cast() | {"helper": world.help("帮扶", home)}
    may = set()
    for role, cadre in cast.items():
        home.members += 1
        try:
            save_household(home, actor=cadre, on=TODAY)
            may.add(role)
        except PermissionDenied:
            pass

    assert may == {"supervisor", "clerk", "town_supervisor", "town_clerk"}


def test_a_town_clerk_can_neither_send_a_household_to_another_town_nor_fetch_one(world, home):
    clerk = world.cast()["town_clerk"]
    foreign = world.household("外镇户", world.foreign)

    for household, village in ((home, world.foreign), (foreign, world.village)):
        with pytest.raises(PermissionDenied):
            move_household(household=household, to_village=village, moved_on=TODAY, actor=clerk, on=TODAY)

    assert HouseholdMove.objects.count() == 0
