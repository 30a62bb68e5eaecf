"""Whose account whose office may change: an account opens every place its cadre works at."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import LONG_AGO, TODAY
from households.accounts import accounts_of, can_change_account, save_account, set_password
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_the_office_of_all_a_cadres_places_may(world):
    cadre = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.help(cadre, world.household("刘家", world.foreign))
    office = {place: world.post(f"{place}录入员", Post.CLERK, getattr(world, place)) for place in ("district", "town")}

    assert can_change_account(office["district"], cadre, TODAY)
    assert not can_change_account(office["town"], cadre, TODAY)


def test_a_post_that_has_ended_no_longer_stands_in_the_way_and_one_to_come_does(world):
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    left = world.post("前邻镇村长", Post.VILLAGE_CHIEF, world.foreign, ends_on=LONG_AGO)
    comes = world.post("后邻镇村长", Post.VILLAGE_CHIEF, world.foreign, starts_on=TODAY.replace(year=2027))

    assert can_change_account(clerk, left, TODAY)
    assert not can_change_account(clerk, comes, TODAY)


def test_a_units_leader_is_for_the_districts_office(world):
    leader = world.post("局长", Post.UNIT_LEADER, world.unit("区气象局", world.village))

    assert not can_change_account(world.post("镇录入员", Post.CLERK, world.town), leader, TODAY)
    assert can_change_account(world.post("区录入员", Post.CLERK, world.district), leader, TODAY)


def test_who_is_not_of_the_office_changes_no_account(world):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)

    with pytest.raises(PermissionDenied):
        set_password(world.cadre("新人"), password="x", actor=chief, on=TODAY)
    with pytest.raises(PermissionDenied):
        save_account(Cadre(username="neu", name="新人"), actor=chief, on=TODAY)


def test_the_list_leaves_the_technical_administrator_out(world):
    root = Cadre.objects.create_superuser("root", "x", name="技术管理员")
    clerk = world.post("区录入员", Post.CLERK, world.district)

    assert list(accounts_of(clerk, TODAY)) == [clerk]
    assert set(accounts_of(root, TODAY)) == {clerk, root}


def test_an_account_without_a_password_cannot_sign_in_yet():
    cadre = save_account(Cadre(username="neu", name="新人"), actor=None, on=TODAY)

    assert not cadre.has_usable_password()


def test_the_trail_never_holds_a_password():
    cadre = save_account(Cadre(username="neu", name="新人"), actor=None, on=TODAY, password="ganxian-2026")
    cadre.name = "改名"
    save_account(cadre, actor=None, on=TODAY)
    set_password(cadre, password="ganxian-2027", actor=None, on=TODAY)

    told = {name for entry in AuditEntry.objects.all() for name in entry.changes}
    assert not {"password", "last_login"} & told


def test_an_account_name_is_taken_once():
    save_account(Cadre(username="neu", name="新人"), actor=None, on=TODAY)

    with pytest.raises(ValidationError):
        save_account(Cadre(username="neu", name="又一人"), actor=None, on=TODAY)
