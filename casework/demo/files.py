"""The household files of the made-up district: everything the register knows of a family beside its address."""

from datetime import date
from random import Random

from casework.demo.chance import day_between
from casework.demo.district import Demo
from casework.demo.exits import make_exits
from casework.demo.faults import plant
from casework.demo.living import make_guarantees, make_incomes, make_lines
from casework.demo.measures import make_links, make_measures
from casework.demo.monitoring import make_cases
from casework.demo.numbers import phone
from casework.demo.persons import make_persons
from casework.demo.staff import Staff
from casework.demo.words import HAMLETS
from households.models import BaseType, BenefitLink, BenefitYear, Cause, Guarantee, Household, Income, Measure, Person
from villages.pour import analyze

CAUSES = {
    Cause.ILLNESS: 34,
    Cause.DISABILITY: 14,
    Cause.SCHOOLING: 12,
    Cause.LABOUR: 11,
    Cause.TECHNIQUE: 12,
    Cause.MONEY: 10,
    Cause.DRIVE: 3,
    Cause.DISASTER: 2,
    Cause.TRAFFIC: 2,
}


def fill_in(rng: Random, household: Household) -> Household:
    """What the register says of the household itself; risks come with its monitoring case."""
    household.natural_village = rng.choice(HAMLETS)
    is_known = household.base_type == BaseType.EXITED or bool(household.monitoring_type)
    household.phone = phone(rng) if is_known or rng.random() < 0.9 else ""
    household.has_dangerous_house, household.has_safe_water = False, True
    if household.base_type == BaseType.EXITED:
        last = min(household.registered_on, date(2016, 12, 20))
        household.identified_on = day_between(rng, date(2014, 3, 1), last)
        household.main_cause, *others = dict.fromkeys(rng.choices(list(CAUSES), list(CAUSES.values()), k=3))
        household.other_causes = others[: rng.choice((0, 0, 1, 2))]
    return household


def make_files(demo: Demo, staff: Staff) -> None:
    """Persons, incomes, guarantees, measures, exits and monitoring cases; last some contradictions."""
    make_lines()
    families = make_persons(demo)
    cases = make_cases(demo, staff, families)
    make_incomes(demo, staff, families)
    make_guarantees(demo, staff, families)
    make_measures(demo, staff, families)
    make_links(demo, staff, families)
    make_exits(demo, families)
    plant(demo, families, cases)
    analyze(Person, Income, Guarantee, Measure, BenefitLink, BenefitYear)
