"""A household file in which nothing contradicts anything, to be broken in one place by each test."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.tests.world import World
from households.models import (
    CaseState,
    CaseStep,
    Channel,
    Clearing,
    ExitRecord,
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    Household,
    Income,
    LabourSkill,
    Measure,
    MeasureKind,
    MonitoringCase,
    MonitoringType,
    Person,
    PovertyLine,
    Relation,
    Risk,
    Schooling,
    Sex,
    Step,
)
from villages.models import Village

YEAR, LINE = 2025, Decimal(8000)
FOUND_ON, IDENTIFIED_ON, CLEARED_ON = date(2024, 3, 1), date(2024, 3, 14), date(2025, 9, 1)


def whole_file(world: World, head: str = "户主甲", village: Village | None = None) -> Household:
    """An exited household of two whose monitored risk was cleared by help: father at work, son at school."""
    PovertyLine.objects.get_or_create(year=YEAR, defaults={"amount": LINE})
    household = world.household(
        head,
        village,
        members=2,
        phone="15400000001",
        identified_on=date(2014, 5, 1),
        monitoring_type=MonitoringType.UNSTABLE,
        risks=[Risk.ILLNESS],
        risk_identified_on=IDENTIFIED_ON,
        is_risk_cleared=True,
        risk_cleared_on=CLEARED_ON,
    )
    _persons(household, head)
    Income.objects.create(
        household=household, year=YEAR, wages=30000, transfers=2000, per_head=16000, as_of=date(2026, 1, 5)
    )
    for kind in GuaranteeKind:
        Guarantee.objects.create(household=household, kind=kind, state=GuaranteeState.MET, checked_on=date(2026, 5, 1))
    Measure.objects.create(
        household=household,
        kind=MeasureKind.EMPLOYMENT,
        content="交通补贴",
        starts_on=date(2025, 2, 1),
        ends_on=date(2026, 12, 31),
        recorded_on=date(2025, 2, 1),
    )
    _exit(household)
    _case(household)
    return household


def _persons(household: Household, head: str) -> None:
    insured = {"has_medical_insurance": True, "has_major_illness_insurance": False}
    Person.objects.create(
        household=household,
        number=f"{household.number}01",
        name=head,
        relation=Relation.HEAD,
        sex=Sex.MALE,
        born_on=date(1975, 3, 2),
        id_number="360721197503021019",
        labour_skill=LabourSkill.ORDINARY,
        schooling=Schooling.NONE,
        identified_on=date(2014, 5, 1),
        **insured,
    )
    Person.objects.create(
        household=household,
        number=f"{household.number}02",
        name="儿子",
        relation=Relation.SON,
        born_on=date(2016, 3, 2),
        labour_skill=LabourSkill.NONE,
        schooling=Schooling.PRIMARY,
        identified_on=date(2016, 3, 2),
        **insured,
    )


def _exit(household: Household) -> None:
    ExitRecord.objects.create(
        household=household,
        village=household.village,
        appraised_on=date(2018, 10, 1),
        verified_on=date(2018, 10, 8),
        consented_on=date(2018, 10, 9),
        noticed_on=date(2018, 10, 10),
        approved_on=date(2018, 10, 30),
    )


def _case(household: Household) -> None:
    case = MonitoringCase.objects.create(
        household=household,
        channel=Channel.CADRE,
        monitoring_type=MonitoringType.UNSTABLE,
        risks=[Risk.ILLNESS],
        found_on=FOUND_ON,
        decide_by=date(2024, 3, 16),
        notice_from=date(2024, 3, 6),
        notice_until=date(2024, 3, 11),
        state=CaseState.CLEARED,
        clearing=Clearing.HELP,
    )
    days = {
        Step.CHECK: date(2024, 3, 2),
        Step.APPRAISE: date(2024, 3, 5),
        Step.NOTICE: date(2024, 3, 6),
        Step.REVIEW: date(2024, 3, 12),
        Step.DECIDE: IDENTIFIED_ON,
        Step.CLEAR: CLEARED_ON,
    }
    for step, day in days.items():
        entered_at = datetime.combine(day, time(17), ZoneInfo(settings.TIME_ZONE))
        CaseStep.objects.create(case=case, step=step, done_on=day, recorded_at=entered_at)
