"""Made-up families with every column of the national export filled in somewhere."""

from datetime import date
from decimal import Decimal
from typing import Any

from casework.tests.world import TODAY, World
from households.models import (
    Cause,
    Education,
    Health,
    Household,
    Income,
    LabourSkill,
    MonitoringType,
    Person,
    Relation,
    Schooling,
    Sex,
)
from households.persons import save_person
from households.tests.numbers import identity_number

FOUND = date(2014, 12, 1)


def family(world: World, head: str = "刘一", village: Any = None, size: int = 3, serial: int = 1) -> Household:
    """A household with so many members; the first two have numbers and telephones."""
    household = world.household(
        head,
        village,
        natural_village="上坝",
        main_cause=Cause.ILLNESS,
        has_dangerous_house=False,
        has_safe_water=True,
        identified_on=FOUND,
        monitoring_type=MonitoringType.UNSTABLE,
        risk_identified_on=date(2021, 5, 6),
        is_risk_cleared=False,
        phone="13800000001",
        members=size,
    )
    Income.objects.create(household=household, year=2025, per_head=Decimal("9000.50"), as_of=TODAY)
    Income.objects.create(household=household, year=2026, per_head=Decimal("12800.50"), as_of=TODAY)
    for place in range(size):
        save_person(_member(household, head, place, serial), actor=None, on=TODAY)
    return household


def _member(household: Household, head: str, place: int, serial: int) -> Person:
    person = Person(
        household=household, number=f"{household.number}{place:02}", name=head if not place else f"家人{place}"
    )
    person.relation = Relation.HEAD if not place else Relation.SON
    person.ethnicity, person.identified_on = "汉族", FOUND
    if place < 2:
        person.id_number = identity_number(date(1960 + 30 * place, 3, 2), Sex.MALE, serial=serial)  # type: ignore[assignment]
        person.phone = f"1390000{serial:03}{place}"  # type: ignore[assignment]
        person.education, person.schooling = Education.JUNIOR, Schooling.NONE
        person.health, person.labour_skill = [Health.CHRONIC, Health.DISABLED], LabourSkill.ORDINARY
        person.months_of_work, person.has_major_illness_insurance = 8, True
    return person
