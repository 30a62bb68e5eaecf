"""Monitoring cases for tests, built by the system's own verbs."""

from datetime import date, timedelta
from typing import Any

from casework.tests.world import TODAY, at
from households.models import (
    Channel,
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    Household,
    Income,
    MonitoringCase,
    MonitoringType,
    PovertyLine,
    Risk,
    Step,
)
from households.monitoring import open_case, take_step
from households.steps import StepReport
from villages.models import Cadre

FOUND_ON = date(2026, 10, 1)
# One day for each step of a case that keeps its time; the notice hangs from the 4th to the 8th.
DAYS = {
    Step.CHECK: date(2026, 10, 2),
    Step.APPRAISE: date(2026, 10, 3),
    Step.NOTICE: date(2026, 10, 4),
    Step.REVIEW: date(2026, 10, 9),
    Step.DECIDE: date(2026, 10, 10),
    Step.CLEAR: date(2026, 10, 15),
}
NOTICE_UNTIL = date(2026, 10, 8)
RISKS = [Risk.ILLNESS.value, Risk.EMPLOYMENT.value]
WAY = list(DAYS)


def found_case(
    household: Household, *, actor: Cadre | None = None, found_on: date = FOUND_ON, on: date = TODAY, **fields: Any
) -> MonitoringCase:
    """A case that was just opened."""
    defaults: dict[str, Any] = {
        "channel": Channel.CADRE.value,
        "monitoring_type": MonitoringType.SUDDEN.value,
        "risks": RISKS,
        "description": "户主住院，收入中断。",
    }
    return open_case(household=household, found_on=found_on, actor=actor, on=on, **(defaults | fields))


def report(step: str, done_on: date | None = None, **fields: Any) -> StepReport:
    """A report that lacks nothing, made on the day of DAYS unless another is given."""
    day = done_on or DAYS.get(Step(step), TODAY)
    defaults: dict[str, Any] = {"people": "谢村长、钟水生", "note": "情况属实。"}
    if step == Step.CHECK:
        defaults["is_authorised"] = True
    if step == Step.NOTICE:
        defaults["until"] = day + timedelta(days=4)
    if step == Step.CLEAR:
        defaults |= {"clearing": "help", "risks_gone": tuple(RISKS)}
    return StepReport(step=str(step), done_on=day, **(defaults | fields))


def walk(case: MonitoringCase, *steps: str, actor: Cadre | None = None, on: date = TODAY) -> MonitoringCase:
    """Take the steps, one after the other."""
    for step in steps:
        case = take_step(case=case, report=report(step), actor=actor, now=at(on))
    return case


def case_before(step: str, household: Household, **fields: Any) -> MonitoringCase:
    """A case whose next step is the one named."""
    return walk(found_case(household, **fields), *WAY[: WAY.index(Step(step))])


def appraised_case(household: Household) -> MonitoringCase:
    """A case whose notice comes next."""
    return case_before(Step.NOTICE, household)


def make_clearable(household: Household) -> None:
    """Give the household everything that clearing its risk asks for, except the declaration."""
    PovertyLine.objects.update_or_create(year=2026, defaults={"amount": 8000})
    Income.objects.create(household=household, year=2026, per_head=12000, as_of=TODAY)
    Guarantee.objects.bulk_create(
        Guarantee(household=household, kind=kind, state=GuaranteeState.MET, checked_on=TODAY) for kind in GuaranteeKind
    )
