"""A province in sums that say of when they are: for whoever sees whole districts, counted by the sweep."""

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.coverage import figures
from casework.models import KeptFigures, Round
from casework.province import count_running_rounds, province
from casework.tests.world import TODAY, World, at
from villages.models import Cadre, District, Post, Town

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


@pytest.fixture
def second(world: World) -> District:
    district = District.objects.create(code="360703", name="南康区")
    Town.objects.create(code="360703101", district=district, name="唐江镇")
    return district


@pytest.fixture
def leader(world: World, second: District) -> Cadre:
    """Somebody with a post over both districts."""
    return world.post(world.post("市督导", Post.SUPERVISOR, world.district), Post.SUPERVISOR, second)


def make_rounds(world: World, second: District) -> list[Round]:
    """Two rounds in the one district and one in the other, of which one duty is done."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    home = world.household("张三")
    village = world.make_village("360703101200", "平田村委会")
    world.household("李四", village)
    rounds = [world.round([Post.VILLAGE_CHIEF]), world.round([Post.FIRST_SECRETARY])]
    rounds.append(world.round([Post.VILLAGE_CHIEF], on=date(2026, 10, 1)))
    world.visit(home, date(2026, 10, 5), chief)
    there = Round.objects.get(pk=rounds[2].pk)
    there.duties.all().delete()
    there.district = second
    there.save()
    return rounds


def lines(client: Client, **query: str) -> list[list[str]]:
    response = client.get(reverse("province"), query)
    assert response.status_code == 200
    rows = BeautifulSoup(response.content, "html.parser").select("tbody tr, tfoot tr")
    return [[" ".join(cell.text.split()) for cell in row.select("th, td")] for row in rows]


def test_districts_stand_in_order_of_codes_with_sums_and_their_moment(client, world, second, leader, frozen):
    make_rounds(world, second)
    count_running_rounds(now=NOW)
    frozen.shift(120)
    client.force_login(leader)

    assert lines(client) == [
        ["南康区 1个轮次", "0", "0", "0", "0", "0", "0", "0", "–", "10:00:00"],
        ["赣县区 2个轮次", "2", "1", "0", "0", "0", "1", "0", "50.00%", "10:00:00"],
        ["合计", "2", "1", "0", "0", "0", "1", "0", "50.00%", ""],
    ]


def test_an_opened_district_shows_its_rounds_which_lead_to_their_coverage(client, world, second, leader):
    round = make_rounds(world, second)[0]
    count_running_rounds(now=NOW)
    client.force_login(leader)

    page = BeautifulSoup(client.get(reverse("province"), {"district": "360704"}).content, "html.parser")

    links = [link["href"] for link in page.select("table")[1].select("tbody a")]
    assert links[0] == reverse("coverage", args=[round.pk])
    assert client.get(links[0]).status_code == 200
    for senseless in ("360799", "x", ""):
        assert len(lines(client, district=senseless)) == 3


def test_what_nobody_has_counted_yet_is_said_and_not_taken_for_nothing(client, world, second, leader):
    make_rounds(world, second)
    client.force_login(leader)

    assert [line[-1] for line in lines(client)[:2]] == ["（未统计：1）", "（未统计：2）"]


def test_the_sums_are_those_of_the_coverage_page(world, second, leader):
    make_rounds(world, second)
    count_running_rounds(now=NOW)

    for district in province(leader, TODAY):
        for line in district.rounds:
            assert line.counts == figures(line.round, cadre=leader, on=TODAY).total


def test_the_sweep_counts_again_what_is_older_than_allowed_and_nothing_twice(world, second, settings):
    make_rounds(world, second)
    minutes = settings.PROVINCE_KEPT_MINUTES

    counted = [count_running_rounds(now=NOW + timedelta(minutes=later)) for later in (0, 0, minutes - 1, minutes + 1)]

    assert counted == [3, 0, 0, 3]
    assert set(KeptFigures.objects.values_list("counted_at__minute", flat=True)) == {minutes + 1}


def test_a_sweep_without_time_leaves_the_rest_to_the_next(world, second):
    make_rounds(world, second)

    assert count_running_rounds(now=NOW, seconds=-1) == 0
    assert count_running_rounds(now=NOW) == 3


def test_soon_after_midnight_the_figures_of_the_day_before_are_shown_as_such(client, world, second, leader, frozen):
    make_rounds(world, second)
    count_running_rounds(now=NOW)
    frozen.shift(timedelta(hours=15))
    client.force_login(leader)

    assert lines(client)[1][-1] == "2026年10月15日 10:00:00"


def test_only_whole_districts_are_shown_and_only_to_who_has_several(client, world, second, leader):
    boss = Cadre.objects.create_superuser("boss", "secret-words", name="管理员")
    one = world.post("区督导", Post.SUPERVISOR, world.district)
    world.post(one, Post.TOWN_SECRETARY, Town.objects.get(pk="360703101"))
    former = world.post("前督导", Post.SUPERVISOR, world.district)
    world.post(former, Post.SUPERVISOR, second, ends_on=date(2026, 10, 1))

    answers: dict[str, Any] = {}
    for cadre in (boss, leader, one, former, world.post("村长", Post.VILLAGE_CHIEF, world.village)):
        client.force_login(cadre)
        has_way = reverse("province").encode() in client.get(reverse("coverage_home")).content
        answers[cadre.name] = client.get(reverse("province")).status_code, has_way

    assert answers == {
        "管理员": (200, True),
        "市督导": (200, True),
        "区督导": (403, False),
        "前督导": (403, False),
        "村长": (403, False),
    }


@pytest.mark.parametrize("districts", [2, 5])
def test_the_page_sends_a_fixed_number_of_queries(
    client: Client, world: World, leader: Cadre, districts: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(districts - 2):
        district = District.objects.create(code=f"36071{number}", name="某县")
        world.post(leader, Post.SUPERVISOR, district)
    client.force_login(leader)

    with django_assert_num_queries(8):
        client.get(reverse("province"))
