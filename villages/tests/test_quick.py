"""The quick search at the top of the panel: by what people know, within reach, with nothing in the address."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.models import Household, Person, Relation
from households.persons import save_person
from households.pinyin import fill_in
from households.tests.numbers import identity_number
from villages.models import Post
from villages.tests.panel import Panel, address

pytestmark = [pytest.mark.django_db, pytest.mark.core]

BORN = date(1968, 3, 2)


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


def member(household: Household, name: str, serial: int = 0) -> Person:
    person = Person(household=household, number=f"{household.number}{serial:02}", name=name, relation=Relation.SON)
    person.id_number = identity_number(BORN, serial=serial)  # type: ignore[assignment]
    return save_person(person, actor=None, on=TODAY)


def found(panel: Panel, text: str) -> dict[str, list[str]]:
    """Heading: names, as the page shows them."""
    response = panel.client.post(reverse("admin:quick_search"), {"quick": text})
    assert response.status_code == 200
    return {group.title: [hit.label for hit in group.hits] for group in response.context["groups"]}


@pytest.mark.parametrize("text", ["钟水生", "水生", "zss", "ZSS"])
def test_a_person_is_found_by_name_and_initials(world, clerk, text):
    member(world.household("刘家"), "钟水生")
    fill_in()

    assert found(clerk, text) == {"家庭成员": [f"钟水生 · 之子 · 刘家 · {world.village}"]}


def test_a_household_is_found_by_its_number(world, clerk):
    home = world.household("刘家")
    world.household("钟家")

    assert found(clerk, home.number) == {"农户": [f"刘家 · {world.village} · {home.number}"]}


def test_a_person_is_found_by_the_last_four_and_by_the_whole_identity_number(world, clerk):
    person = member(world.household("刘家"), "钟水生", serial=3)
    number = identity_number(BORN, serial=3)

    for text in (number[-4:], number, number.lower()):
        assert found(clerk, text) == {"家庭成员": [f"钟水生 · 之子 · 刘家 · {world.village}"]}
    page = clerk.client.post(reverse("admin:quick_search"), {"quick": number}).content.decode()
    assert number not in page
    assert address(Person, "change", person.pk) in page


def test_cadres_and_villages_are_found_too_in_their_own_groups(world, clerk):
    cadre = world.post("钟村长", Post.VILLAGE_CHIEF, world.village)

    assert found(clerk, "钟村长") == {"干部": [f"钟村长 · {cadre.username}"]}
    assert found(clerk, "潭埠") == {"行政村": ["潭埠村委会 · 王母渡镇"]}


def test_nothing_out_of_reach_is_found_by_anything(world, town_clerk):
    foreign = world.household("赖家", world.foreign)
    member(foreign, "赖水生", serial=3)
    world.post("赖村长", Post.VILLAGE_CHIEF, world.foreign)
    number = identity_number(BORN, serial=3)
    fill_in()

    for text in ("赖", "lj", "lss", foreign.number, number, number[-4:], "攸镇"):
        assert found(town_clerk, text) == {}


def test_the_script_gets_the_hits_alone(world, clerk):
    world.household("刘家")

    headers = {"X-Requested-With": "fetch"}
    response = clerk.client.post(reverse("admin:quick_search"), {"quick": "刘家"}, headers=headers)

    assert "<html" not in response.content.decode()
    assert "刘家" in response.content.decode()


def test_more_than_eight_are_told_and_not_listed(world, clerk):
    for _number in range(9):
        world.household("刘家")

    group = clerk.client.post(reverse("admin:quick_search"), {"quick": "刘家"}).context["groups"][0]
    assert (len(group.hits), group.has_more) == (8, True)


def test_an_address_finds_nothing_so_no_number_gets_into_one(world, clerk):
    world.household("刘家")

    page = clerk.client.get(reverse("admin:quick_search"), {"quick": "刘家"})

    assert page.context["groups"] == []


def test_it_costs_the_same_queries_at_one_and_three_hits(world, clerk):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            found(clerk, "刘家")
        return len(queries)

    world.household("刘家")
    at_one = cost()
    world.household("刘家")
    world.household("刘家")

    assert cost() == at_one


@pytest.mark.parametrize("who", ["helper", "chief", "outsider"])
def test_who_is_not_of_the_office_does_not_find_it(world, client, who):
    cast: dict[str, Any] = world.cast()
    cadre = world.help("帮扶人", world.household("刘家")) if who == "helper" else cast[who]
    client.force_login(cadre)

    assert client.post(reverse("admin:quick_search"), {"quick": "刘"}).status_code == 404
