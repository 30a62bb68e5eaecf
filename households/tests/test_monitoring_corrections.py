"""What was recorded of a case is corrected with a reason, in order, and by whom it concerns."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.tests.world import TODAY, World, at
from households.models import Household, MonitoringCase, Step
from households.models.monitoring import IllegalMove
from households.monitoring import correct_case, correct_step, take_step
from households.tests.cases import (
    DAYS,
    RISKS,
    case_before,
    found_case,
    report,
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


def test_a_correction_keeps_the_old_values_in_the_trail_and_its_reason_with_the_step(
    world: World, home: Household
) -> None:
    chief = world.post("谢村长", Post.VILLAGE_CHIEF, world.village)
    case = case_before(Step.APPRAISE, home)

    corrected = correct_step(
        case=case, report=report(Step.CHECK, note="改过的结果"), reason="写错了", actor=chief, on=TODAY
    )

    assert (corrected.note, corrected.correction, corrected.corrected_by) == ("改过的结果", "写错了", chief)
    entry = AuditEntry.objects.get(verb="step.corrected")
    assert (entry.reason, entry.changes["note"]) == ("写错了", ["情况属实。", "改过的结果"])


def test_a_correction_says_why(world: World, home: Household) -> None:
    chief = world.post("谢村长", Post.VILLAGE_CHIEF, world.village)
    case = case_before(Step.APPRAISE, home)

    with pytest.raises(ValidationError) as refused:
        correct_step(case=case, report=report(Step.CHECK), reason=" ", actor=chief, on=TODAY)

    assert refused.value.message_dict == {"reason": ["请简要说明更正原因。"]}


def test_a_corrected_day_stays_between_its_neighbours(world: World, home: Household) -> None:
    chief = world.post("谢村长", Post.VILLAGE_CHIEF, world.village)
    case = case_before(Step.NOTICE, home)

    for day, words in ((date(2026, 10, 4), "晚于“民主评议”"), (date(2026, 9, 30), "早于发现日期")):
        with pytest.raises(ValidationError, match=words):
            correct_step(case=case, report=report(Step.CHECK, day), reason="日期", actor=chief, on=TODAY)


def test_a_corrected_notice_still_ends_before_the_review(world: World, home: Household, district: Cadre) -> None:
    case = case_before(Step.CLEAR, home)

    with pytest.raises(ValidationError, match="乡镇已于2026年10月9日审核"):
        correct_step(
            case=case, report=report(Step.NOTICE, until=DAYS[Step.REVIEW]), reason="日期", actor=district, on=TODAY
        )
    correct_step(
        case=case,
        report=report(Step.NOTICE, date(2026, 10, 3), until=date(2026, 10, 7)),
        reason="日期",
        actor=district,
        on=TODAY,
    )
    case.refresh_from_db()
    assert (case.notice_from, case.notice_until) == (date(2026, 10, 3), date(2026, 10, 7))


def test_after_the_decision_only_the_district_corrects(world: World, home: Household, district: Cadre) -> None:
    chief = world.post("谢村长", Post.VILLAGE_CHIEF, world.village)
    case = case_before(Step.CLEAR, home)

    with pytest.raises(PermissionDenied, match="区级已审定"):
        correct_step(case=case, report=report(Step.CHECK), reason="改", actor=chief, on=TODAY)

    new_day = date(2026, 10, 11)
    correct_step(case=case, report=report(Step.DECIDE, new_day), reason="改", actor=district, on=TODAY)
    home.refresh_from_db()
    assert home.risk_identified_on == new_day


def test_a_step_that_was_not_taken_cannot_be_corrected(home: Household, district: Cadre) -> None:
    with pytest.raises(IllegalMove):
        correct_step(case=found_case(home), report=report(Step.CHECK), reason="改", actor=district, on=TODAY)


def test_what_was_found_can_be_corrected_and_the_clock_follows(world: World, home: Household) -> None:
    helper = world.help("钟水生", home)
    case = case_before(Step.APPRAISE, home)
    finding: dict[str, Any] = {"channel": "hotline", "monitoring_type": "marginal", "risks": ["accident"]}

    corrected = correct_case(
        case=case, **finding, found_on=date(2026, 9, 20), description="", reason="日期", actor=helper, on=TODAY
    )

    assert (corrected.channel, corrected.risks, corrected.decide_by) == ("hotline", ["accident"], date(2026, 10, 5))
    with pytest.raises(ValidationError, match="晚于"):
        correct_case(case=case, **finding, found_on=TODAY, description="", reason="日期", actor=helper, on=TODAY)


def test_another_correction_leaves_the_clock_as_it_was_set(world: World, home: Household, settings: Any) -> None:
    helper = world.help("钟水生", home)
    case = case_before(Step.APPRAISE, home)
    finding: dict[str, Any] = {"channel": "hotline", "monitoring_type": "marginal", "risks": ["accident"]}
    settings.MONITORING_DAYS = 60

    corrected = correct_case(
        case=case, **finding, found_on=case.found_on, description="", reason="渠道", actor=helper, on=TODAY
    )

    assert (corrected.channel, corrected.decide_by) == ("hotline", case.decide_by)


def test_the_household_follows_a_correction_after_the_decision(home: Household, district: Cadre) -> None:
    case = case_before(Step.CLEAR, home)

    correct_case(
        case=case,
        channel=case.channel,
        monitoring_type="marginal",
        risks=["labour"],
        found_on=case.found_on,
        description="",
        reason="类型选错",
        actor=district,
        on=TODAY,
    )

    home.refresh_from_db()
    assert (home.monitoring_type, home.risks) == ("marginal", ["labour"])


def test_a_record_can_be_corrected_after_the_household_has_left(world: World, home: Household) -> None:
    case = found_case(home)
    Household.objects.filter(pk=home.pk).update(left_on=YESTERDAY)

    corrected = correct_case(
        case=case,
        channel="hotline",
        monitoring_type=case.monitoring_type,
        risks=RISKS,
        found_on=case.found_on,
        description="",
        reason="渠道选错",
        actor=world.help("钟水生", home),
        on=TODAY,
    )

    assert corrected.channel == "hotline"


def test_who_does_not_see_the_case_corrects_nothing(world: World, home: Household) -> None:
    case = case_before(Step.APPRAISE, home)
    outsider = world.post("外村长", Post.VILLAGE_CHIEF, world.foreign)

    with pytest.raises(MonitoringCase.DoesNotExist):
        correct_step(case=case, report=report(Step.CHECK), reason="改", actor=outsider, on=TODAY)
