"""A case is opened, walked, ended and corrected by its verbs: by whom, when, and with which words refused."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import TODAY, World, at
from households.models import CaseState, CaseStep, Household, MonitoringCase, Step
from households.models.monitoring import MOVES, REPORTED, IllegalMove
from households.monitoring import correct_step, open_case, reject_case, take_step
from households.tests.cases import (
    DAYS,
    FOUND_ON,
    NOTICE_UNTIL,
    RISKS,
    WAY,
    case_before,
    found_case,
    make_clearable,
    report,
    walk,
)
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def home(world: World) -> Household:
    return world.household("刘家")


@pytest.fixture
def district(world: World) -> Cadre:
    """The clerk of the district."""
    return world.post("区录入员", Post.CLERK, world.district)


def messages(refused: Any) -> str:
    return "\n".join(refused.value.messages)


def take(case: MonitoringCase, step: str, *, actor: Cadre | None = None, on: date = TODAY, **fields: Any) -> Any:
    return take_step(case=case, report=report(step, **fields), actor=actor, now=at(on))


# Opening --------------------------------------------------------------------------------------


def test_an_opened_case_has_its_clock_and_is_told(home: Household) -> None:
    case = found_case(home)

    assert (case.state, case.decide_by, case.risks) == (CaseState.FOUND, date(2026, 10, 16), RISKS)
    entry = AuditEntry.objects.get(verb="case.opened")
    assert (entry.target_id, entry.village_id) == (str(case.pk), home.village_id)


def test_a_household_that_has_left_the_register_is_not_monitored(world: World) -> None:
    gone = world.household("赖家", left_on=YESTERDAY)

    with pytest.raises(ValidationError) as refused:
        found_case(gone)

    assert messages(refused) == "该户不在册，只能监测在册农户。"


def test_a_household_not_yet_registered_is_not_monitored(world: World) -> None:
    later = world.household("赖家", registered_on=TOMORROW)

    with pytest.raises(ValidationError, match="该户不在册"):
        found_case(later)


@pytest.mark.parametrize(
    ("day", "words"), [(TOMORROW, "日期在今天之后"), (date(2024, 12, 31), "该户2025年1月1日才登记在册")]
)
def test_nothing_is_found_in_the_future_or_before_the_household_was_registered(
    home: Household, day: date, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        found_case(home, found_on=day)

    assert words in refused.value.message_dict["found_on"][0]


@pytest.mark.parametrize(
    "risks", [[], ["illness", "x"], ["illness", "disability", "schooling", "labour", "other", "accident"]]
)
def test_a_case_has_one_to_five_known_risks(home: Household, risks: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        found_case(home, risks=risks)

    assert refused.value.message_dict["risks"]


def test_a_second_running_case_is_refused_with_words(home: Household) -> None:
    found_case(home)

    with pytest.raises(ValidationError) as refused:
        found_case(home)

    assert "本户已在监测中" in messages(refused)


def test_after_a_case_has_ended_a_new_one_can_be_opened(home: Household) -> None:
    reject_case(case=found_case(home), reason="收入达标", done_on=TODAY, people="谢村长", actor=None, now=at(TODAY))

    assert found_case(home).state == CaseState.FOUND


def test_a_form_sent_twice_opens_one_case(home: Household) -> None:
    key = uuid4()

    first, second = (found_case(home, request_key=key) for _time in range(2))

    assert first == second
    assert AuditEntry.objects.filter(verb="case.opened").count() == 1


def test_a_key_used_for_another_household_opens_nothing_of_it(world: World, home: Household) -> None:
    key = uuid4()
    found_case(home, request_key=key)

    with pytest.raises(ValidationError):
        found_case(world.household("赖家"), request_key=key)


def test_an_outsider_opens_no_case(world: World, home: Household) -> None:
    with pytest.raises(PermissionDenied):
        found_case(home, actor=world.cadre("局外人"))


# Steps ----------------------------------------------------------------------------------------


def test_the_whole_way_leads_from_found_to_cleared(home: Household) -> None:
    make_clearable(home)
    case = found_case(home)

    states = [walk(case, step).state for step in WAY]

    assert states == [MOVES[step][1] for step in WAY]
    assert list(CaseStep.objects.order_by("pk").values_list("step", "done_on")) == [
        (s.value, d) for s, d in DAYS.items()
    ]


@pytest.mark.parametrize("step", REPORTED)
@pytest.mark.parametrize("state", CaseState.values)
def test_only_the_moves_of_the_table_are_made(home: Household, state: str, step: str) -> None:
    make_clearable(home)
    case = found_case(home)
    way_to = {MOVES[s][1]: WAY[: number + 1] for number, s in enumerate(WAY)}
    walk(case, *way_to.get(CaseState(state), []))
    if state == CaseState.REJECTED:
        take(case, Step.REJECT, done_on=FOUND_ON)
    case.refresh_from_db()
    assert case.state == state

    if state in MOVES[step][0]:
        assert take(case, step, done_on=TODAY).state == MOVES[step][1]
    else:
        with pytest.raises(IllegalMove):
            take(case, step, note="另一次")
        case.refresh_from_db()
        assert case.state == state


@pytest.mark.parametrize(
    ("step", "lacks", "words"),
    [
        (Step.CHECK, {"people": " "}, "请填写参加人员。"),
        (Step.CHECK, {"note": " "}, "请简要填写结果。"),
        (Step.CHECK, {"is_authorised": False}, "农户未签署授权书，不得核查其信息。请先取得授权。"),
        (Step.REJECT, {"note": ""}, "请简要说明不予纳入的原因。"),
    ],
)
def test_a_report_that_lacks_something_says_what(home: Household, step: str, lacks: dict[str, Any], words: str) -> None:
    case = found_case(home)

    with pytest.raises(ValidationError) as refused:
        take(case, step, **lacks)

    assert messages(refused) == words
    assert not CaseStep.objects.exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TOMORROW, "日期在今天之后"),
        (date(2026, 9, 30), "早于发现日期"),
        (date(2026, 10, 1), "早于“入户核实并签授权书”"),
    ],
)
def test_the_days_of_the_steps_are_in_order(home: Household, day: date, words: str) -> None:
    case = case_before(Step.APPRAISE, home)

    with pytest.raises(ValidationError) as refused:
        take(case, Step.APPRAISE, done_on=day)

    assert words in refused.value.message_dict["done_on"][0]


def test_a_notice_shorter_than_the_setting_is_refused(home: Household) -> None:
    case = case_before(Step.NOTICE, home)

    with pytest.raises(ValidationError) as refused:
        take(case, Step.NOTICE, until=NOTICE_UNTIL - timedelta(days=1))

    assert refused.value.message_dict == {"until": ["公示至少要到2026年10月8日。"]}


def test_a_review_waits_for_the_end_of_the_notice(home: Household) -> None:
    case = case_before(Step.REVIEW, home)

    with pytest.raises(ValidationError) as refused:
        take(case, Step.REVIEW, done_on=NOTICE_UNTIL)

    assert refused.value.message_dict["done_on"] == ["公示到2026年10月8日为止，最早2026年10月9日才能办理这一步。"]
    assert take(case, Step.REVIEW, done_on=NOTICE_UNTIL + timedelta(days=1)).state == CaseState.REVIEWED


def test_the_same_report_sent_twice_is_recorded_once(home: Household) -> None:
    case = found_case(home)

    states = [take(case, Step.CHECK).state for _time in range(2)]

    assert states == [CaseState.CHECKED] * 2
    assert CaseStep.objects.count() == AuditEntry.objects.filter(verb="step.recorded").count() == 1


def test_who_comes_second_hears_who_was_faster(world: World, home: Household) -> None:
    first, second = (world.post(name, Post.TEAM_MEMBER, world.village) for name in ("队员甲", "队员乙"))
    case = found_case(home)
    take(case, Step.CHECK, actor=first)

    with pytest.raises(IllegalMove) as refused:
        take(case, Step.CHECK, actor=second)

    assert messages(refused) == "“入户核实并签授权书”已由队员甲登记（2026年10月2日办理），请重新查看该监测记录。"


def test_a_rejected_case_keeps_its_reason_and_leaves_the_household_alone(home: Household) -> None:
    case = case_before(Step.DECIDE, home)

    reject_case(case=case, reason="公示有异议，经查不符", done_on=TODAY, people="区专班", actor=None, now=at(TODAY))

    case.refresh_from_db()
    home.refresh_from_db()
    assert (case.state, case.steps.get(step="reject").note) == (CaseState.REJECTED, "公示有异议，经查不符")
    assert (home.monitoring_type, home.risks, home.is_risk_cleared) == ("", [], None)


# What follows ---------------------------------------------------------------------------------


def test_the_household_follows_a_decision_and_the_trail_says_where_it_comes_from(home: Household) -> None:
    walk(case_before(Step.DECIDE, home), Step.DECIDE)

    home.refresh_from_db()
    assert (home.monitoring_type, home.risks, home.risk_identified_on) == ("sudden", RISKS, DAYS[Step.DECIDE])
    assert (home.is_risk_cleared, home.risk_cleared_on) == (False, None)
    entry = AuditEntry.objects.get(verb="household.monitored")
    assert "以全国系统数据为准" in entry.reason
    assert entry.changes["monitoring_type"] == ["", "sudden"]


def test_nothing_follows_before_the_decision(home: Household) -> None:
    case_before(Step.DECIDE, home)

    home.refresh_from_db()
    assert home.monitoring_type == ""


def test_the_household_follows_a_cleared_risk(home: Household) -> None:
    make_clearable(home)

    walk(case_before(Step.CLEAR, home), Step.CLEAR)

    home.refresh_from_db()
    assert (home.is_risk_cleared, home.risk_cleared_on) == (True, DAYS[Step.CLEAR])


def test_a_household_that_falls_back_is_no_longer_cleared(home: Household) -> None:
    make_clearable(home)
    first = walk(case_before(Step.CLEAR, home), Step.CLEAR)
    later = date(2026, 11, 20)
    second = found_case(home, found_on=date(2026, 11, 1), on=later)
    for number, step in enumerate(WAY[:-1]):
        day = date(2026, 11, 2) + timedelta(days=number + (5 if number > 2 else 0))
        take(second, step, done_on=day, on=later)

    home.refresh_from_db()
    assert (home.is_risk_cleared, home.risk_cleared_on) == (False, None)
    correct_step(case=first, report=report(Step.CLEAR, note="补记"), reason="补记", actor=root(), on=later)
    home.refresh_from_db()
    assert home.is_risk_cleared is False


def root() -> Cadre:
    return Cadre.objects.create_superuser("root", "x", name="技术管理员")


# Clearing -------------------------------------------------------------------------------------


def test_each_unmet_condition_is_named_and_the_district_cannot_pass_over_it(home: Household, district: Cadre) -> None:
    case = case_before(Step.CLEAR, home)

    with pytest.raises(ValidationError) as refused:
        take(case, Step.CLEAR, actor=district, risks_gone=(RISKS[0],))

    said = messages(refused)
    assert said.startswith("还不能消除风险")
    assert said.count("没有核查记录") == 6
    assert "没有2025年及以后的收入记录" in said
    assert "因务工就业不稳：未确认消除" in said
    case.refresh_from_db()
    assert case.state == CaseState.DECIDED


def test_clearing_says_how(home: Household) -> None:
    make_clearable(home)
    case = case_before(Step.CLEAR, home)

    with pytest.raises(ValidationError) as refused:
        take(case, Step.CLEAR, clearing="")

    assert refused.value.message_dict == {"clearing": ["请选择风险消除方式：帮扶消除或自然消除。"]}


# What must never be -----------------------------------------------------------------------------


def test_the_database_refuses_what_must_never_be_true(home: Household) -> None:
    case = found_case(home)

    for wrong in (
        {"state": CaseState.NOTICED},
        {"state": CaseState.CLEARED},
        {"clearing": "help"},
        {"decide_by": FOUND_ON - timedelta(days=1)},
    ):
        broken = MonitoringCase.objects.get(pk=case.pk)
        for name, value in wrong.items():
            setattr(broken, name, value)
        with pytest.raises(ValidationError):
            broken.full_clean()


def test_open_case_takes_plain_words(world: World, home: Household) -> None:
    case = open_case(
        household=home,
        channel="application",
        monitoring_type="marginal",
        risks=["labour", "labour"],
        found_on=TODAY,
        actor=world.help("钟水生", home),
        on=TODAY,
    )

    assert (case.risks, case.opened_by.name) == (["labour"], "钟水生")
