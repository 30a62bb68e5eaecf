"""Where a cadre looks at households from: the smallest place that holds all that is seen."""

import pytest
from django.http import Http404

from casework.tests.world import TODAY, World
from households.standpoint import names_below, stands_at
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def at(cadre: Cadre, asked: str = "") -> list[str]:
    """Names on the way down to where the cadre stands."""
    return [crumb.name for crumb in stands_at(cadre, asked, TODAY).crumbs]


def test_each_stands_where_the_own_villages_are(world: World) -> None:
    leader = world.post("单位负责人", Post.UNIT_LEADER, world.unit("区档案馆", world.village, world.foreign))

    assert at(world.post("督导", Post.SUPERVISOR, world.district)) == ["赣县区"]
    assert at(world.post("镇书记", Post.TOWN_SECRETARY, world.town)) == ["赣县区", "王母渡镇"]
    assert at(world.post("大村长", Post.VILLAGE_CHIEF, world.village)) == ["赣县区", "王母渡镇", "潭埠村"]
    assert at(leader) == ["赣县区"]


def test_a_helper_stands_where_the_helped_households_are(world: World) -> None:
    helper = world.help("帮扶干部", world.household("户主甲"))
    assert at(helper) == ["赣县区", "王母渡镇", "潭埠村"]

    world.help(helper, world.household("户主乙", world.sibling))

    assert at(helper) == ["赣县区", "王母渡镇"]


@pytest.mark.parametrize("asked", ["", "360704102", "360704102200", "360705", "360704999"])
def test_where_nothing_is_seen_there_is_no_place_to_stand(world: World, asked: str) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village) if asked else world.cadre("外人")

    with pytest.raises(Http404):
        stands_at(chief, asked, TODAY)


def test_below_a_place_are_the_places_one_reaches(world: World) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)

    assert names_below("360704", cadre=supervisor, on=TODAY, also=set()) == {
        "360704101": "王母渡镇",
        "360704102": "沙地镇",
    }
    assert names_below("360704101", cadre=chief, on=TODAY, also=set()) == {"360704101200": "潭埠村"}
    assert names_below("360704101", cadre=chief, on=TODAY, also={"360704101201"}) == {
        "360704101200": "潭埠村",
        "360704101201": "浓口村",
    }
