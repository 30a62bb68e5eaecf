"""Tests of the wall: every village of a round on a tile, with the number its list has."""

from datetime import date

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.models import Round
from casework.tests.world import TODAY, World
from households.models import Household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def round(world: World) -> Round:
    """In one village one of two is done, in the next one is open, in another town the post is vacant."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.post(chief, Post.VILLAGE_CHIEF, world.sibling)
    seen = world.household("走过")
    world.household("没走")
    world.household("邻村", world.sibling)
    world.household("别镇", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF])
    world.visit(seen, date(2026, 10, 5), chief)
    return round


def wall(client: Client, round: Round, **query: str) -> BeautifulSoup:
    response = client.get(reverse("coverage_wall", args=[round.pk]), query)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(tile: Tag) -> str:
    return " ".join(tile.text.split())


def test_every_village_has_a_tile_under_its_town(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    page = wall(client, round)

    assert {
        section.h2.text: [words(tile) for tile in section.select(".tile")] for section in page.select("section")
    } == {
        "王母渡镇": ["潭埠村 50% 1/2", "浓口村 0% 0/1"],
        "沙地镇": ["攸镇村 0% 0/1"],
    }


@pytest.mark.parametrize("shows", ["open", "overdue", "vacant", "by_phone"])
@pytest.mark.parametrize("on", ["", "2026-10-04"])
def test_the_number_on_a_tile_is_the_length_of_the_list_it_opens(
    client: Client, supervisor: Cadre, round: Round, shows: str, on: str
) -> None:
    client.force_login(supervisor)

    tiles = wall(client, round, shows=shows, on=on).select(".tile")

    assert len(tiles) == 3
    for tile in tiles:
        listed = BeautifulSoup(client.get(str(tile["href"])).content, "html.parser")
        assert int(tile.strong.text) == len(listed.select("tr[data-duty]"))


@pytest.mark.parametrize(
    ("shows", "on", "told"),
    [
        ("unseen", "2026-10-04", ["潭埠村 1 /2", "浓口村 1 /1", "攸镇村 0 /0"]),
        ("posts", "", ["潭埠村 0 /1", "浓口村 0 /1", "攸镇村 1 /1"]),
    ],
)
def test_what_no_round_asks_stands_on_the_tiles_and_opens_its_own_list(
    client: Client, world: World, supervisor: Cadre, round: Round, shows: str, on: str, told: list[str]
) -> None:
    helper = world.help("帮扶", world.household("监测见过", monitoring_type="marginal"))
    world.household("监测没见", monitoring_type="marginal")
    world.household("监测邻村", world.sibling, monitoring_type="sudden")
    world.visit(Household.objects.get(head_name="监测见过"), date(2026, 10, 3), helper)
    client.force_login(supervisor)

    page = wall(client, round, shows=shows, on=on)

    assert [words(tile) for tile in page.select(".tile")] == told
    for tile in page.select(".tile, .town-tile"):
        listed = BeautifulSoup(client.get(str(tile["href"])).content, "html.parser")
        assert int(tile.strong.text) == len(listed.select("tr[data-household], tr[data-seat]"))
    assert sum(int(tile.strong.text) for tile in page.select(".town-tile")) == sum(
        int(tile.strong.text) for tile in page.select(".tile")
    )


def test_open_problems_stand_on_the_tiles(client: Client, world: World, supervisor: Cadre, round: Round) -> None:
    chief = Cadre.objects.get(name="大村长")
    world.visit(Household.objects.get(head_name="走过"), TODAY, chief, problem="屋顶漏雨")
    client.force_login(supervisor)

    page = wall(client, round, shows="problems")

    assert [words(tile) for tile in page.select(".tile")] == ["潭埠村 1", "浓口村 0", "攸镇村 0"]
    assert str(page.select_one(".tile")["href"]).startswith(reverse("problems"))


def test_a_town_says_the_sum_of_its_villages(client: Client, supervisor: Cadre, round: Round) -> None:
    client.force_login(supervisor)

    assert [words(tile) for tile in wall(client, round).select(".town-tile")] == [
        "王母渡镇 33% 1/3",
        "沙地镇 0% 0/1",
    ]


def test_all_is_said_only_where_nothing_is_left(client: Client, world: World, supervisor: Cadre) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    households = [world.household(f"第{number}户") for number in range(201)]
    round = world.round([Post.VILLAGE_CHIEF])
    for household in households[1:]:
        world.visit(household, TODAY, chief)
    client.force_login(supervisor)

    [tile] = wall(client, round).select(".tile")

    assert words(tile) == "潭埠村 99% 200/201"


def test_the_screen_view_renews_itself_and_shows_the_same_tiles(
    client: Client, supervisor: Cadre, round: Round
) -> None:
    client.force_login(supervisor)

    desk, screen = wall(client, round), wall(client, round, screen="on")

    assert [words(tile) for tile in screen.select(".tile")] == [words(tile) for tile in desk.select(".tile")]
    assert (len(screen.select("[data-renew]")), len(desk.select("[data-renew]"))) == (1, 0)


def test_a_chief_sees_the_tiles_of_the_own_villages(client: Client, round: Round) -> None:
    client.force_login(Cadre.objects.get(name="大村长"))

    assert [words(tile) for tile in wall(client, round).select(".tile")] == ["潭埠村 50% 1/2", "浓口村 0% 0/1"]


@pytest.mark.parametrize("villages", [1, 3])
def test_the_wall_sends_a_fixed_number_of_queries(
    client: Client, world: World, supervisor: Cadre, villages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for village in (world.village, world.sibling, world.foreign)[:villages]:
        world.household("户", village)
    round = world.round([Post.VILLAGE_CHIEF])
    client.force_login(supervisor)

    with django_assert_num_queries(14):
        client.get(reverse("coverage_wall", args=[round.pk]))
