"""Which places each role reaches on a day, and whom that lets them see."""

from datetime import timedelta

import pytest
from django.db import connection

from casework.tests.world import TODAY
from households.models import Household
from villages import reach
from villages.models import Cadre, Pairing, Post, Posting, Town, Village
from villages.postings import save_pairing

pytestmark = [pytest.mark.django_db, pytest.mark.core]

OWN, SIBLING, FOREIGN = "360704101200", "360704101201", "360704102200"
VILLAGE, TOWN, DISTRICT = {OWN}, {OWN, SIBLING}, {OWN, SIBLING, FOREIGN}
REACHED = {
    "district_secretary": DISTRICT,
    "district_leader": TOWN,
    "town_secretary": TOWN,
    "chief": VILLAGE,
    "first_secretary": VILLAGE,
    "village_secretary": VILLAGE,
    "team_member": VILLAGE,
    "unit_leader": VILLAGE,
    "supervisor": DISTRICT,
    "town_supervisor": TOWN,
    "clerk": DISTRICT,
    "town_clerk": TOWN,
    "outsider": set(),
}


@pytest.fixture
def cast(world):
    return world.cast()


def codes(villages) -> set[str]:
    return {village.pk for village in villages}


@pytest.mark.parametrize(("role", "villages"), REACHED.items())
def test_each_role_reaches_its_own_places_and_no_others(world, cast, role, villages):
    homes = [world.household("张三", village) for village in Village.objects.all()]

    assert codes(reach.villages_of(cast[role], TODAY)) == villages
    assert codes(Village.objects.visible_to(cast[role], TODAY)) == villages
    assert {town.pk for town in Town.objects.visible_to(cast[role], TODAY)} == {code[:9] for code in villages}
    seen = Household.objects.visible_to(cast[role], TODAY)
    assert set(seen) == {home for home in homes if home.village_id in villages}


def test_the_whole_cast_is_covered(cast):
    assert set(cast) == set(REACHED)


def test_a_helper_reaches_own_households_and_no_village(world):
    mine, _neighbour = world.household("张三"), world.household("李四")
    helper = world.help("帮扶", mine)

    assert list(Household.objects.visible_to(helper, TODAY)) == [mine]
    assert codes(reach.villages_of(helper, TODAY)) == set()


def test_reach_begins_and_ends_with_the_post(world):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village, TODAY, TODAY + timedelta(days=1))

    reached = [codes(reach.villages_of(chief, TODAY + timedelta(days=n))) for n in (-1, 0, 1, 2)]

    assert reached == [set(), VILLAGE, VILLAGE, set()]


def test_a_helper_sees_the_household_only_while_helping(world):
    home = world.household("张三")
    helper = world.help("帮扶", home, TODAY, TODAY + timedelta(days=1))

    seen = [Household.objects.visible_to(helper, TODAY + timedelta(days=n)).count() for n in (-1, 0, 1, 2)]

    assert seen == [0, 1, 1, 0]


def test_a_units_leader_reaches_the_units_villages_as_they_are_paired_that_day(world, cast):
    leader = cast["unit_leader"]
    pairing = Pairing.objects.get()
    pairing.ends_on = TODAY
    save_pairing(pairing, actor=None, on=TODAY)
    moved = Pairing(unit=pairing.unit, village=world.foreign, starts_on=TODAY + timedelta(days=1))
    save_pairing(moved, actor=None, on=TODAY)

    assert codes(reach.villages_of(leader, TODAY)) == {OWN}
    assert codes(reach.villages_of(leader, TODAY + timedelta(days=1))) == {FOREIGN}


def test_the_administrator_reaches_everything(world):
    administrator = Cadre.objects.create_superuser("root", name="管理员")

    assert codes(reach.villages_of(administrator, TODAY)) == DISTRICT
    assert reach.holds_any(administrator, reach.SUPERVISORS, TODAY, "360704")


def test_postings_are_seen_inside_ones_places_besides_ones_own(world, cast):
    foreign = world.post("外村村长", Post.VILLAGE_CHIEF, world.foreign)

    def seen_by(role: str) -> set[str]:
        return {posting.cadre.name for posting in Posting.objects.visible_to(cast[role], TODAY)}

    # The unit works in the village, so its leader belongs to what the village's people see.
    in_village = {"大村长丁", "第一书记戊", "村书记己", "队员庚", "单位领导辛"}
    assert seen_by("chief") == in_village
    assert seen_by("unit_leader") <= in_village
    assert seen_by("town_clerk") == in_village | {"区领导乙", "镇书记丙", "镇督导癸", "镇录入员丑"}
    assert foreign.name in seen_by("supervisor")
    assert seen_by("outsider") == set()


def test_people_are_seen_inside_ones_places_besides_oneself(world, cast):
    foreign = world.post("外村村长", Post.VILLAGE_CHIEF, world.foreign)

    assert set(Cadre.objects.visible_to(cast["outsider"], TODAY)) == {cast["outsider"]}
    assert foreign not in Cadre.objects.visible_to(cast["chief"], TODAY)
    assert foreign in Cadre.objects.visible_to(cast["clerk"], TODAY)
    assert Pairing.objects.visible_to(cast["chief"], TODAY).count() == 1
    assert Pairing.objects.visible_to(cast["outsider"], TODAY).count() == 0


@pytest.mark.parametrize(
    ("role", "at"),
    [
        ("supervisor", {"360704", "360704101", OWN, FOREIGN}),
        ("town_supervisor", {"360704101", OWN}),
        ("clerk", set()),
        ("chief", set()),
        ("outsider", set()),
    ],
)
def test_a_post_is_held_at_its_place_and_everywhere_below(cast, role, at):
    places = {"360704", "360704101", OWN, FOREIGN}

    assert {code for code in places if reach.holds_any(cast[role], reach.SUPERVISORS, TODAY, code)} == at


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan is PostgreSQL's")
def test_reach_is_asked_from_the_posts_and_not_of_each_village(world, cast):
    plan = (
        reach.villages_of(cast["supervisor"], TODAY).explain()
        + Town.objects.visible_to(cast["supervisor"], TODAY).explain()
    )

    assert "SubPlan" not in plan
