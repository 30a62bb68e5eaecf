"""How many people a resident team has on a day, and whether that is fewer than expected."""

import pytest

from casework.tests.world import TODAY, World
from villages.models import Post
from villages.teams import is_team_small, team_size

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_who_leads_and_is_a_member_counts_once():
    world = World()
    leader = world.post("队长", Post.TEAM_LEADER, world.village)
    world.post(leader, Post.TEAM_MEMBER, world.village)
    world.post("队员", Post.TEAM_MEMBER, world.village)
    world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.post("邻村队员", Post.TEAM_MEMBER, world.sibling)

    assert team_size(world.village.pk, TODAY) == 2


def test_what_is_expected_is_a_setting(settings):
    world = World()
    world.post("队员", Post.TEAM_MEMBER, world.village)

    settings.TEAM_SIZE_EXPECTED = 1
    assert not is_team_small(world.village.pk, TODAY)
    settings.TEAM_SIZE_EXPECTED = 2
    assert is_team_small(world.village.pk, TODAY)
