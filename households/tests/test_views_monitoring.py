"""The pages of monitoring: the list, the walk with its next form, opening, refusing, correcting."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import World
from households.models import CaseState, MonitoringCase, Step
from households.models.monitoring import WAY
from households.tests.cases import (
    DAYS,
    case_before,
    found_case,
    make_clearable,
    walk,
)
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

FINDING: dict[str, Any] = {
    "channel": "cadre",
    "monitoring_type": "sudden",
    "risks": ["illness", "labour"],
    "found_on": "2026-10-14",
    "description": "户主住院",
}
CHECK = {"step": "check", "done_on": "2026-10-02", "people": "谢村长", "note": "情况属实", "is_authorised": "on"}


class Scene:
    """A household and one cadre for each level."""

    def __init__(self) -> None:
        self.world = World()
        self.home = self.world.household("刘家")
        self.helper = self.world.help("钟水生", self.home)
        self.chief = self.world.post("谢村长", Post.VILLAGE_CHIEF, self.world.village)
        self.town = self.world.post("镇书记", Post.TOWN_SECRETARY, self.world.town)
        self.district = self.world.post("区录入员", Post.CLERK, self.world.district)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def signed_in(cadre: Cadre) -> Any:
    client = Client()
    client.force_login(cadre)
    return client


def body(cadre: Cadre, name: str, *keys: object, **query: object) -> str:
    response = signed_in(cadre).get(reverse(name, args=keys), query)
    assert response.status_code == 200
    return response.content.decode()


# Opening --------------------------------------------------------------------------------------


def test_a_helper_opens_a_case_and_comes_to_its_page(scene: Scene) -> None:
    data = FINDING | {"request_key": uuid4()}

    response: Any = signed_in(scene.helper).post(reverse("case_open", args=[scene.home.pk]), data)

    case = MonitoringCase.objects.get()
    assert response.url == reverse("case", args=[case.pk])
    assert (case.risks, case.opened_by, case.description) == (["illness", "labour"], scene.helper, "户主住院")


def test_the_form_sent_twice_opens_one_case_and_both_come_to_it(scene: Scene) -> None:
    data, client = FINDING | {"request_key": uuid4()}, signed_in(scene.helper)

    answers = [client.post(reverse("case_open", args=[scene.home.pk]), data).url for _time in range(2)]

    assert answers == [reverse("case", args=[MonitoringCase.objects.get().pk])] * 2


def test_a_refused_form_keeps_what_was_typed_and_says_what_to_do(scene: Scene) -> None:
    data = FINDING | {"request_key": uuid4(), "found_on": "2027-01-01"}

    response = signed_in(scene.helper).post(reverse("case_open", args=[scene.home.pk]), data)

    page = response.content.decode()
    assert "日期在今天之后，请选今天或更早的日期。" in page
    assert "户主住院" in page
    assert not MonitoringCase.objects.exists()


def test_no_risk_and_six_risks_are_refused_beside_the_field(scene: Scene) -> None:
    client = signed_in(scene.helper)
    six = ["illness", "disability", "schooling", "disaster", "accident", "labour"]

    for risks in ([], six):
        response = client.post(
            reverse("case_open", args=[scene.home.pk]), FINDING | {"request_key": uuid4(), "risks": risks}
        )
        assert response.context["form"].errors["risks"] == ["请选择一至五项风险。"]


def test_a_running_case_is_offered_instead_of_a_second_one(scene: Scene) -> None:
    case = found_case(scene.home)

    page = body(scene.chief, "case_open", scene.home.pk)

    assert reverse("case", args=[case.pk]) in page
    assert 'name="risks"' not in page


def test_a_second_case_sent_meanwhile_is_refused_and_leads_to_the_first(scene: Scene) -> None:
    case = found_case(scene.home)

    response = signed_in(scene.chief).post(
        reverse("case_open", args=[scene.home.pk]), FINDING | {"request_key": uuid4()}
    )

    page = response.content.decode()
    assert "本户已在监测中" in page
    assert reverse("case", args=[case.pk]) in page
    assert "户主住院" in page


# The walk -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(DAYS))
def test_only_the_next_step_is_offered_and_only_to_whose_turn_it_is(scene: Scene, step: Step) -> None:
    case = case_before(step, scene.home)
    turn = {
        Step.CHECK: {"helper", "chief"},
        Step.APPRAISE: {"chief"},
        Step.NOTICE: {"chief"},
        Step.REVIEW: {"town"},
        Step.DECIDE: {"district"},
        Step.CLEAR: {"district"},
    }[step]

    offered = {
        name
        for name in ("helper", "chief", "town", "district")
        if f'name="step" value="{step}"' in body(getattr(scene, name), "case", case.pk)
    }

    assert offered == turn
    assert body(getattr(scene, next(iter(turn))), "case", case.pk).count('name="step"') == 1


def test_the_form_takes_the_step(scene: Scene) -> None:
    case = found_case(scene.home)

    response = signed_in(scene.helper).post(reverse("case", args=[case.pk]), CHECK, follow=True)

    case.refresh_from_db()
    assert case.state == CaseState.CHECKED
    assert "已登记：入户核实并签授权书。" in response.content.decode()


def test_the_form_sent_twice_is_recorded_once(scene: Scene) -> None:
    case, client = found_case(scene.home), signed_in(scene.helper)

    answers = [client.post(reverse("case", args=[case.pk]), CHECK).status_code for _time in range(2)]

    assert (answers, case.steps.count()) == ([302, 302], 1)


@pytest.mark.parametrize("step", [step for step in WAY if step != Step.CHECK])
def test_a_forged_form_cannot_jump(scene: Scene, step: str) -> None:
    make_clearable(scene.home)
    case = found_case(scene.home)
    root = Cadre.objects.create_superuser("root", "x", name="技术管理员")
    data = {**CHECK, "step": step, "until": "2026-10-30", "clearing": "help", "risks_gone": ["illness", "employment"]}

    response = signed_in(root).post(reverse("case", args=[case.pk]), data)

    case.refresh_from_db()
    assert case.state == CaseState.FOUND
    assert "现在不能" in response.content.decode()


@pytest.mark.parametrize("step", ["", "x", "reject", "revoke", "reopen"])
def test_a_step_that_is_none_changes_nothing(scene: Scene, step: str) -> None:
    case = found_case(scene.home)

    signed_in(scene.chief).post(reverse("case", args=[case.pk]), {**CHECK, "step": step})

    case.refresh_from_db()
    assert case.state == CaseState.FOUND


def test_a_step_of_another_level_is_forbidden(scene: Scene) -> None:
    case = case_before(Step.DECIDE, scene.home)

    response = signed_in(scene.chief).post(reverse("case", args=[case.pk]), {**CHECK, "step": "decide"})

    assert response.status_code == 403


def test_who_comes_second_sees_who_was_faster_and_what_was_typed(scene: Scene) -> None:
    case = found_case(scene.home)
    signed_in(scene.helper).post(reverse("case", args=[case.pk]), CHECK)

    response = signed_in(scene.chief).post(reverse("case", args=[case.pk]), {**CHECK, "note": "我也去看过"})

    page = response.content.decode()
    assert "已由钟水生登记" in page
    assert "我也去看过" in page
    assert case.steps.get().note == "情况属实"


def test_a_notice_that_hangs_is_said_and_the_review_is_not_offered(scene: Scene) -> None:
    case = case_before(Step.NOTICE, scene.home)
    data = {"step": "notice", "done_on": "2026-10-14", "until": "2026-10-18", "people": "谢村长", "note": ""}
    signed_in(scene.chief).post(reverse("case", args=[case.pk]), data)

    page = body(scene.town, "case", case.pk)

    assert "公示至10月18日" in page
    assert 'name="step"' not in page


def test_the_clock_is_said_in_words(scene: Scene) -> None:
    late = found_case(scene.world.household("赖家"), found_on=date(2026, 9, 1))

    assert "逾期29天" in body(scene.chief, "case", late.pk)
    assert "还剩1天" in body(scene.chief, "case", found_case(scene.home).pk)


def test_the_checklist_names_what_is_missing_and_clearing_is_refused(scene: Scene) -> None:
    case = case_before(Step.CLEAR, scene.home)
    data = {"step": "clear", "done_on": "2026-10-15", "people": "区专班", "note": "好转", "clearing": "help"}

    page = body(scene.district, "case", case.pk)
    refused = signed_in(scene.district).post(reverse("case", args=[case.pk]), data).content.decode()

    assert (page.count("未满足"), page.count("✓ 已满足")) == (7, 0)
    assert "因病：未确认消除" in refused
    assert "好转" in refused
    case.refresh_from_db()
    assert case.state == CaseState.DECIDED


def test_a_decided_case_says_whether_it_was_in_time(scene: Scene) -> None:
    in_time = case_before(Step.CLEAR, scene.home)

    assert "10月10日按期审定" in body(scene.chief, "case", in_time.pk)
    MonitoringCase.objects.filter(pk=in_time.pk).update(decide_by=date(2026, 10, 9))
    assert "10月10日审定，已逾期" in body(scene.chief, "case", in_time.pk)


def test_who_only_sees_the_household_learns_nothing_of_anybodys_health(scene: Scene) -> None:
    leader = scene.world.post("单位领导", Post.UNIT_LEADER, scene.world.unit("区档案馆", scene.world.village))
    case = case_before(Step.NOTICE, scene.home)

    page = body(leader, "case", case.pk)

    assert [word for word in ("因病", "户主住院", "情况属实") if word in page] == []
    assert [word in body(scene.town, "case", case.pk) for word in ("因病", "户主住院", "情况属实")] == [True] * 3


# Refusing and correcting ----------------------------------------------------------------------


def test_a_case_is_refused_with_a_reason(scene: Scene) -> None:
    case, client = found_case(scene.home), signed_in(scene.helper)
    address = reverse("case_reject", args=[case.pk])

    without = client.post(address, {"done_on": "2026-10-15", "people": "钟水生", "note": ""})
    response = client.post(address, {"done_on": "2026-10-15", "people": "钟水生", "note": "收入达标"})

    case.refresh_from_db()
    assert "请简要说明不予纳入的原因。" in without.content.decode()
    assert (response.url, case.state) == (reverse("case", args=[case.pk]), CaseState.REJECTED)


def test_an_ended_case_leads_back_to_its_page(scene: Scene) -> None:
    case = walk(found_case(scene.home), Step.REJECT)

    response = signed_in(scene.chief).get(reverse("case_reject", args=[case.pk]), follow=True)

    assert "不能再作不予纳入处理" in response.content.decode()


def test_a_correction_is_shown_with_its_reason(scene: Scene) -> None:
    case = case_before(Step.APPRAISE, scene.home)
    data = {"done_on": "2026-10-01", "people": "谢村长", "note": "10月1日去的", "reason": "日期记错"}

    signed_in(scene.chief).post(reverse("case_step_correct", args=[case.pk, "check"]), data)

    page = body(scene.chief, "case", case.pk)
    assert "谢村长于10月15日更正：日期记错" in page
    assert "10月1日去的" in page


def test_what_was_found_is_corrected(scene: Scene) -> None:
    case = found_case(scene.home)

    response = signed_in(scene.helper).post(
        reverse("case_correct", args=[case.pk]), FINDING | {"reason": "类型选错", "monitoring_type": "marginal"}
    )

    case.refresh_from_db()
    assert (response.status_code, case.monitoring_type, case.decide_by) == (302, "marginal", date(2026, 10, 29))


@pytest.mark.parametrize("step", ["notice", "x"])
def test_a_step_that_was_not_taken_has_no_correction(scene: Scene, step: str) -> None:
    case = found_case(scene.home)
    root = Cadre.objects.create_superuser("root", "x", name="技术管理员")

    assert signed_in(root).get(reverse("case_step_correct", args=[case.pk, step])).status_code in {403, 404}


# The list -------------------------------------------------------------------------------------


def test_the_list_shows_mine_first_then_running_then_ended(scene: Scene) -> None:
    world = scene.world
    walk(found_case(world.household("终家")), Step.REJECT)
    case_before(Step.DECIDE, world.household("区家"))
    found_case(scene.home)
    found_case(world.household("外家", world.foreign))

    page = body(scene.chief, "cases")

    assert page.index("等您办理") < page.index("刘家") < page.index("办理中") < page.index("区家")
    assert page.index("区家") < page.index("已结束") < page.index("终家")
    assert "外家" not in page


def test_the_list_shows_no_risk_of_anybody(scene: Scene) -> None:
    found_case(scene.home)

    assert "因病" not in body(scene.chief, "cases")


def test_the_list_is_filtered_by_state_and_town(scene: Scene) -> None:
    world = scene.world
    found_case(scene.home)
    found_case(world.household("晚家"), found_on=date(2026, 9, 1))
    case_before(Step.DECIDE, world.household("外家", world.foreign))

    def names(**query: str) -> set[str]:
        page = body(scene.district, "cases", **query)
        return {name for name in ("刘家", "晚家", "外家") if name in page}

    assert names(town=world.other_town.pk) == {"外家"}
    assert names(state="found") == {"刘家", "晚家"}
    assert names(state="overdue") == {"晚家"}
    assert names(state="overdue", town=world.other_town.pk) == set()
    assert names(state="nonsense", town="1' OR 1=1") == {"刘家", "晚家", "外家"}


def test_a_long_list_has_pages_that_keep_the_filter(scene: Scene) -> None:
    for number in range(31):
        found_case(scene.world.household(f"第{number}户"))

    page = body(scene.district, "cases", state="found")

    assert "?state=found&amp;page=2" in page
    assert body(scene.district, "cases", state="found", page=2).count('class="row-name"') == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_sends_a_fixed_number_of_queries(
    scene: Scene, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        found_case(scene.world.household(f"第{number}户"))
    client = signed_in(scene.chief)

    with django_assert_num_queries(7):
        client.get(reverse("cases"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_case_page_sends_a_fixed_number_of_queries(
    scene: Scene, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = case_before(list(DAYS)[rows], scene.home)
    client = signed_in(scene.chief)

    with django_assert_num_queries(8):
        client.get(reverse("case", args=[case.pk]))
