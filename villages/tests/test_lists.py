"""Lists of the panel: the own town first, filters that stay, own filters, and no personal number in an address."""

from typing import Any

import pytest
from django.urls import reverse

from casework.tests.world import World
from households.models import HelperPairing, Household
from villages.models import Post, Posting, SavedFilter
from villages.personal_numbers import has_personal_number
from villages.tests.panel import Panel, address

pytestmark = [pytest.mark.django_db, pytest.mark.core]

HOUSEHOLDS = "/admin/households/household/"


@pytest.fixture
def clerk(world: World) -> Panel:
    """The clerk of the district."""
    return Panel(world.post("区录入员", Post.CLERK, world.district))


@pytest.fixture
def town_clerk(world: World) -> Panel:
    """The clerk of world.town."""
    return Panel(world.post("镇录入员", Post.CLERK, world.town))


def titles(panel: Panel, **query: str) -> list[str]:
    """The filters that offer a choice."""
    response = panel.client.get(address(Household, "changelist"), query)
    cl = response.context["cl"]
    return [str(spec.title) for spec in cl.filter_specs if list(spec.choices(cl))]


def test_names_stand_in_the_order_of_their_characters_and_backwards(world, clerk):
    ls, zs, other_ls, ls_again = [world.household(name) for name in ("李四", "张三", "刘水", "李四")]

    assert clerk.rows(Household, o="1") == [other_ls, zs, ls_again, ls]
    assert clerk.rows(Household, o="-1") == [ls_again, ls, zs, other_ls]


# The own town ---------------------------------------------------------------------------------


def test_a_town_clerk_is_offered_the_own_villages_at_once_and_no_other_town(world, town_clerk):
    offered = titles(town_clerk)

    assert "乡镇" not in offered
    assert "行政村" in offered


def test_a_district_clerk_sees_all_towns_until_one_is_chosen(world, clerk):
    mine, foreign = world.household("刘家"), world.household("赖家", world.foreign)

    assert set(clerk.rows(Household)) == {mine, foreign}


def test_the_chosen_town_is_remembered_in_every_list(world, clerk):
    world.household("刘家")
    clerk.rows(Household, in_town=world.other_town.pk)

    for model in (Household, HelperPairing, Posting):
        response = clerk.client.get(address(model, "changelist"))
        assert response.url == f"{address(model, 'changelist')}?in_town={world.other_town.pk}"


def test_all_towns_is_remembered_too(world, clerk):
    clerk.rows(Household, in_town=world.other_town.pk)
    clerk.rows(Household, in_town="all")

    assert clerk.client.get(address(Household, "changelist")).status_code == 200


def test_a_remembered_town_out_of_reach_is_ignored(world, town_clerk):
    mine = world.household("刘家")
    town_clerk.client.cookies["office_town"] = world.other_town.pk

    assert town_clerk.rows(Household) == [mine]


def test_who_works_for_one_town_and_sees_two_begins_with_the_own(world):
    cadre = world.post("镇录入员", Post.CLERK, world.town)
    world.post(cadre, Post.VILLAGE_CHIEF, world.foreign)

    response: Any = Panel(cadre).client.get(address(Household, "changelist"))

    assert response.url == f"{address(Household, 'changelist')}?in_town={world.town.pk}"


def test_another_town_takes_the_village_of_the_first_away(world, clerk):
    response = clerk.client.get(
        address(Household, "changelist"),
        {"in_town": world.town.pk, "in_village": world.village.pk, "is_away__exact": "1"},
    )

    towns = response.context["cl"].filter_specs[0]
    choice = next(one for one in towns.choices(response.context["cl"]) if one["display"] == "沙地镇")
    assert choice["query_string"] == f"?in_town={world.other_town.pk}&is_away__exact=1"


# Filters stay ---------------------------------------------------------------------------------


def test_filters_stay_on_the_way_to_a_record_its_acts_and_back(world, clerk):
    household = world.household("刘家")
    query = f"in_town={world.town.pk}&q=刘"
    listed = clerk.client.get(f"{HOUSEHOLDS}?{query}").content.decode()
    kept = "_changelist_filters=in_town%3D360704101%26q%3D%25E5%2588%2598"
    assert f"{HOUSEHOLDS}{household.pk}/change/?{kept}" in listed

    change = f"{HOUSEHOLDS}{household.pk}/change/?{kept}"
    page = clerk.client.get(change).content.decode()
    assert f'href="{HOUSEHOLDS}?in_town=360704101&amp;q=%E5%88%98"' in page
    assert f"{HOUSEHOLDS}{household.pk}/move/?{kept}" in page
    history = clerk.client.get(f"{HOUSEHOLDS}{household.pk}/history/?{kept}").content.decode()
    assert f'href="{HOUSEHOLDS}?in_town=360704101&amp;q=%E5%88%98"' in history


# Searching ------------------------------------------------------------------------------------


def test_a_search_is_posted_and_keeps_the_filters(world, clerk):
    response = clerk.client.post(f"{HOUSEHOLDS}?in_town={world.town.pk}&p=2", {"search": " 刘 "})

    assert response.url == f"{HOUSEHOLDS}?in_town={world.town.pk}&q=%E5%88%98"


@pytest.mark.parametrize(
    "text", ["360721196803021234", "36072119680302123x", "号码360721196803021234", "13879791234", "360721680302123"]
)
def test_a_personal_number_gets_into_no_address(world, clerk, text):
    response = clerk.client.post(HOUSEHOLDS, {"search": text})

    assert text not in response.url
    assert "q=" not in response.url
    page = clerk.client.get(response.url).content.decode()
    assert "快速查找" in page
    assert text not in page


@pytest.mark.parametrize("text", ["刘福生", "lfs", "36070410120000002", "3607041012000000200", "1234"])
def test_a_household_number_is_no_personal_number(text):
    assert not has_personal_number(text)


# Own filters ----------------------------------------------------------------------------------


def test_a_clerk_saves_a_view_uses_it_and_deletes_it(world, clerk):
    away, home = world.household("刘家", is_away=True), world.household("钟家")
    view = f"{HOUSEHOLDS}?is_away__exact=1"

    response = clerk.client.post(view, {"save_filter": "1", "filter_name": "外出户"}, follow=True)
    saved = SavedFilter.objects.get()
    assert f'<a href="?{saved.query}" aria-current="true">外出户</a>' in response.content.decode()
    assert list(clerk.client.get(f"{HOUSEHOLDS}?{saved.query}").context["cl"].result_list) == [away]
    assert home.pk != away.pk

    clerk.client.post(HOUSEHOLDS, {"drop_filter": saved.pk})
    assert not SavedFilter.objects.exists()


def test_a_refused_name_stays_in_its_field(world, clerk):
    clerk.client.post(f"{HOUSEHOLDS}?o=1", {"save_filter": "1", "filter_name": "外出户"})

    response = clerk.client.post(f"{HOUSEHOLDS}?o=2", {"save_filter": "1", "filter_name": "外出户"})

    assert response.status_code == 200
    assert "此列表已有同名筛选" in response.content.decode()
    assert 'value="外出户"' in response.content.decode()


def test_nobody_sees_or_deletes_a_colleagues_filter(world, clerk, town_clerk):
    clerk.client.post(f"{HOUSEHOLDS}?o=1", {"save_filter": "1", "filter_name": "外出户"})

    assert town_clerk.client.get(HOUSEHOLDS).context["cl"].saved_filters == []
    for key in (SavedFilter.objects.get().pk, "nonsense"):
        assert town_clerk.client.post(HOUSEHOLDS, {"drop_filter": key}).status_code == 404
    assert SavedFilter.objects.count() == 1


def test_an_outsider_does_not_find_the_lists(world, client):
    client.force_login(world.cadre("局外人"))

    assert client.post(HOUSEHOLDS, {"search": "刘"}).status_code == 404
    assert client.post(HOUSEHOLDS, {"save_filter": "1", "filter_name": "x"}).status_code == 404
    assert client.post(reverse("admin:households_household_bulk"), {}).status_code == 404
