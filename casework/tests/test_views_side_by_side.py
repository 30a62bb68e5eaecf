"""Tests of the pages around the rounds side by side: every number opens as many names, sorted only when asked."""

import re
from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.bulletins import ask_for_bulletin, count_bulletin, release_bulletin
from casework.models import Round
from casework.rounds import close_round
from casework.tests.world import TODAY, World, at
from households.models import MonitoringType
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def rounds(world: World, supervisor: Cadre) -> list[Round]:
    """Two rounds and the closed one before the second; done, open, vacant, by phone, unseen and monitored."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    seen = world.household("走过")
    world.household("没走")
    world.household("监测", world.sibling, monitoring_type=MonitoringType.UNSTABLE)
    world.household("别镇", world.foreign)
    before = world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 9, 1), due_on=date(2026, 9, 30), name="九月")
    world.visit(seen, date(2026, 9, 10), chief)
    before = close_round(round=before, actor=supervisor, on=date(2026, 10, 2))
    world.visit(seen, date(2026, 10, 5), chief)
    later = world.round([Post.VILLAGE_CHIEF], previous=before, name="十月")
    other = world.round([Post.FIRST_SECRETARY], name="书记")
    return [before, later, other]


def read(client: Client, address: str, **query: str) -> BeautifulSoup:
    response = client.get(address, query)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.core
@pytest.mark.parametrize("query", [{}, {"on": "2026-10-04", "place": "360704101"}])
def test_every_number_opens_a_list_of_as_many_names(
    client: Client, supervisor: Cadre, rounds: list[Round], query: dict[str, str]
) -> None:
    client.force_login(supervisor)

    numbers = read(client, reverse("coverage_home"), **query).select("table.beside td a")

    assert len(numbers) > 4
    for number in numbers:
        page = read(client, str(number["href"]))
        rows = page.select("tr[data-duty], tr[data-household], tr[data-seat]")
        assert (int(re.findall(r"\d+", page.h1.text)[-1]), len(rows)) == (int(number.text), int(number.text)), number


def test_the_sum_is_the_sum_of_counts_beside_the_period_before(
    client: Client, supervisor: Cadre, rounds: list[Round]
) -> None:
    client.force_login(supervisor)

    cells = read(client, reverse("coverage_home")).select("tfoot td")

    later, other, unasked = (" ".join(cell.text.split()) for cell in cells)
    assert later.startswith("25.00% 1 / 4 空岗 2 上期同日 25.00% (持平)上期结束时 25.00% (持平)")
    assert other.startswith("0.00% 0 / 4 空岗 4")
    vacant = read(client, reverse("coverage_vacant"))
    assert "乡镇岗位空缺时，所辖各村各计一次" in vacant.text
    assert vacant.select_one("a[href*='/lists/vacant-posts/']")
    assert unasked == "空缺岗位 5 未见到 3 其中监测对象 1"


@pytest.mark.core
def test_the_page_says_what_has_changed_since_the_last_bulletin_over_the_place(
    client: Client, world: World, supervisor: Cadre, rounds: list[Round]
) -> None:
    days = {"starts_on": date(2026, 10, 1), "cut_off_on": date(2026, 10, 4)}
    asked = {"place": world.district, "rounds": rounds[1:], "actor": supervisor, "now": at(TODAY)}
    bulletin = ask_for_bulletin(key=uuid4(), **asked, **days)
    count_bulletin(bulletin.pk, now=at(TODAY))
    client.force_login(supervisor)
    drafted = read(client, reverse("coverage_home")).select("[data-since]")

    release_bulletin(bulletin_id=bulletin.pk, actor=supervisor, now=at(TODAY))

    page = read(client, reverse("coverage_home"))
    said = [" ".join(line.text.split()) for line in page.select("[data-since] li")]
    village = read(client, reverse("coverage_home"), place=world.foreign.pk).select("[data-since] li")
    before = read(client, reverse("coverage_home"), on="2026-10-04").select("[data-since]")
    assert (drafted, before) == ([], [])
    assert said == ["十月：已访0 → 1（+1）", "书记：已访0，没有变化"]
    assert page.select_one("[data-since] p a")["href"] == reverse("bulletin", args=[bulletin.pk])
    assert [" ".join(line.text.split()) for line in village] == [
        "十月：已访0，没有变化",
        "书记：已访0，没有变化",
    ]
    assert not page.select("[data-part]")
    client.force_login(Cadre.objects.get(name="大村长"))
    for place, is_part in ((world.village.pk, False), (world.town.pk, True)):
        part = read(client, reverse("coverage_home"), place=place)
        assert (bool(part.select("[data-part]")), bool(part.select("[data-since]"))) == (is_part, not is_part)
        assert len(part.select("thead a.round")) == 2
        for name in ("coverage", "coverage_wall", "coverage_trend"):
            assert bool(read(client, reverse(name, args=[rounds[0].pk]), place=place).select("[data-part]")) == is_part
        for name in ("visit_trend", "coverage_unseen", "coverage_vacant"):
            assert bool(read(client, reverse(name), place=place).select("[data-part]")) == is_part
    screen = read(client, reverse("coverage_wall", args=[rounds[0].pk]), place=world.town.pk, screen="on")
    assert screen.select("main > [data-part]")
    assert read(client, reverse("round", args=[rounds[0].pk])).select("[data-part]")
    client.force_login(supervisor)
    assert not read(client, reverse("round", args=[rounds[0].pk])).select("[data-part]")


def test_rounds_that_are_over_can_be_chosen(client: Client, supervisor: Cadre, rounds: list[Round]) -> None:
    client.force_login(supervisor)
    both = f"{reverse('coverage_home')}?round={rounds[0].pk}&round={rounds[2].pk}"

    page = read(client, both)

    assert [link.text for link in page.select("thead .round")] == ["九月", "书记"]
    deeper = read(client, str(page.select("tbody th a")[0]["href"]))
    assert [link.text for link in deeper.select("thead .round")] == ["九月", "书记"]


def test_the_lines_come_by_code_and_otherwise_only_when_asked(
    client: Client, supervisor: Cadre, rounds: list[Round], world: World
) -> None:
    client.force_login(supervisor)
    address, column = reverse("coverage_home"), f"r{rounds[1].pk}_rate"

    by_code, up, unknown = (read(client, address, sort=sort) for sort in ("", column, "nonsense"))

    names = [[link.text for link in page.select("tbody th a")] for page in (by_code, up, unknown)]
    towns = [world.town.name, world.other_town.name]
    assert names == [towns, towns[::-1], towns]
    assert [len(page.select("th[aria-sort]")) for page in (by_code, up, unknown)] == [0, 1, 0]
    assert up.select_one("th[aria-sort]")["aria-sort"] == "ascending"


def test_the_way_down_ends_at_the_village_and_its_crumbs_lead_back(
    client: Client, supervisor: Cadre, rounds: list[Round], world: World
) -> None:
    client.force_login(supervisor)

    page = read(client, reverse("coverage_home"), place=world.village.pk, on="2026-10-06")

    assert [link["href"] for link in page.select(".crumbs a")] == [
        f"{reverse('coverage_home')}?on=2026-10-06&place={code}" for code in ("360704", "360704101")
    ]
    assert page.select_one("tbody th a")["href"] == reverse("village", args=[world.village.pk])


def test_a_helper_starts_at_the_own_familys_village_and_an_outsider_has_no_round(
    client: Client, world: World, rounds: list[Round]
) -> None:
    helper = world.help("帮扶", world.household("我家"))
    client.force_login(helper)
    page = read(client, reverse("coverage_home"))
    assert len(page.select("tbody tr")) == 1
    assert not page.select("main a[href*='/villages/']")

    client.force_login(world.cadre("局外人"))
    assert not read(client, reverse("coverage_home")).select("table")
    for name in ("coverage_unseen", "coverage_unseen_list", "coverage_vacant"):
        assert client.get(reverse(name)).status_code == 404


@pytest.mark.parametrize("query", ["by=class", "days=1&on=2026-10-06&sort=-unseen"])
def test_every_number_of_the_unseen_opens_a_list_of_as_many_names(
    client: Client, supervisor: Cadre, rounds: list[Round], query: str
) -> None:
    client.force_login(supervisor)

    numbers = read(client, f"{reverse('coverage_unseen')}?{query}").select("table.figures td a")

    assert len(numbers) > 4
    for number in numbers:
        page = read(client, str(number["href"]))
        names = page.select("tr[data-household]")
        assert (int(re.findall(r"\d+", page.h1.text)[-1]), len(names)) == (int(number.text), int(number.text))


def test_a_closed_round_shows_both_figures_and_the_names(
    client: Client, world: World, supervisor: Cadre, rounds: list[Round]
) -> None:
    chief = Cadre.objects.get(name="大村长")
    household = world.household("补录", registered_on=date(2026, 1, 1))
    round = close_round(round=world.round([Post.VILLAGE_CHIEF]), actor=supervisor, on=TODAY)
    world.visit(household, date(2026, 10, 8), chief, now=at(TODAY, 11))
    client.force_login(supervisor)

    page = read(client, reverse("coverage_closing", args=[round.pk]))

    assert [" ".join(cell.text.split()) for cell in page.select("tfoot td")][1] == "1→ 2 (+1)"
    [row] = page.select("tr[data-duty]")
    assert "结束后补录" in row.text
    assert client.get(reverse("coverage_closing", args=[rounds[1].pk])).status_code == 302


@pytest.mark.parametrize("by", ["class", "group"])
def test_a_split_by_households_is_offered_only_where_households_are_visited(
    client: Client, world: World, supervisor: Cadre, rounds: list[Round], by: str
) -> None:
    villages = world.round([Post.DISTRICT_SECRETARY], "poor_village")
    client.force_login(supervisor)

    split, not_split = (read(client, reverse("coverage", args=[pk]), by=by) for pk in (rounds[1].pk, villages.pk))

    assert [len(page.select(".tabs a")) for page in (split, not_split)] == [6, 4]
    for number in split.select("table.figures td a"):
        assert len(read(client, str(number["href"])).select("tr[data-duty]")) == int(number.text)


@pytest.mark.parametrize("query", ["on=x&place=x", "days=0&sort=x!", "days=x&kind=x", "rounds=x&by=x", "round=x"])
def test_a_senseless_question_never_breaks_a_page(
    client: Client, supervisor: Cadre, rounds: list[Round], query: str
) -> None:
    client.force_login(supervisor)

    for name in ("coverage_home", "coverage_unseen", "coverage_unseen_list", "coverage_vacant"):
        assert client.get(f"{reverse(name)}?{query}").status_code == 200


@pytest.mark.parametrize("villages", [1, 3])
def test_the_pages_send_a_fixed_number_of_queries(
    client: Client, world: World, supervisor: Cadre, villages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for village in (world.village, world.sibling, world.foreign)[:villages]:
        world.household("户", village)
    world.round([Post.VILLAGE_CHIEF])
    client.force_login(supervisor)

    with django_assert_num_queries(24):
        client.get(reverse("coverage_home"))
    with django_assert_num_queries(12):
        client.get(reverse("coverage_unseen"))
    with django_assert_num_queries(12):  # its number is that of the table: counted by three statements, or kept
        client.get(reverse("coverage_unseen_list"))
