"""Cases over the API: the same verbs, the same refusals, as JSON."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import World
from households.models import CaseState, MonitoringCase, Step
from households.models.monitoring import WAY
from households.tests.cases import RISKS, case_before, found_case
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

CHECK = {"step": "check", "done_on": "2026-10-02", "people": "谢村长", "note": "属实", "is_authorised": True}


@pytest.fixture
def chief(world: World) -> Cadre:
    return world.post("谢村长", Post.VILLAGE_CHIEF, world.village)


def ask(cadre: Cadre, name: str, *keys: Any, data: Any = None, **query: Any) -> Any:
    client = Client()
    client.force_login(cadre)
    address = reverse(name, args=keys)
    return client.get(address, query) if data is None else client.post(address, data, content_type="application/json")


def finding(household: int, **fields: Any) -> dict[str, Any]:
    known = {"channel": "cadre", "monitoring_type": "sudden", "risks": RISKS, "found_on": "2026-10-14"}
    return {"request_key": str(uuid4()), "household": household, **known, **fields}


def test_a_case_is_opened_once_however_often_it_is_sent(world: World, chief: Cadre) -> None:
    data = finding(world.household("刘家").pk)

    answers = [ask(chief, "api_cases", data=data) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["id"] for answer in answers}) == MonitoringCase.objects.count() == 1
    assert answers[0].json()["next_step"] == "check"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"found_on": "2027-01-01"}, "found_on"), ({"risks": []}, "risks"), ({"channel": "x"}, "channel")],
)
def test_a_finding_that_makes_no_sense_is_refused_with_words(
    world: World, chief: Cadre, wrong: dict[str, Any], field: str
) -> None:
    answer = ask(chief, "api_cases", data=finding(world.household("刘家").pk, **wrong))

    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_household_out_of_sight_is_not_known(world: World, chief: Cadre) -> None:
    answer = ask(chief, "api_cases", data=finding(world.household("外家", world.foreign).pk))

    assert (answer.status_code, list(answer.json())) == (400, ["household"])


def test_who_sees_the_household_but_does_not_act_for_it_is_forbidden(world: World) -> None:
    leader = world.post("单位领导", Post.UNIT_LEADER, world.unit("区档案馆", world.village))

    assert ask(leader, "api_cases", data=finding(world.household("刘家").pk)).status_code == 403


def test_a_step_is_taken_and_sent_again_answers_the_same(world: World, chief: Cadre) -> None:
    case = found_case(world.household("刘家"))

    answers = [ask(chief, "api_case_steps", case.pk, data=CHECK) for _time in range(2)]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(201, "checked")] * 2
    assert case.steps.count() == 1


@pytest.mark.parametrize("step", [step for step in WAY if step != Step.CHECK])
def test_an_illegal_move_is_a_conflict_and_moves_nothing(world: World, step: str) -> None:
    case = found_case(world.household("刘家"))
    root = Cadre.objects.create_superuser("root", "x", name="技术管理员")

    answer = ask(root, "api_case_steps", case.pk, data={**CHECK, "step": step})

    case.refresh_from_db()
    assert (answer.status_code, case.state) == (409, CaseState.FOUND)
    assert "现在不能" in answer.json()["detail"][0]


def test_a_step_of_another_level_is_forbidden(world: World, chief: Cadre) -> None:
    case = case_before(Step.DECIDE, world.household("刘家"))

    assert ask(chief, "api_case_steps", case.pk, data={**CHECK, "step": "decide"}).status_code == 403


def test_clearing_names_every_unmet_condition(world: World) -> None:
    case = case_before(Step.CLEAR, world.household("刘家"))
    clerk = world.post("区录入员", Post.CLERK, world.district)
    data = {**CHECK, "step": "clear", "done_on": "2026-10-15", "clearing": "natural", "risks_gone": RISKS}

    answer = ask(clerk, "api_case_steps", case.pk, data=data)

    assert (answer.status_code, len(answer.json()["__all__"])) == (400, 8)


def test_a_case_is_read_with_its_steps(world: World, chief: Cadre) -> None:
    case = case_before(Step.NOTICE, world.household("刘家"))

    read = ask(chief, "api_case", case.pk).json()

    assert [step["step"] for step in read["steps"]] == ["check", "appraise"]
    assert (read["can_take_next_step"], read["next_step"], read["risks"]) == (True, "notice", RISKS)


def test_who_only_sees_the_household_reads_no_risk_and_no_report(world: World) -> None:
    leader = world.post("单位领导", Post.UNIT_LEADER, world.unit("区档案馆", world.village))
    case = case_before(Step.NOTICE, world.household("刘家"))

    read = ask(leader, "api_case", case.pk).json()

    assert (read["risks"], read["description"], {step["note"] for step in read["steps"]}) == (None, None, {None})


def test_the_list_is_in_reach_filtered_and_without_risks(world: World, chief: Cadre) -> None:
    found_case(world.household("刘家"))
    case_before(Step.DECIDE, world.household("赖家"))
    found_case(world.household("外家", world.foreign))

    everything = ask(chief, "api_cases").json()
    found = ask(chief, "api_cases", state="found", place=world.village.pk).json()

    assert [row["head_name"] for row in everything["results"]] == ["刘家", "赖家"]
    assert [row["head_name"] for row in found["results"]] == ["刘家"]
    assert ask(chief, "api_cases", is_overdue="true").json()["count"] == 0
    assert "illness" not in str(everything)
    assert ask(chief, "api_cases", place="x").status_code == 400


def test_an_outsider_finds_no_case(world: World) -> None:
    case = found_case(world.household("刘家"))
    outsider = world.cadre("局外人")

    assert ask(outsider, "api_cases").json()["count"] == 0
    assert ask(outsider, "api_case", case.pk).status_code == 404
    assert ask(outsider, "api_case_steps", case.pk, data=CHECK).status_code == 404
