"""Tests of the coverage pages: every number opens a list with exactly as many rows."""

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.models import Round
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def round(world: World) -> Round:
    """Done, done by phone, open and vacant duties in two towns, of two posts."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.post("第一书记", Post.FIRST_SECRETARY, world.foreign)
    world.unit("区档案馆", world.village)
    seen, called = world.household("走过"), world.household("打过电话")
    world.household("没走", world.sibling)
    world.household("别镇", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY], contacts=["home", "phone"])
    world.visit(seen, date(2026, 10, 5), chief)
    world.visit(called, date(2026, 10, 6), chief, contact="phone")
    return round


def read(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.parametrize("by", ["place", "village", "post", "unit"])
@pytest.mark.parametrize("on", ["", "2026-10-05", "2026-11-01"])
def test_every_number_opens_a_list_of_as_many_names(
    client: Client, supervisor: Cadre, round: Round, by: str, on: str
) -> None:
    client.force_login(supervisor)
    table = read(client, f"{reverse('coverage', args=[round.pk])}?by={by}&on={min(on, TODAY.isoformat())}")

    numbers = table.select("table.figures td a")

    assert len(numbers) > 4
    for number in numbers:
        names = read(client, str(number["href"]))
        assert (number.text, len(names.select("tr[data-duty]"))) == (
            re.findall(r"\d+", names.h1.text)[-1],
            int(number.text),
        )


def test_the_last_row_is_the_sum_and_its_rate_no_mean(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    sums = read(client, reverse("coverage", args=[round.pk])).select("tfoot td")

    # 8 duties, 2 of them done, 1 of those by phone, 1 open, the posts of the other 5 are vacant.
    assert [cell.text.strip() for cell in sums] == ["8", "2", "1", "1", "0", "5", "0", "25.00%"]


def test_districts_lead_to_towns_and_towns_to_villages(
    client: Client, supervisor: Cadre, round: Round, world: World
) -> None:
    client.force_login(supervisor)
    towns = read(client, reverse("coverage", args=[round.pk])).select("tbody th a")

    villages = read(client, str(towns[0]["href"])).select("tbody th a")

    assert [link.text for link in towns] == [world.town.name, world.other_town.name]
    assert [link.text for link in villages] == [world.village.name, world.sibling.name]


def test_whoever_has_one_village_starts_there(client: Client, round: Round, world: World) -> None:
    client.force_login(world.post("村书记", Post.VILLAGE_SECRETARY, world.village))

    page = read(client, reverse("coverage", args=[round.pk]))

    assert [link.text for link in page.select("tbody th a")] == [world.village.name]


def test_a_place_outside_the_round_is_not_found(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    for place in ("360705", "360704999", "360704101999"):
        assert client.get(reverse("coverage", args=[round.pk]), {"place": place}).status_code == 404
        assert client.get(reverse("coverage_list", args=[round.pk]), {"place": place}).status_code == 404


@pytest.mark.parametrize(
    "query", ["on=2099-01-01", "on=x", "by=x", "state=x", "post=x", "unit=x", "place=x", "by_phone=x"]
)
def test_a_senseless_question_never_breaks_a_page(client: Client, supervisor: Cadre, round: Round, query: str) -> None:
    client.force_login(supervisor)

    for name in ("coverage", "coverage_list"):
        assert client.get(f"{reverse(name, args=[round.pk])}?{query}").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_send_a_fixed_number_of_queries(
    client: Client,
    world: World,
    supervisor: Cadre,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        village = world.make_village(f"36070410130{number}", f"村{number}")
        world.household(f"户{number}", village)
        world.post(f"大村长{number}", Post.VILLAGE_CHIEF, village)
        round = world.round([Post.VILLAGE_CHIEF])
    client.force_login(supervisor)

    with django_assert_num_queries(14):
        client.get(reverse("coverage", args=[round.pk]))
    with django_assert_num_queries(14):  # one looks whether the round is so large that its figures are kept
        client.get(reverse("coverage_list", args=[round.pk]))


def test_a_past_day_is_seen_with_the_posts_of_today(client: Client, world: World, round: Round) -> None:
    moved = world.post("调走的村长", Post.TEAM_MEMBER, world.village, ends_on=date(2026, 10, 7))
    world.post(moved, Post.TEAM_MEMBER, world.sibling, starts_on=date(2026, 10, 8))
    client.force_login(moved)

    page = read(client, f"{reverse('coverage', args=[round.pk])}?on=2026-10-05&place=360704")

    assert [link.text for link in page.select("tbody th a")] == [world.town.name]
    assert page.select("tfoot td")[0].text == "2"
