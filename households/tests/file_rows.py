"""One row of each kind that belongs to a household's file, made by the system's own verbs."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from households.links import YearGiven, enter_links
from households.living import record_guarantee, save_income
from households.measures import enter_measures
from households.models import (
    BenefitLink,
    ExitRecord,
    Guarantee,
    Household,
    Income,
    Measure,
    Person,
    Relation,
)
from households.persons import save_person
from households.tests.numbers import identity_number
from villages.models import Cadre

BORN = date(1968, 3, 2)
PHONE, ACCOUNT = "13879791234", "6217000012345678"


def person_of(household: Household, on: date, serial: int = 0, name: str = "钟水生") -> Person:
    """A son with all three numbers."""
    person = Person(household=household, number=f"{household.number}{serial:02}", name=name, relation=Relation.SON)
    person.id_number = identity_number(BORN, serial=serial)  # type: ignore[assignment]
    person.phone, person.bank_account = PHONE, ACCOUNT  # type: ignore[assignment]
    return save_person(person, actor=None, on=on)


def income_of(household: Household, on: date, year: int = 2025) -> Income:
    """A year's income."""
    income = Income(household=household, year=year, wages=Decimal(30000), as_of=date(2026, 1, 5))
    return save_income(income, actor=None, on=on)


def guarantee_of(household: Household, on: date, kind: str = "water") -> Guarantee:
    """A check of one guarantee."""
    guarantee = Guarantee(household=household, kind=kind, state="met", checked_on=date(2026, 9, 1))
    return record_guarantee(guarantee, actor=None, on=on)


def measure_of(household: Household, on: date, actor: Cadre) -> Measure:
    """A measure from the first of March on."""
    measure = Measure(household=household, kind="industry", content="油茶奖补", starts_on=date(2026, 3, 1))
    return enter_measures(measure, batch_id=uuid4(), household_ids=[household.pk], actor=actor, on=on)[0]


def link_of(household: Household, on: date, actor: Cadre) -> BenefitLink:
    """A dividend, with what one year brought."""
    link = BenefitLink(household=household, operator="脐橙合作社", form="dividend", starts_on=date(2025, 1, 1))
    years = {household.pk: YearGiven(year=2025, promised=Decimal(800), received=Decimal(500))}
    return enter_links(link, batch_id=uuid4(), household_ids=[household.pk], years=years, actor=actor, on=on)[0]


def exit_of(household: Household) -> ExitRecord:
    """The household's exit, as an import writes it."""
    return ExitRecord.objects.create(household=household, village=household.village, approved_on=date(2019, 12, 1))
