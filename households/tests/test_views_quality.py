"""The data-quality page: every number opens exactly the list behind it, at each level and for each rule."""

import re

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.tests.world import World
from households.models import Guarantee, Household, Income, Person
from households.quality import rules
from households.tests.files import whole_file
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("经办人", Post.CLERK, world.district)


@pytest.fixture
def broken(world: World) -> list[Household]:
    """Four files in three villages of two towns; two of the first village and the foreign one are broken."""
    places = [world.village, world.village, world.sibling, world.foreign]
    households = [whole_file(world, f"户主{number}", place) for number, place in enumerate(places, start=1)]
    first, second, _sibling, foreign = households
    Income.objects.filter(household__in=[first, second]).delete()
    Guarantee.objects.filter(household=foreign, kind="water").delete()
    Household.objects.filter(pk__in=[first.pk, foreign.pk]).update(members=5)
    Person.objects.filter(household=first, name="儿子").update(schooling="none")
    return households


def read(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def numbers(page: BeautifulSoup) -> dict[str, int]:
    """What the page says of each rule."""
    rows = page.select("tr[data-rule]")
    return {str(row["data-rule"]): int(row.select_one("td").text) for row in rows}  # type: ignore[union-attr]


def names(page: BeautifulSoup) -> list[str]:
    return [row.select_one("th").text.strip() for row in page.select("tr[data-household]")]  # type: ignore[union-attr]


def total(page: BeautifulSoup) -> int:
    """How many the head of a list says there are."""
    (said,) = page.select("h1 [data-total]")
    assert str(said["data-total"]) in said.text
    return int(str(said["data-total"]))


@pytest.mark.parametrize("place", ["360704", "360704101", "360704102", "360704101200", "360704101201", "360704102200"])
def test_every_number_opens_a_list_of_as_many_names(
    client: Client, clerk: Cadre, broken: list[Household], place: str
) -> None:
    client.force_login(clerk)
    said = numbers(read(client, f"{reverse('quality')}?place={place}"))
    assert list(said) == [rule.key for rule in rules()]

    for key, number in said.items():
        listed = read(client, f"{reverse('quality_list', args=[key])}?place={place}")
        assert len(names(listed)) == number
        assert total(listed) == number


def test_what_was_broken_is_counted_at_each_level(client: Client, clerk: Cadre, broken: list[Household]) -> None:
    client.force_login(clerk)

    district = read(client, reverse("quality"))

    found = {key: number for key, number in numbers(district).items() if number}
    assert found == {"income_missing": 2, "guarantee_unknown": 1, "members_differ": 2, "child_out_of_school": 1}
    below = {row["data-place"]: int(row.select_one("td").text) for row in district.select("tr[data-place]")}  # type: ignore[union-attr]
    assert below == {"360704101": 4, "360704102": 2}
    assert [int(cell.text) for cell in district.select("tfoot td")] == [6, 6]


def test_the_numbers_of_the_places_below_open_pages_that_add_up_to_them(
    client: Client, clerk: Cadre, broken: list[Household]
) -> None:
    client.force_login(clerk)
    district = read(client, reverse("quality"))

    for row in district.select("tr[data-place]"):
        link = row.select_one("td a")
        assert link is not None
        below = read(client, f"{reverse('quality')}{str(link['href'])[len(reverse('quality')) :]}")
        assert sum(numbers(below).values()) == int(link.text)


def test_the_places_of_a_list_add_up_to_it_in_order_of_their_codes(
    client: Client, clerk: Cadre, broken: list[Household]
) -> None:
    client.force_login(clerk)

    listed = read(client, reverse("quality_list", args=["members_differ"]))

    places = [(item["data-place"], int(item.text.split()[-1])) for item in listed.select("li[data-place]")]
    assert places == [("360704101", 1), ("360704102", 1)]
    assert names(listed) == ["户主1", "户主4"]


def test_a_list_is_in_pages_and_its_head_counts_them_all(client: Client, world: World, clerk: Cadre) -> None:
    for number in range(51):
        world.household(f"户主{number}", phone="")
    client.force_login(clerk)
    address = reverse("quality_list", args=["phone_blank"])

    first, second = read(client, address), read(client, f"{address}?page=2&place={world.district.pk}")

    assert (len(names(first)), len(names(second))) == (50, 1)
    assert total(first) == total(second) == 51
    assert not set(names(first)) & set(names(second))


def test_the_member_concerned_is_named(client: Client, clerk: Cadre, broken: list[Household]) -> None:
    client.force_login(clerk)

    listed = read(client, reverse("quality_list", args=["child_out_of_school"]))

    (row,) = listed.select("tr[data-household]")
    assert next(cell.text.strip() for cell in row.select("td")) == "儿子"
    other = read(client, reverse("quality_list", args=["income_missing"]))
    assert len(other.select("thead th")) == len(listed.select("thead th")) - 1


def test_one_click_leads_to_the_record(client: Client, world: World, clerk: Cadre, broken: list[Household]) -> None:
    client.force_login(clerk)
    listed = read(client, reverse("quality_list", args=["guarantee_unknown"]))
    addresses = [str(link["href"]) for link in listed.select("tr[data-household] a")]

    pk = broken[3].pk
    assert addresses == [reverse("household", args=[pk]), reverse("admin:households_household_change", args=[pk])]
    assert [client.get(address).status_code for address in addresses] == [200, 200]


def test_only_the_office_of_the_place_is_led_to_its_panel(
    client: Client, world: World, broken: list[Household]
) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    client.force_login(chief)

    listed = read(client, reverse("quality_list", args=["income_missing"]))

    assert names(listed) == ["户主1", "户主2"]
    assert not listed.select("a[href*=admin]")


def test_everybody_begins_at_the_own_place_and_sees_no_further(
    client: Client, world: World, broken: list[Household]
) -> None:
    helper = world.help("帮扶干部", broken[0])
    client.force_login(helper)

    mine = read(client, reverse("quality"))

    assert [crumb.text for crumb in mine.select(".crumbs li")] == ["赣县区", "王母渡镇", "潭埠村"]
    assert numbers(mine)["income_missing"] == 1
    assert names(read(client, reverse("quality_list", args=["income_missing"]))) == ["户主1"]
    assert client.get(f"{reverse('quality')}?place={world.foreign.pk}").status_code == 404
    assert client.get(f"{reverse('quality_list', args=['phone_blank'])}?place=360704102").status_code == 404


def test_an_outsider_and_an_unknown_rule_find_nothing(client: Client, world: World, clerk: Cadre) -> None:
    client.force_login(world.cadre("外人"))
    assert client.get(reverse("quality")).status_code == 404

    client.force_login(clerk)
    assert client.get(reverse("quality_list", args=["no_such_rule"])).status_code == 404


def test_no_number_of_a_person_is_shown(client: Client, clerk: Cadre, broken: list[Household]) -> None:
    client.force_login(clerk)
    Person.objects.update(id_problem="number")

    text = read(client, reverse("quality_list", args=["identity_wrong"])).text

    assert "户主1" in text
    assert not re.search(r"\d{17}[\dX]|36072119|154\d{8}", text)


@pytest.mark.parametrize("name", ["quality", "quality_list"])
def test_a_page_takes_as_many_queries_for_three_households_as_for_one(
    client: Client, world: World, clerk: Cadre, name: str
) -> None:
    client.force_login(clerk)
    address = reverse(name, args=["child_out_of_school"] if name == "quality_list" else [])
    _out_of_school(whole_file(world, "户主1"))
    few = _queries(client, address)

    _out_of_school(whole_file(world, "户主2"))
    _out_of_school(whole_file(world, "户主3", world.foreign))

    assert _queries(client, address) == few <= 16


def _out_of_school(household: Household) -> None:
    Person.objects.filter(household=household, name="儿子").update(schooling="none")


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
