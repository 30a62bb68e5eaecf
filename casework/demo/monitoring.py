"""The monitoring cases of the made-up district: cleared, decided, and on their way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.demo.chance import day_between, insert
from casework.demo.district import Demo
from casework.demo.persons import Family
from casework.demo.staff import Staff
from households.models import (
    BaseType,
    CaseState,
    CaseStep,
    Channel,
    Clearing,
    Household,
    MonitoringCase,
    MonitoringType,
    Risk,
    Step,
)
from villages.models import Post

FIRST = date(2021, 6, 1)  # the district's monitoring began in that year
# Days after discovery on which each step is done: within the fifteen of the rule.
WAY = {Step.CHECK: 2, Step.APPRAISE: 4, Step.NOTICE: 5, Step.REVIEW: 11, Step.DECIDE: 13}
AFTER = dict(
    zip(
        [CaseState.CHECKED, CaseState.APPRAISED, CaseState.NOTICED, CaseState.REVIEWED, CaseState.DECIDED],
        WAY,
        strict=True,
    )
)
# The states of cases on their way, and how many days ago the last step was.
RUNNING = (
    (CaseState.NOTICED, 2),
    (CaseState.CHECKED, 1),
    (CaseState.REVIEWED, 1),
    (CaseState.FOUND, 1),
    (CaseState.APPRAISED, 1),
    (CaseState.CHECKED, 18),
    (CaseState.REJECTED, 30),
)
RISKS = {
    Risk.ILLNESS: 40,
    Risk.EMPLOYMENT: 18,
    Risk.DISABILITY: 14,
    Risk.SCHOOLING: 12,
    Risk.ACCIDENT: 8,
    Risk.LABOUR: 8,
}
STORIES = {
    Risk.ILLNESS: "家庭成员患大病，自付医疗费用较高，支出骤增。",
    Risk.EMPLOYMENT: "主要劳动力务工企业停产，收入明显下降。",
    Risk.DISABILITY: "家庭成员残疾，需长期照料，负担较重。",
    Risk.SCHOOLING: "多名子女同时就读高中以上，教育支出较大。",
    Risk.ACCIDENT: "主要劳动力意外受伤，短期内无法务工。",
    Risk.LABOUR: "家中缺少劳动力，收入来源单一。",
}
PEOPLE = {
    Step.CHECK: "驻村工作队、村“两委”干部",
    Step.APPRAISE: "村“两委”、驻村工作队、党员和村民代表",
    Step.NOTICE: "村民委员会",
    Step.REVIEW: "乡镇人民政府",
    Step.DECIDE: "区防返贫监测工作专班",
    Step.CLEAR: "村民委员会、乡镇人民政府",
    Step.REJECT: "驻村工作队、村“两委”干部",
}
# Contradictions about cleared risks need households of their own; so many kinds of them are planted.
KINDS_OF_CLEARED = 4


@dataclass
class Cases:
    """What later parts need of the cases: the families spared for contradictions, cleared and decided ones."""

    spare: list[Family]
    decided: list[Family]


def make_cases(demo: Demo, staff: Staff, families: list[Family]) -> Cases:
    """Open and walk the cases; risks of monitored households are written on them."""
    rng = demo.draws("monitoring")
    present = [family for family in families if not family.home.left_on]
    quiet = [family for family in present if not family.home.monitoring_type]
    known = [family for family in quiet if family.home.registered_on < FIRST]
    spare = rng.sample(known, min(len(known), KINDS_OF_CLEARED * demo.size.faults))
    for family in spare:
        family.home = family.home._replace(monitoring_type=MonitoringType.UNSTABLE)
    monitored = [family for family in present if family.home.monitoring_type]
    spared = {family.home.pk for family in spare}
    cases = [_ended(rng, family, demo.on, must_clear=family.home.pk in spared) for family in monitored]
    cases += _running(demo, rng, [family.home.pk for family in quiet if family.home.pk not in spared])
    rows = list(insert(MonitoringCase, (case for case, _days in cases)))
    days_of = [days for _case, days in cases]
    list(insert(CaseStep, _steps(staff, rows, days_of)))
    demo.cleared = {case.household_id for case in rows if case.state == CaseState.CLEARED}
    _write_on_households(rows[: len(monitored)], days_of)
    decided = [family for family in monitored if family.home.pk not in demo.cleared]
    return Cases(spare, decided)


Days = dict[str, date]


def _ended(rng: Random, family: Family, on: date, *, must_clear: bool) -> tuple[MonitoringCase, Days]:
    """A case the district has decided; every third was cleared after a year or more."""
    first = min(max(FIRST, family.home.registered_on), on - timedelta(days=45))
    is_cleared = must_clear or (rng.random() < 0.35 and first < on - timedelta(days=600))
    found_on = day_between(rng, first, on - timedelta(days=500 if is_cleared else 40))
    case, days = _case(rng, family.home.pk, family.home.monitoring_type, found_on, CaseState.DECIDED)
    if is_cleared:
        case.state = CaseState.CLEARED
        case.clearing = Clearing.NATURAL if rng.random() < 0.15 and not must_clear else Clearing.HELP
        days[Step.CLEAR] = found_on + timedelta(days=rng.randint(200, 400))
    return case, days


def _running(demo: Demo, rng: Random, exited: list[int]) -> list[tuple[MonitoringCase, Days]]:
    """Cases whose clock still runs, or that were refused; half of them where the demo accounts work."""
    households = Household.objects.filter(monitoring_type="", left_on=None).order_by("pk")
    ordinary = households.filter(base_type=BaseType.ORDINARY)
    near = list(ordinary.filter(village=demo.showcase).values_list("pk", flat=True))
    far = [*exited, *ordinary.exclude(village=demo.showcase).values_list("pk", flat=True)]
    count = demo.size.cases
    chosen = rng.sample(near, min(len(near), count // 2))
    chosen += rng.sample(far, min(len(far), count - len(chosen)))
    exited_ones = set(exited)
    cases = []
    for number, pk in enumerate(chosen):
        state, days_ago = RUNNING[number % len(RUNNING)]
        kind = MonitoringType.UNSTABLE if pk in exited_ones else rng.choice(list(MonitoringType)[1:])
        reached = CaseState.CHECKED if state == CaseState.REJECTED else state
        found_on = demo.on - timedelta(days=days_ago + WAY.get(AFTER.get(reached, Step.CLEAR), 0))
        case, days = _case(rng, pk, kind, found_on, reached)
        if state == CaseState.REJECTED:
            case.state, days[Step.REJECT] = state, found_on + timedelta(days=3)
        cases.append((case, days))
    return cases


def _case(rng: Random, household_id: int, kind: str, found_on: date, state: CaseState) -> tuple[MonitoringCase, Days]:
    """A case that has come as far as the state, and the days of its steps."""
    reached = WAY.get(AFTER.get(state, Step.CLEAR), 0)
    days: Days = {step: found_on + timedelta(days=after) for step, after in WAY.items() if after <= reached}
    risks = list(dict.fromkeys(rng.choices(list(RISKS), list(RISKS.values()), k=rng.choice((1, 1, 2)))))
    case = MonitoringCase(
        household_id=household_id,
        channel=rng.choices(list(Channel), (25, 45, 25, 5))[0],
        monitoring_type=kind,
        risks=risks,
        found_on=found_on,
        description=STORIES[risks[0]],
        state=state,
        decide_by=found_on + timedelta(days=settings.MONITORING_DAYS),
        notice_from=days.get(Step.NOTICE),
    )
    if case.notice_from:
        case.notice_until = case.notice_from + timedelta(days=settings.NOTICE_DAYS)
    return case, days


def _steps(staff: Staff, cases: list[MonitoringCase], days_of: list[Days]) -> Iterator[CaseStep]:
    zone = ZoneInfo(settings.TIME_ZONE)
    villages = dict(
        Household.objects.filter(pk__in=[case.household_id for case in cases]).values_list("pk", "village_id")
    )
    for case, days in zip(cases, days_of, strict=True):
        for step, done_on in days.items():
            yield CaseStep(
                case=case,
                step=step,
                done_on=done_on,
                people=PEOPLE[Step(step)],
                note="暂未发现返贫致贫风险，不予纳入" if step == Step.REJECT else "",
                recorded_by_id=staff.holder(Post.CLERK, [villages[case.household_id][:9]], done_on),
                recorded_at=datetime.combine(done_on, time(17, 30), zone),
            )


def _write_on_households(cases: list[MonitoringCase], days_of: list[Days]) -> None:
    """What the register says of a monitored household follows from its case."""
    households = Household.objects.in_bulk([case.household_id for case in cases])
    for case, days in zip(cases, days_of, strict=False):
        household = households[case.household_id]
        household.monitoring_type, household.risks = case.monitoring_type, case.risks
        household.risk_identified_on = days[Step.DECIDE]
        household.is_risk_cleared = case.state == CaseState.CLEARED
        household.risk_cleared_on = days.get(Step.CLEAR)
        household.identified_on = household.identified_on or days[Step.DECIDE]
    fields = ["monitoring_type", "risks", "risk_identified_on", "is_risk_cleared", "risk_cleared_on", "identified_on"]
    Household.objects.bulk_update(households.values(), fields, batch_size=500)
