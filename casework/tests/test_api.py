"""The API records visits by the same verb as the form, and shows only what the cadre may see."""

import uuid

import pytest
from rest_framework.test import APIClient

from casework.models import Visit
from casework.tests.world import TODAY
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def client_of(cadre: Cadre) -> APIClient:
    client = APIClient()
    client.force_login(cadre, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_visit_sent_twice_gives_the_same_receipt(world):
    household = world.household("张三")
    helper = world.help("李帮扶", household)
    client = client_of(helper)
    visit = {"id": str(uuid.uuid4()), "household": household.pk, "visited_on": TODAY.isoformat()}

    first = client.post("/api/v1/visits/", visit, format="json")
    second = client.post("/api/v1/visits/", visit, format="json")

    assert first.status_code == 201
    assert second.json() == first.json()
    assert Visit.objects.count() == 1


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(world):
    household = world.household("张三")
    client = client_of(world.help("李帮扶", household))
    visit = {"id": str(uuid.uuid4()), "household": household.pk, "visited_on": TODAY.isoformat(), "note": "一"}
    client.post("/api/v1/visits/", visit, format="json")

    answer = client.post("/api/v1/visits/", visit | {"note": "二"}, format="json")

    assert answer.status_code == 409
    assert Visit.objects.get().note == "一"


def test_a_household_out_of_reach_is_refused_like_an_unknown_one(world):
    household = world.household("张三")
    client = client_of(world.cadre("局外人"))
    visit = {"id": str(uuid.uuid4()), "visited_on": TODAY.isoformat()}

    foreign = client.post("/api/v1/visits/", visit | {"household": household.pk}, format="json")
    unknown = client.post("/api/v1/visits/", visit | {"household": 999_999}, format="json")

    assert foreign.status_code == unknown.status_code == 400
    assert foreign.json() == unknown.json()


def test_a_visit_in_the_future_is_refused_by_field(world):
    household = world.household("张三")
    client = client_of(world.help("李帮扶", household))
    visit = {"id": str(uuid.uuid4()), "household": household.pk, "visited_on": "2026-10-16"}

    answer = client.post("/api/v1/visits/", visit, format="json")

    assert answer.status_code == 400
    assert list(answer.json()) == ["visited_on"]


def test_counts_for_says_why_not_and_stores_nothing(world):
    household = world.household("张三")
    helper = world.help("李帮扶", household)
    world.round([Post.HELPER], "paired_household", name="十月帮扶走访")
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访")
    visit = {"id": str(uuid.uuid4()), "household": household.pk, "visited_on": TODAY.isoformat()}

    answer = client_of(helper).post("/api/v1/visits/counts-for/", visit, format="json").json()

    assert [(row["round"], row["counts"]) for row in answer] == [("十月帮扶走访", True), ("大村长遍访", False)]
    assert answer[1]["reason"] != ""
    assert Visit.objects.count() == 0


def test_coverage_shows_a_helper_only_the_own_household(world):
    mine, other = world.household("张三"), world.household("王五")
    helper = world.help("李帮扶", mine)
    round = world.round([Post.HELPER], "paired_household")
    world.visit(mine, TODAY, helper)

    seen = client_of(helper).get(f"/api/v1/rounds/{round.pk}/coverage/").json()
    all_of_it = client_of(world.post("督导", Post.SUPERVISOR, world.district)).get(
        f"/api/v1/rounds/{round.pk}/coverage/", {"by": "village", "on": TODAY.isoformat()}
    )

    assert other.village_id == mine.village_id
    assert (seen["total"]["total"], seen["total"]["done"], seen["total"]["rate"]) == (1, 1, 1.0)
    assert (all_of_it.json()["total"]["total"], all_of_it.json()["total"]["vacant"]) == (2, 1)


def test_a_round_of_another_town_does_not_exist_for_a_village_chief(world):
    chief = world.post("丁", Post.VILLAGE_CHIEF, world.village)
    round = world.round([Post.TOWN_SECRETARY], town=world.other_town)

    answer = client_of(chief).get(f"/api/v1/rounds/{round.pk}/progress/")

    assert answer.status_code == 404


def test_nobody_gets_in_without_signing_in():
    answer = APIClient().get("/api/v1/rounds/1/coverage/")

    assert answer.status_code == 403
