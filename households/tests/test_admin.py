"""The office's pages for households, helpers and accounts: by reach, by verbs, with words for every refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.tests.world import LONG_AGO, TODAY, World
from households.models import BaseType, HelperPairing, Household, HouseholdMove
from households.residence import move_household
from villages.models import AuditEntry, Cadre, Post, Posting
from villages.tests.panel import Panel, address, complaints

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY = TODAY - timedelta(days=1)
PASSWORD = "ni-hao-ganxian-2026"


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town, who has nothing to do with world.foreign."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


# Households -----------------------------------------------------------------------------------


def test_a_town_clerk_sees_and_is_offered_only_the_towns_households(world, town_clerk):
    mine = world.household("刘家")
    foreign = world.household("赖家", world.foreign)
    world.help("外帮扶人", foreign)

    assert town_clerk.rows(Household) == [mine]
    assert town_clerk.rows(HelperPairing) == []
    assert town_clerk.offers(HelperPairing, "household") == [f"刘家 · {world.village} · {mine.number}"]
    assert {town_clerk.open(foreign, page).status_code for page in ("change", "history", "move")} == {404}
    assert town_clerk.open(HelperPairing.objects.get(), "replace").status_code == 404


def test_a_clerk_registers_a_household(world, town_clerk):
    new = {"number": "0001", "head_name": "钟家", "village": world.village, "members": 3, "registered_on": TODAY}

    response = town_clerk.add(Household, **new, base_type=BaseType.EXITED)

    assert response.status_code == 302
    assert AuditEntry.objects.get(verb="household.registered").village == world.village


def test_a_group_of_another_village_is_refused_with_words(world, clerk):
    household = world.household("刘家")

    response = clerk.save(household, group=world.foreign.groups.first())

    assert complaints(response) == [f"该小组属于其他村，请选择{world.village}的小组。"]


def test_a_number_that_is_taken_is_refused_with_words(world, clerk):
    taken = world.household("刘家")

    response = clerk.save(world.household("赖家"), number=taken.number)

    assert complaints(response) == ["该户编号已在册。"]


def test_a_household_moves_with_its_day_and_keeps_its_past(world, clerk):
    household = world.household("刘家")

    clerk.act(household, "move", to_village=world.sibling, moved_on=YESTERDAY)

    household.refresh_from_db()
    move = HouseholdMove.objects.get()
    assert (household.village, household.group, household.moved_on) == (world.sibling, None, YESTERDAY)
    assert (move.from_village, move.to_village, move.moved_on) == (world.village, world.sibling, YESTERDAY)
    assert clerk.rows(HouseholdMove) == [move]


def test_a_move_out_of_the_offices_places_is_refused_with_words(world, town_clerk):
    household = world.household("刘家")

    response = town_clerk.act(household, "move", to_village=world.foreign, moved_on=TODAY)

    assert list(response.context["adminform"].form.errors.values()) == [["该村不在您的辖区内。"]]
    household.refresh_from_db()
    assert household.village == world.village


def test_households_are_filtered_by_town_village_and_missing_helper(world, clerk):
    helped, alone, foreign = world.household("刘家"), world.household("钟家"), world.household("赖家", world.foreign)
    world.help("帮扶人", helped)
    world.household("一般户", world.sibling, base_type=BaseType.ORDINARY)

    assert clerk.rows(Household, in_town=world.other_town.pk) == [foreign]
    assert set(clerk.rows(Household, in_town=world.town.pk, in_village=world.village.pk)) == {helped, alone}
    assert set(clerk.rows(Household, helper="no")) == {alone, foreign}
    page = clerk.client.get(address(Household, "changelist"), {"in_town": "all"}).content.decode()
    assert page.count(">缺帮扶人</td>") == 2
    assert clerk.rows(Household, q="钟家") == [alone]


# Helpers --------------------------------------------------------------------------------------


def test_a_second_primary_helper_is_refused_in_chinese(world, clerk):
    household = world.household("刘家")
    world.help("现任", household)

    response = clerk.add(HelperPairing, household=household, cadre=world.cadre("新人"), starts_on=TODAY)

    assert complaints(response) == ["该时段内此户已有主要帮扶人。请先结束原结对，或使用“更换帮扶干部”。"]


def test_the_helper_is_changed_in_one_step(world, town_clerk):
    household = world.household("刘家")
    world.help("旧人", household)
    old, new = HelperPairing.objects.get(), world.cadre("新人")

    town_clerk.act(old, "replace", cadre=new, starts_on=TODAY)

    old.refresh_from_db()
    assert old.ends_on == YESTERDAY
    assert HelperPairing.objects.get(cadre=new).household == household


def test_a_pairing_entered_by_mistake_is_taken_back_with_a_reason(world, clerk):
    world.help("错录", world.household("刘家"))
    pairing = HelperPairing.objects.get()

    response = clerk.act(pairing, "delete", reason="录错了户")

    assert response.url == address(HelperPairing, "changelist")
    assert not HelperPairing.objects.exists()
    assert AuditEntry.objects.get(verb="helper.removed").reason == "录错了户"


def test_a_household_cannot_be_deleted(world, clerk):
    household = world.household("刘家")

    assert clerk.open(household, "delete").status_code == 403
    assert clerk.client.post(address(Household, "delete", household.pk), {"post": "yes"}).status_code == 403


# Accounts -------------------------------------------------------------------------------------


def test_a_clerk_opens_an_account_that_can_sign_in(world, town_clerk, client):
    new = {"name": "新干部", "username": "xin", "rank": "staff", "is_active": "on"}

    response = town_clerk.add(Cadre, **new, password1=PASSWORD, password2=PASSWORD)

    assert response.status_code == 302
    assert Cadre.objects.get(username="xin").check_password(PASSWORD)
    entry = AuditEntry.objects.get(verb="cadre.added")
    assert "password" not in entry.changes


def test_two_different_passwords_are_refused(world, clerk):
    new = {"name": "新干部", "username": "xin", "rank": "staff", "is_active": "on"}

    assert len(complaints(clerk.add(Cadre, **new, password1=PASSWORD, password2="other-words-2026"))) == 1
    assert not Cadre.objects.filter(username="xin").exists()


def test_the_account_page_gives_no_leave_and_shows_no_secret(world, clerk):
    cadre = world.post("村长", Post.VILLAGE_CHIEF, world.village)

    page = clerk.open(cadre)

    fields = set(page.context["adminform"].form.fields)
    assert fields == {"name", "username", "unit", "rank", "email", "is_active", "reason"}
    assert cadre.password not in page.content.decode()
    assert address(Posting, "change", Posting.objects.get(cadre=cadre).pk) in page.content.decode()


def test_a_town_clerk_finds_the_towns_cadres_and_newcomers(world, town_clerk):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    helper = world.help("帮扶人", world.household("刘家"))
    newcomer = world.cadre("新人")
    world.post("外镇村长", Post.VILLAGE_CHIEF, world.foreign)
    world.help("外帮扶人", world.household("赖家", world.foreign))

    found = town_clerk.rows(Cadre)

    assert set(found) == {chief, helper, newcomer, Cadre.objects.get(name="镇录入员")}


@pytest.mark.parametrize("higher", ["district", "foreign"])
def test_a_town_clerk_cannot_take_over_an_account_that_opens_more_than_the_town(world, town_clerk, higher):
    cadre = world.post("两处任职", Post.VILLAGE_CHIEF, world.village)
    world.post(cadre, Post.SUPERVISOR, getattr(world, higher))

    answers = {
        town_clerk.open(cadre, "password").status_code,
        town_clerk.act(cadre, "password", new_password1=PASSWORD, new_password2=PASSWORD).status_code,
        town_clerk.client.post(address(Cadre, "change", cadre.pk), {"username": "mine"}).status_code,
    }

    cadre.refresh_from_db()
    assert answers == {403}
    assert not cadre.check_password(PASSWORD)


def test_a_helper_of_another_town_is_not_a_town_clerks_to_change(world, town_clerk):
    cadre = world.help("两镇帮扶人", world.household("刘家"))
    world.help(cadre, world.household("赖家", world.foreign))

    assert town_clerk.open(cadre).status_code == 200
    assert town_clerk.open(cadre, "password").status_code == 403


def test_nobody_in_the_office_touches_the_technical_administrator(world, clerk):
    root = Cadre.objects.create_superuser("root", PASSWORD, name="技术管理员")

    assert clerk.open(root).status_code == 404
    assert clerk.offers(Posting, "cadre", "root") == []


def test_a_forgotten_password_is_set_anew(world, town_clerk):
    cadre = world.post("村长", Post.VILLAGE_CHIEF, world.village)

    town_clerk.act(cadre, "password", new_password1=PASSWORD, new_password2=PASSWORD)

    cadre.refresh_from_db()
    assert cadre.check_password(PASSWORD)
    assert AuditEntry.objects.get(verb="cadre.password_set").changes == {}


def test_ones_own_password_is_changed_by_the_same_verb(world, clerk):
    data = {"old_password": "secret-words", "new_password1": PASSWORD, "new_password2": PASSWORD}

    clerk.client.post(reverse("admin:password_change"), data)

    cadre = Cadre.objects.get(name="区录入员")
    assert cadre.check_password(PASSWORD)
    assert AuditEntry.objects.get(verb="cadre.password_set").actor == cadre


def test_nobody_closes_the_own_account(world, clerk):
    response = clerk.save(Cadre.objects.get(name="区录入员"), is_active=None)

    assert complaints(response) == ["不能停用自己的账号，请由同事办理。"]


def test_an_account_name_that_is_taken_is_refused_with_words(world, clerk):
    taken = world.cadre("甲")

    response = clerk.save(world.cadre("乙"), username=taken.username)

    assert complaints(response) == ["该账号已被使用，请另换一个。"]


# Cost -----------------------------------------------------------------------------------------


def some_move(world: World, number: int) -> None:
    household = world.household(f"户{number}")
    move_household(household=household, to_village=world.sibling, moved_on=TODAY, actor=None, on=TODAY)


MAKERS: dict[type, Callable[[World, int], Any]] = {
    Cadre: lambda world, number: world.post(f"队员{number}", Post.TEAM_MEMBER, world.village),
    Household: lambda world, number: world.help(f"帮扶人{number}", world.household(f"户{number}")),
    HelperPairing: lambda world, number: world.help(f"帮扶人{number}", world.household(f"户{number}"), LONG_AGO),
    HouseholdMove: some_move,
}


def queries_for(panel: Panel, model: type) -> int:
    with CaptureQueriesContext(connection) as queries:
        panel.rows(model)
    return len(queries)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.model_name)
def test_a_list_costs_the_same_queries_at_one_and_three_rows(world, clerk, model):
    MAKERS[model](world, 1)
    at_one = queries_for(clerk, model)
    for number in (2, 3):
        MAKERS[model](world, number)

    assert queries_for(clerk, model) == at_one
    assert at_one <= 12
