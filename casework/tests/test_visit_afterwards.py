"""Whoever has handed over a post opens the form for a visit made in it, for a day of that time and no other."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from casework.models import Visit
from casework.tests.test_views_visits import answers
from casework.tests.world import TODAY, World
from households.models import Household
from households.residence import move_household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

LAST_DAY, DAY_AFTER = date(2026, 10, 5), date(2026, 10, 6)


@pytest.fixture
def home(world: World) -> Household:
    return world.household("钟家")


@pytest.fixture
def former(world: World) -> Cadre:
    return world.post("前任大村长", Post.VILLAGE_CHIEF, world.village, ends_on=LAST_DAY)


def form_of(cadre: Cadre, query: str) -> tuple[Client, str]:
    client = Client()
    client.force_login(cadre)
    return client, f"{reverse('visit_new')}?{query}"


def status(cadre: Cadre, query: str) -> int:
    client, address = form_of(cadre, query)
    return client.get(address).status_code


def test_the_form_opens_for_a_day_in_the_post_and_stores_the_visit(
    world: World, home: Household, former: Cadre
) -> None:
    client, address = form_of(former, f"household={home.pk}&on={LAST_DAY}")

    shown = client.get(address)
    saved = client.post(address, answers(former, visited_on=str(LAST_DAY)))

    form = shown.context["form"]
    assert (form["visited_on"].value(), form.target.query) == (LAST_DAY, f"household={home.pk}&on=2026-10-05")
    assert f"on={LAST_DAY}" in shown.content.decode()
    assert client.get(saved["Location"]).status_code == 200
    assert Visit.objects.get().visited_on == LAST_DAY


@pytest.mark.parametrize("query", ["", f"&on={DAY_AFTER}", "&on=2026-13-40", "&on=2027-01-01", "&on="])
def test_no_other_day_opens_it(home: Household, former: Cadre, query: str) -> None:
    assert status(former, f"household={home.pk}{query}") == 404


def test_the_day_opens_a_visit_to_the_village_too(world: World, former: Cadre) -> None:
    assert status(former, f"village={world.village.pk}&on={LAST_DAY}") == 200
    assert status(former, f"village={world.sibling.pk}&on={LAST_DAY}") == 404


def test_an_outsider_finds_nothing_on_any_day(world: World, home: Household) -> None:
    outsiders = [world.cadre("局外人"), world.post("邻村长", Post.VILLAGE_CHIEF, world.sibling)]

    for outsider in outsiders:
        assert status(outsider, f"household={home.pk}&on={LAST_DAY}") == 404


def test_a_household_that_has_moved_since_is_opened_where_it_lived(world: World, home: Household) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    clerk = world.post("区录入员", Post.CLERK, world.district)
    move_household(household=home, to_village=world.sibling, moved_on=DAY_AFTER, actor=clerk, on=TODAY)

    assert status(chief, f"household={home.pk}&on={LAST_DAY}") == 200
    assert status(chief, f"household={home.pk}&on={DAY_AFTER}") == 404


def test_a_refused_form_stays_with_every_word(home: Household, former: Cadre) -> None:
    client, address = form_of(former, f"household={home.pk}")

    refused = client.post(address, answers(former, visited_on=str(LAST_DAY), contact="", note="屋顶漏水"))
    too_late = client.post(address, answers(former, visited_on=str(DAY_AFTER), contact=""))

    assert refused.status_code == 200
    assert "屋顶漏水" in refused.content.decode()
    assert too_late.status_code == 404


def test_what_it_counts_for_is_told_for_that_day(home: Household, former: Cadre) -> None:
    client, _address = form_of(former, "")
    address = f"{reverse('counts_for')}?household={home.pk}&on={LAST_DAY}"

    assert client.post(address, answers(former, visited_on=str(LAST_DAY))).status_code == 200


def test_who_sees_it_today_finds_the_day_filled_in(world: World, home: Household) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    client, address = form_of(chief, f"household={home.pk}&on={LAST_DAY}")

    form = client.get(address).context["form"]

    assert (form["visited_on"].value(), form.target.seen_on) == (LAST_DAY, LAST_DAY)
