"""Helpers are paired, handed over and taken back by the office of the place, one primary helper at a time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import LONG_AGO, TODAY
from households.models import HelperPairing
from households.pairings import remove_helper_pairing, replace_helper, save_helper_pairing
from villages.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def pairing(world, home) -> HelperPairing:
    world.help("帮扶甲", home)
    return HelperPairing.objects.get()


def test_replacing_the_helper_ends_one_pairing_the_day_before_and_starts_another(world, home, pairing):
    new = world.cadre("帮扶乙")

    successor = replace_helper(pairing=pairing, cadre=new, starts_on=TODAY, actor=None, on=TODAY)

    pairing.refresh_from_db()
    assert (pairing.ends_on, successor.starts_on, successor.ends_on) == (YESTERDAY, TODAY, None)
    assert (successor.household, successor.cadre, successor.is_primary) == (home, new, True)
    assert list(HelperPairing.objects.in_force(TODAY)) == [successor]


def test_replacing_a_second_helper_leaves_the_primary_one_alone(world, home, pairing):
    world.help("二帮", home, is_primary=False)
    second = HelperPairing.objects.get(is_primary=False)

    successor = replace_helper(pairing=second, cadre=world.cadre("三帮"), starts_on=TODAY, actor=None, on=TODAY)

    assert not successor.is_primary
    assert set(HelperPairing.objects.in_force(TODAY)) == {pairing, successor}


def test_a_new_helper_cannot_start_on_or_before_the_old_ones_first_day(world, pairing):
    with pytest.raises(ValidationError) as refusal:
        replace_helper(pairing=pairing, cadre=world.cadre("帮扶乙"), starts_on=LONG_AGO, actor=None, on=TODAY)

    assert list(refusal.value.message_dict) == ["starts_on"]


def test_a_second_primary_helper_is_refused_and_a_second_helper_is_not(world, home, pairing):
    with pytest.raises(ValidationError):
        world.help("帮扶乙", home, TODAY)

    world.help("帮扶乙", home, TODAY, is_primary=False)
    assert HelperPairing.objects.count() == 2


def test_an_end_before_the_start_is_refused(pairing):
    pairing.ends_on = LONG_AGO - timedelta(days=1)

    with pytest.raises(ValidationError):
        save_helper_pairing(pairing, actor=None, on=TODAY)


def test_taking_back_a_pairing_keeps_its_values_in_the_trail(home, pairing):
    key = pairing.pk

    remove_helper_pairing(pairing=pairing, actor=None, on=TODAY, reason="误录")

    assert HelperPairing.objects.count() == 0
    entry = AuditEntry.objects.get(verb="helper.removed")
    assert (entry.target_id, entry.reason, entry.changes["household"]) == (str(key), "误录", [home.pk, None])


def test_pairings_are_changed_by_the_office_of_the_place_and_by_nobody_else(world, pairing):
    cast = world.cast() | {"helper": pairing.cadre}
    may = set()
    for number, (role, cadre) in enumerate(cast.items()):
        pairing.ends_on = TODAY + timedelta(days=number)
        try:
            save_helper_pairing(pairing, actor=cadre, on=TODAY)
            may.add(role)
        except PermissionDenied:
            pass

    assert may == {"supervisor", "clerk", "town_supervisor", "town_clerk"}


def test_a_town_clerk_cannot_pair_a_household_of_another_town_nor_take_its_helper(world, home, pairing):
    clerk = world.cast()["town_clerk"]
    world.help("外镇帮扶", world.household("外镇户", world.foreign))
    foreign = HelperPairing.objects.get(household__village=world.foreign)

    for household in (foreign.household, world.household("李四")):
        foreign.household = household
        with pytest.raises(PermissionDenied):
            save_helper_pairing(foreign, actor=clerk, on=TODAY)
    with pytest.raises(PermissionDenied):
        remove_helper_pairing(pairing=foreign, actor=clerk, on=TODAY, reason="误录")


def test_a_pairing_is_seen_by_the_village_and_its_helper_and_by_no_outsider(world, pairing):
    cast = world.cast()

    seen_by = {role for role, cadre in cast.items() if pairing in HelperPairing.objects.visible_to(cadre, TODAY)}

    assert seen_by == set(cast) - {"outsider"}
    assert pairing in HelperPairing.objects.visible_to(pairing.cadre, TODAY)
