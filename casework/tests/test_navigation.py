"""The head of a page offers each post the ways that are its own."""

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import World
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

DATA_QUALITY = [Post.CLERK, Post.SUPERVISOR, Post.TOWN_SECRETARY]


def offered(client: Client, way: str) -> bool:
    return f'href="{reverse(way)}"' in client.get(reverse("home")).text


@pytest.mark.parametrize("post", DATA_QUALITY)
def test_the_office_and_town_posts_are_led_to_data_quality(client: Client, world: World, post: Post) -> None:
    client.force_login(world.post("干部", post, world.town))

    assert offered(client, "quality")


@pytest.mark.parametrize("post", [Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY, Post.VILLAGE_SECRETARY, Post.TEAM_LEADER])
def test_posts_of_a_village_are_led_to_data_quality(client: Client, world: World, post: Post) -> None:
    client.force_login(world.post("干部", post, world.village))

    assert offered(client, "quality")


def test_a_helper_is_not_troubled_with_it(client: Client, world: World) -> None:
    client.force_login(world.help("帮扶干部", world.household("户主甲")))

    assert not offered(client, "quality")
    assert offered(client, "coverage_home")


def test_the_way_of_the_page_one_is_on_is_marked(client: Client, world: World) -> None:
    client.force_login(world.post("经办人", Post.CLERK, world.town))

    page = client.get(reverse("quality_list", args=["phone_blank"])).text
    trend = client.get(reverse("visit_trend")).text

    assert f'<a href="{reverse("quality")}" aria-current="page">' in page
    assert f'<a href="{reverse("coverage_home")}" aria-current="page">' in trend
