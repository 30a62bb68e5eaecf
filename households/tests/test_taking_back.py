"""A mistaken decision, refusal or clearing is taken back with a reason, and nothing is lost."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from casework.tests.world import TODAY, World, at
from households.models import CaseState, CaseStep, Household, Income, MonitoringCase, Step
from households.models.monitoring import MOVES, TAKES_BACK, IllegalMove
from households.monitoring import take_step
from households.taking_back import take_back
from households.tests.cases import case_before, found_case, make_clearable, report, walk
from villages.models import AuditEntry, Cadre, Post
from villages.tests.panel import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
INCOME_MET = "2026年人均纯收入12000.00元，监测范围线8000.00元"


@pytest.fixture
def home(world: World) -> Household:
    home = world.household("刘家")
    make_clearable(home)
    return home


@pytest.fixture
def district(world: World) -> Cadre:
    """The clerk of the district."""
    return world.post("区录入员", Post.CLERK, world.district)


@pytest.fixture
def decided(home: Household) -> MonitoringCase:
    return case_before(Step.CLEAR, home)


@pytest.fixture
def cleared(decided: MonitoringCase, district: Cadre) -> MonitoringCase:
    return walk(decided, Step.CLEAR, actor=district)


def back(case: MonitoringCase, actor: Cadre, step: str = Step.REOPEN, reason: str = "收入核错了") -> MonitoringCase:
    return take_back(case=case, step=step, reason=reason, actor=actor, now=NOW)


def page_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def api_of(cadre: Cadre) -> APIClient:
    client = APIClient()
    client.force_authenticate(cadre)
    client.default_format = "json"
    return client


# The conditions -----------------------------------------------------------------------------------


def test_the_conditions_checked_are_kept_with_the_clearing(cleared: MonitoringCase, district: Cadre) -> None:
    Income.objects.update(per_head=1)

    step = cleared.steps.get(step=Step.CLEAR)

    assert (step.recorded_by, step.recorded_at) == (district, NOW)
    assert step.conditions[0] == {"kind": "income", "year": 2026, "amount": "12000.00", "line": "8000.00"}
    assert [facts["kind"] for facts in step.conditions] == ["income", *["guarantee"] * 6, "risk", "risk"]


def test_page_file_and_panel_show_the_conditions_of_that_day(cleared: MonitoringCase, district: Cadre) -> None:
    Income.objects.update(per_head=1)
    client = page_of(district)
    addresses = [
        reverse("case", args=[cleared.pk]),
        *(reverse(name, args=[cleared.household_id]) for name in ("household", "household_file")),
        reverse("admin:households_casestep_change", args=[cleared.steps.get(step=Step.CLEAR).pk]),
    ]

    assert [INCOME_MET in client.get(address).content.decode() for address in addresses] == [True] * 4


def test_who_only_looks_on_sees_no_conditions(world: World, cleared: MonitoringCase) -> None:
    leader = page_of(world.post("区领导", Post.DISTRICT_LEADER, world.town))

    page = leader.get(reverse("case", args=[cleared.pk])).content.decode()
    file = leader.get(reverse("household", args=[cleared.household_id])).content.decode()

    assert INCOME_MET not in page
    assert INCOME_MET not in file
    assert "风险消除" in file


# Taking back --------------------------------------------------------------------------------------


def test_a_clearing_taken_back_lets_the_case_run_again(cleared: MonitoringCase, district: Cadre) -> None:
    case = back(cleared, district)

    row = CaseStep.objects.get(step=Step.CLEAR)
    home = Household.objects.get(pk=case.household_id)
    assert (case.state, case.clearing) == (CaseState.DECIDED, "")
    assert (row.taken_back_on, row.taken_back_by, row.taken_back) == (TODAY, district, "收入核错了")
    assert row.conditions != []
    assert (home.is_risk_cleared, home.risk_cleared_on) == (False, None)
    verbs = ["step.taken_back", "case.taken_back", "household.monitored"]
    entries = AuditEntry.objects.filter(verb__in=verbs).order_by("-pk")[:3]
    assert [entry.verb for entry in reversed(entries)] == verbs
    assert {entry.reason for entry in entries[1:]} == {"收入核错了"}


def test_it_can_be_cleared_once_more(cleared: MonitoringCase, district: Cadre) -> None:
    again = walk(back(cleared, district), Step.CLEAR, actor=district)

    assert again.state == CaseState.CLEARED
    assert [row.taken_back_on for row in again.steps.filter(step=Step.CLEAR).order_by("pk")] == [TODAY, None]


def test_a_decision_taken_back_leaves_the_household_as_it_was(world: World, district: Cadre) -> None:
    home = world.household("赖家")
    case = case_before(Step.CLEAR, home)
    assert Household.objects.get(pk=home.pk).monitoring_type == "sudden"

    case = back(case, district, Step.REVOKE)

    found = Household.objects.get(pk=home.pk)
    assert case.state == CaseState.REVIEWED
    assert (found.monitoring_type, found.risks, found.risk_identified_on, found.is_risk_cleared) == ("", [], None, None)
    assert walk(case, Step.DECIDE).state == CaseState.DECIDED


def test_a_decision_taken_back_leaves_what_an_import_has_brought_since(
    decided: MonitoringCase, district: Cadre
) -> None:
    Household.objects.filter(pk=decided.household_id).update(monitoring_type="marginal")

    back(decided, district, Step.REVOKE)

    assert Household.objects.get(pk=decided.household_id).monitoring_type == "marginal"


def test_a_decision_taken_back_returns_to_the_case_before(cleared: MonitoringCase, district: Cadre) -> None:
    home = cleared.household
    second = found_case(home, monitoring_type="marginal")
    MonitoringCase.objects.filter(pk=second.pk).update(
        state="reviewed", notice_from=TODAY.replace(day=10), notice_until=TODAY.replace(day=14)
    )
    second = take_step(case=second, report=report(Step.DECIDE, TODAY), actor=None, now=NOW)
    assert Household.objects.get(pk=home.pk).monitoring_type == "marginal"

    back(second, district, Step.REVOKE)

    found = Household.objects.get(pk=home.pk)
    assert (found.monitoring_type, found.is_risk_cleared) == ("sudden", True)


# A refusal ----------------------------------------------------------------------------------------

BEFORE_REFUSAL = (Step.CHECK, Step.APPRAISE, Step.NOTICE, Step.REVIEW, Step.DECIDE)


def refused_before(step: str, home: Household) -> MonitoringCase:
    """A case that was refused where that step came next."""
    return walk(case_before(step, home), Step.REJECT)


@pytest.mark.parametrize("step", BEFORE_REFUSAL)
def test_a_refusal_taken_back_lets_the_case_go_on_where_it_stood(home: Household, district: Cadre, step: str) -> None:
    case = refused_before(step, home)
    decide_by = case.decide_by

    case = back(case, district, Step.RESUME, "材料看错了")

    row = case.steps.get(step=Step.REJECT)
    assert (case.state in MOVES[step][0], case.next_step, case.decide_by) == (True, step, decide_by)
    assert (row.taken_back_on, row.taken_back_by, row.taken_back) == (TODAY, district, "材料看错了")
    assert AuditEntry.objects.filter(verb="case.taken_back", reason="材料看错了").count() == 1
    assert walk(case, step).state == MOVES[step][1]


@pytest.mark.parametrize(
    ("step", "post", "place", "may"),
    [
        (Step.CHECK, Post.VILLAGE_SECRETARY, "village", True),
        (Step.NOTICE, Post.VILLAGE_SECRETARY, "village", True),
        (Step.NOTICE, Post.SUPERVISOR, "town", True),
        (Step.REVIEW, Post.SUPERVISOR, "town", True),
        (Step.REVIEW, Post.VILLAGE_SECRETARY, "village", False),
        (Step.DECIDE, Post.SUPERVISOR, "town", False),
        (Step.DECIDE, Post.SUPERVISOR, "district", True),
        (Step.CHECK, Post.DISTRICT_LEADER, "town", False),
    ],
)
def test_a_refusal_is_taken_back_where_it_was_made_or_above(
    world: World, home: Household, step: str, post: str, place: str, may: bool
) -> None:
    cadre, case = world.post("某人", post, getattr(world, place)), refused_before(step, home)
    address, told = reverse("case_take_back", args=[case.pk]), {"step": "resume", "reason": "材料看错了"}

    offered = address in page_of(cadre).get(reverse("case", args=[case.pk])).content.decode()
    asked = page_of(cadre).get(address).status_code
    api = api_of(cadre).post(reverse("api_case_take_back", args=[case.pk]), told).status_code

    assert (offered, asked, api) == ((True, 200, 201) if may else (False, 403, 403))


# What is impossible -------------------------------------------------------------------------------


@pytest.mark.parametrize("step", TAKES_BACK)
@pytest.mark.parametrize("state", [state for state in CaseState if state != CaseState.CLEARED])
def test_only_the_last_step_is_taken_back(decided: MonitoringCase, district: Cadre, state: str, step: str) -> None:
    if state in MOVES[step][0] and step != Step.RESUME:
        assert back(decided, district, step).state == MOVES[step][1]
        return
    if step == Step.RESUME and state == CaseState.REJECTED:
        state = CaseState.REVIEWED  # how a refusal is taken back is shown below
    days = {"notice_from": None, "notice_until": None} if state in ("found", "checked", "appraised") else {}
    MonitoringCase.objects.filter(pk=decided.pk).update(state=state, **days)

    with pytest.raises(IllegalMove):
        back(decided, district, step)

    assert MonitoringCase.objects.get().state == state


def test_a_case_is_not_reopened_beside_a_later_one(cleared: MonitoringCase, district: Cadre) -> None:
    found_case(cleared.household, found_on=TODAY)

    with pytest.raises(IllegalMove):
        back(cleared, district)


def test_a_reason_is_needed_and_twice_is_once(cleared: MonitoringCase, district: Cadre) -> None:
    with pytest.raises(ValidationError) as refused:
        back(cleared, district, reason=" ")
    back(cleared, district)
    with pytest.raises(IllegalMove):
        back(cleared, district)

    assert list(refused.value.message_dict) == ["reason"]
    assert CaseStep.objects.exclude(taken_back="").count() == 1


@pytest.mark.parametrize("step", TAKES_BACK)
def test_taking_back_is_no_report(cleared: MonitoringCase, district: Cadre, step: str) -> None:
    with pytest.raises(IllegalMove):
        take_step(case=cleared, report=report(step, TODAY), actor=district, now=NOW)
    client = page_of(district)

    client.post(reverse("case", args=[cleared.pk]), {"step": step, "done_on": TODAY, "people": "甲", "note": "乙"})
    api = api_of(district).post(
        reverse("api_case_steps", args=[cleared.pk]), {"step": step, "done_on": TODAY, "people": "甲", "note": "乙"}
    )

    assert api.status_code == 400
    assert MonitoringCase.objects.get().state == CaseState.CLEARED


@pytest.mark.parametrize(
    ("post", "place"),
    [
        (Post.VILLAGE_CHIEF, "village"),
        (Post.TOWN_SECRETARY, "town"),
        (Post.SUPERVISOR, "town"),
        (Post.CLERK, "town"),
        (Post.DISTRICT_SECRETARY, "district"),
    ],
)
def test_nobody_but_the_districts_office_takes_anything_back(
    world: World, cleared: MonitoringCase, post: str, place: str
) -> None:
    cadre = world.post("某人", post, getattr(world, place))
    address = reverse("case_take_back", args=[cleared.pk])

    with pytest.raises(PermissionDenied):
        back(cleared, cadre)

    assert page_of(cadre).post(address, {"step": "reopen", "reason": "错了"}).status_code == 403
    assert address not in page_of(cadre).get(reverse("case", args=[cleared.pk])).content.decode()
    told = {"step": "reopen", "reason": "错了"}
    assert api_of(cadre).post(reverse("api_case_take_back", args=[cleared.pk]), told).status_code == 403


def test_for_an_outsider_the_case_does_not_exist(world: World, cleared: MonitoringCase) -> None:
    outsider = world.post("外镇录入员", Post.CLERK, world.other_town)

    with pytest.raises(MonitoringCase.DoesNotExist):
        back(cleared, outsider)

    told = {"step": "reopen", "reason": "错了"}
    assert page_of(outsider).post(reverse("case_take_back", args=[cleared.pk]), told).status_code == 404
    assert api_of(outsider).post(reverse("api_case_take_back", args=[cleared.pk]), told).status_code == 404


def test_the_panel_takes_nothing_back(cleared: MonitoringCase, district: Cadre) -> None:
    panel = Panel(district)

    for row in (cleared, cleared.steps.get(step=Step.CLEAR)):
        posted = panel.client.post(
            reverse(f"admin:households_{row._meta.model_name}_change", args=[row.pk]), {"taken_back": "x"}
        )
        assert posted.status_code == 403


# Page and API -------------------------------------------------------------------------------------


def test_the_page_asks_why_and_keeps_the_step_in_sight(cleared: MonitoringCase, district: Cadre) -> None:
    client, address = page_of(district), reverse("case_take_back", args=[cleared.pk])

    asked = client.get(address)
    empty = client.post(address, {"step": "reopen", "reason": ""})
    done = client.post(address, {"step": "reopen", "reason": "收入核错了"})
    page = client.get(done["Location"]).content.decode()

    assert (asked.status_code, list(empty.context["form"].errors)) == (200, ["reason"])
    assert done["Location"] == reverse("case", args=[cleared.pk])
    assert "收入核错了" in page
    assert INCOME_MET in page
    late = client.post(address, {"step": "reopen", "reason": "再来"}, follow=True)
    assert "现在不能办理“撤回风险消除”" in late.content.decode()
    assert MonitoringCase.objects.get().state == CaseState.DECIDED


def test_the_api_takes_back_and_tells_what_stands(cleared: MonitoringCase, district: Cadre) -> None:
    address, told = reverse("api_case_take_back", args=[cleared.pk]), {"step": "reopen", "reason": "收入核错了"}

    first = api_of(district).post(address, told)
    second = api_of(district).post(address, told)

    row: dict[str, Any] = first.json()["steps"][-1]
    assert (first.status_code, first.json()["state"]) == (201, "decided")
    assert (row["step"], row["taken_back_on"], row["taken_back"]) == ("clear", "2026-10-15", "收入核错了")
    assert second.status_code == 409
