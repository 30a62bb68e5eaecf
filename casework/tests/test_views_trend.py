"""Tests of the trend pages: a table that a chart can be drawn from, and numbers that open their lists."""

from datetime import date
from pathlib import Path

import esprima
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.models import Round
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db

LIBRARY = Path(settings.BASE_DIR) / "casework" / "static" / "vendor" / "echarts-6.1.0"


@pytest.fixture
def round(world: World) -> Round:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    seen = world.household("走过")
    world.household("没走")
    world.household("别镇", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF])
    world.visit(seen, date(2026, 10, 5), chief)
    return round


def read(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.core
def test_the_week_says_done_owed_and_visits_and_its_number_opens_the_list(
    client: Client, supervisor: Cadre, round: Round
) -> None:
    client.force_login(supervisor)

    page = read(client, reverse("coverage_trend", args=[round.pk]))
    now = page.select_one("tr[data-now]")
    weeks = [[cell.text.strip() for cell in row.select("td")] for row in page.select("#weeks-table tbody tr")]

    assert [week[:3] for week in weeks] == [
        ["0", "3", "0.00%"],
        *[["1", "3", "33.33%"]] * 2,
        *[["", "3", ""]] * 2,
    ]
    assert [week[-1] for week in weeks[:4]] == ["0", "1", "0", ""]
    assert next(cell["data-value"] for cell in now.select("[data-series]")) == "33.33"
    assert len(read(client, str(now.a["href"])).select("tr[data-duty]")) == 1
    numbers = page.select(".facts a, h2 + .table-frame td a")
    assert len(numbers) > 4
    for number in numbers:
        assert len(read(client, str(number["href"])).select("tr[data-duty]")) == int(number.text), number


@pytest.mark.core
def test_a_district_leads_to_its_towns_and_they_to_their_villages(
    client: Client, world: World, supervisor: Cadre, round: Round
) -> None:
    client.force_login(supervisor)

    for name, args in (("coverage_trend", [round.pk]), ("visit_trend", [])):
        towns = read(client, reverse(name, args=args)).select("h2 + .table-frame tbody th a")
        villages = read(client, reverse(name, args=args) + str(towns[0]["href"])[str(towns[0]["href"]).index("?") :])
        below = villages.select("h2 + .table-frame tbody th a")
        assert towns[0].text == world.town.name
        assert [link.text for link in below] == [world.village.name]


@pytest.mark.core
def test_visits_of_all_rounds_stand_by_week_and_place(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    page = read(client, reverse("visit_trend") + "?weeks=13&on=2026-10-12")

    counts = [int(str(cell["data-value"])) for cell in page.select("#weeks-table td")]
    assert (len(counts), counts[-2:]) == (13, [1, 0])
    assert [cell.text for cell in page.select("tfoot td")][-3:] == ["1", "0", "1"]


@pytest.mark.core
def test_a_number_of_visits_opens_a_list_of_as_many(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    for address in (reverse("visit_trend"), reverse("coverage_trend", args=[round.pk])):
        numbers = read(client, address).select("#weeks-table [data-series=visits] a")
        assert [number.text for number in numbers] == ["1"]
        assert len(read(client, str(numbers[0]["href"])).select("tr[data-visit]")) == 1
    numbers = read(client, reverse("visit_trend")).select("h2 + .table-frame td a")
    assert [number.text for number in numbers] == ["1"] * 4  # the week's and all weeks', of the town and in sum
    assert [len(read(client, str(number["href"])).select("tr[data-visit]")) for number in numbers] == [1] * 4


def test_a_cadre_sees_the_trend_of_the_own_places_alone(client: Client, world: World, round: Round) -> None:
    helped = world.household("结对")
    helper = world.help("帮扶", helped)
    world.visit(helped, TODAY, helper)
    client.force_login(helper)
    assert [cell.text for cell in read(client, reverse("visit_trend")).select("tfoot td")][-1] == "1"
    assert client.get(reverse("visit_trend"), {"place": world.foreign.pk}).status_code == 404

    client.force_login(world.cadre("局外人"))
    assert read(client, reverse("visit_trend")).select("tfoot") == []

    client.force_login(Cadre.objects.get(name="大村长"))
    assert read(client, reverse("coverage_trend", args=[round.pk])).select("tfoot td")[1].text == "2"
    assert client.get(reverse("coverage_trend", args=[round.pk]), {"place": world.foreign.pk}).status_code == 404


@pytest.mark.parametrize(
    "query", ["on=2099-01-01", "on=x", "on=2020-01-01", "by=unit", "place=x", "weeks=x", "since=x"]
)
def test_a_senseless_question_never_breaks_a_page(client: Client, supervisor: Cadre, round: Round, query: str) -> None:
    client.force_login(supervisor)

    for address in (reverse("coverage_trend", args=[round.pk]), reverse("visit_trend"), reverse("visit_list")):
        assert client.get(f"{address}?{query}").status_code == 200


@pytest.mark.parametrize("villages", [1, 3])
def test_the_pages_send_a_fixed_number_of_queries(
    client: Client, world: World, supervisor: Cadre, villages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for village in (world.village, world.sibling, world.foreign)[:villages]:
        home = world.household("户", village)
        world.visit(home, TODAY, world.help("帮扶", home))
    round = world.round([Post.VILLAGE_CHIEF])
    client.force_login(supervisor)

    with django_assert_num_queries(21):
        client.get(reverse("coverage_trend", args=[round.pk]))
    with django_assert_num_queries(12):
        client.get(reverse("visit_trend"))


def test_the_library_is_what_its_origin_says_and_old_browsers_can_read_it() -> None:
    text = (LIBRARY / "echarts.common.min.js").read_text(encoding="utf-8")

    esprima.parseScript(text)  # knows ECMAScript 2017 and nothing newer
    assert 't.version="6.1.0"' in text
    assert "new Function" not in text
