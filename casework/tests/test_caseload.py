"""What a phone takes along: what is needed at the door and no more, in few queries, and only what has changed."""

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.caseload import NotYours, TooMany, caseload_of
from casework.fingerprints import prints_in, version_of
from casework.models import TargetKind
from casework.rounds import close_round
from casework.tests.world import LONG_AGO, TODAY
from households.models import Guarantee, Measure, MeasureKind, Person, Relation
from households.persons import save_person
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def home(world):
    return world.household("张三", house="村口", phone="13812345678")


def text_of(caseload) -> str:
    parts = (caseload.households, caseload.villages, caseload.tenures, caseload.colleagues, caseload.rounds)
    return json.dumps(parts, cls=DjangoJSONEncoder, ensure_ascii=False)


def test_mine_are_the_households_helped_and_their_villages(world, home, helper):
    world.household("李四")

    found = caseload_of(helper, village=None, on=TODAY)

    assert [row["head"] for row in found.households] == ["张三"]
    assert [row["code"] for row in found.villages] == [world.village.pk]


def test_a_closed_round_is_told_for_late_visits_and_said_to_be_closed(world, home, helper):
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="还开着")
    closed = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="已结束")
    close_round(round=closed, actor=None, on=TODAY)

    found = caseload_of(helper, village=None, on=TODAY)

    assert [(row["name"], row["is_open"]) for row in found.rounds] == [("还开着", True), ("已结束", False)]


def test_a_village_takes_all_its_households_in_walking_order(world, home):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    second = world.village.groups.last()
    world.household("二组", group=second)
    world.household("一组", group=world.village.groups.first())
    world.household("别村", world.sibling)

    found = caseload_of(chief, village=world.village.pk, on=TODAY)

    assert [row["head"] for row in found.households] == ["张三", "一组", "二组"]
    assert found.households[2]["group"] == {"number": 2, "label": str(second)}


def test_a_village_of_others_is_not_taken_along(world, helper):
    with pytest.raises(NotYours):
        caseload_of(helper, village=world.foreign.pk, on=TODAY)


def test_too_many_households_are_not_taken_along(world, home, monkeypatch):
    monkeypatch.setattr("casework.caseload.MOST_HOUSEHOLDS", 1)
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.household("李四")

    with pytest.raises(TooMany):
        caseload_of(chief, village=world.village.pk, on=TODAY)


def test_a_household_tells_what_is_needed_at_its_door(world, home, helper):
    round = world.round([Post.HELPER], "paired_household", name="十月帮扶走访")
    Guarantee.objects.create(household=home, kind="water", state="met", checked_on=LONG_AGO)
    measure = Measure.objects.create(
        household=home, kind=MeasureKind.INDUSTRY, content="发放鸡苗", starts_on=LONG_AGO, recorded_on=TODAY
    )
    world.visit(home, TODAY - timedelta(days=20), helper, problem="屋顶漏雨")

    [row] = caseload_of(helper, village=None, on=TODAY).households

    assert (row["house"], row["is_away"], row["class_label"], row["token"]) == ("村口", False, "脱贫户", None)
    assert row["last_visit"] == {"on": TODAY - timedelta(days=20), "by": "李帮扶"}
    assert row["problems"] == ["屋顶漏雨"]
    assert row["answers_wanted"] == [{"kind": "measure", "id": measure.pk, "label": "产业帮扶 · 发放鸡苗"}]
    assert (row["guarantees"]["water"], row["guarantees"]["food"]) == ("met", "unknown")
    assert row["helpers"] == [{"cadre": helper.pk, "from": LONG_AGO, "to": None}]
    [duty] = row["duties"]
    assert (duty["round"], duty["seat"], duty["done_on"], duty["excused"], duty["is_mine"]) == (
        round.pk,
        "helper",
        None,
        "",
        True,
    )


def test_no_number_and_nothing_of_health_goes_along(world, home, helper):
    person = Person(
        household=home, number=f"{home.number}01", name="张三", relation=Relation.HEAD, id_number="360721197001011232"
    )
    person.phone, person.bank_account, person.health = "13987654321", "6222020000000000", "disabled"
    save_person(person, actor=None, on=TODAY)
    Measure.objects.create(
        household=home, kind=MeasureKind.HEALTH, content="透析费用补助", starts_on=LONG_AGO, recorded_on=TODAY
    )

    told = text_of(caseload_of(helper, village=None, on=TODAY))

    for secret in ("360721197001011232", "13812345678", "5678", "13987654321", "6222020000000000", "disabled", "透析"):
        assert secret not in told


def test_posts_over_the_village_go_along_for_the_answer_what_it_counts_for(world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    secretary = world.post("镇书记", Post.TOWN_SECRETARY, world.town)
    world.post("别镇书记", Post.TOWN_SECRETARY, world.other_town)

    found = caseload_of(helper, village=None, on=TODAY)

    assert [(one["cadre"], one["post"], one["place"]) for one in found.tenures] == [
        (secretary.pk, "town_secretary", world.town.pk),
        (chief.pk, "village_chief", world.village.pk),
    ]
    assert sorted(one["name"] for one in found.colleagues) == ["村长", "镇书记"]


def test_the_number_of_queries_does_not_grow(world, home, helper):
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    world.round([Post.HELPER], "paired_household")
    world.visit(home, TODAY, helper, problem="屋顶漏雨")

    with CaptureQueriesContext(connection) as for_one:
        one = caseload_of(chief, village=world.village.pk, on=TODAY)
    for name in ("李四", "王五"):
        world.help(helper, world.household(name))
    with CaptureQueriesContext(connection) as for_three:
        three = caseload_of(chief, village=world.village.pk, on=TODAY)

    assert (len(one.households), len(three.households)) == (1, 3)
    assert len(for_one) == len(for_three) == 12


# The version ------------------------------------------------------------------------------------


def test_a_version_holds_the_prints_and_only_for_its_own_context():
    prints = {pk: bytes([pk % 256, 1, 2]) for pk in (3, 17, 18, 100_000, 2**40)}

    version = version_of("epoch 7 mine", prints)

    assert prints_in(version, "epoch 7 mine") == prints
    assert prints_in(version, "epoch 7 village:360704101200") is None


def test_a_version_of_five_hundred_households_fits_into_an_address():
    assert len(version_of("x", {7 * number: b"abc" for number in range(20_000, 20_500)})) < 3_500


@pytest.mark.parametrize("text", ["", "x", "!!!", "AAAA", "A" * 20_000, "长", "AAAAAAAAAAD__w"])
def test_what_is_no_version_is_none(text):
    assert prints_in(text, "epoch 7 mine") is None
