"""Contradictions planted into the made-up files, a stated number for each rule of the data-quality page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from casework.demo.district import Demo
from casework.demo.living import income
from casework.demo.monitoring import Cases
from casework.demo.persons import Family
from households.models import (
    CaseStep,
    ExitRecord,
    Guarantee,
    GuaranteeKind,
    GuaranteeState,
    Household,
    Income,
    Measure,
    Person,
    Relation,
    Schooling,
    Step,
)
from households.models.categories import COMPULSORY_SCHOOLING
from households.models.measures import DEVELOPMENT, JOBS

Break = Callable[[Demo, Family], bool]


def plant(demo: Demo, families: list[Family], cases: Cases) -> None:
    """Break `demo.size.faults` files for each rule; no file is broken twice."""
    rng = demo.draws("faults")
    spared = {family.home.pk for family in [*cases.spare, *cases.decided]}
    others = [family for family in families if _is_quiet(family) and family.home.pk not in spared]
    # The demo accounts should see some of them.
    rng.shuffle(others)
    others.sort(key=lambda family: family.home.village_id != demo.showcase.pk)
    for faults, waiting in (
        (OF_CLEARED, cases.spare),
        (OF_DECIDED, cases.decided),
        (OF_EXITED, list(_alternating(others))),
    ):
        for fault in faults:
            waiting = _break(demo, fault, waiting)


def _is_quiet(family: Family) -> bool:
    """An exited household that is still on the register and not monitored."""
    return family.is_exited and not (family.home.left_on or family.home.monitoring_type)


def _alternating(families: list[Family]) -> Iterator[Family]:
    """The first, the last, the second, the last but one: near the demo accounts and elsewhere in turn."""
    half = (len(families) + 1) // 2
    for near, far in zip_longest(families[:half], reversed(families[half:])):
        yield near
        if far:
            yield far


def _break(demo: Demo, fault: Break, families: list[Family]) -> list[Family]:
    """Break so many of those that can be broken in this way; the others are handed back."""
    others, broken = [], 0
    for family in families:
        if broken < demo.size.faults and fault(demo, family):
            broken += 1
        else:
            others.append(family)
    return others


def income_under_line(demo: Demo, family: Family) -> bool:
    """Cleared, but the income of last year is below its line."""
    year = demo.on.year - 1
    row = income(demo.draws("faults"), family, year, 0.8, demo.on, None)
    figures = row._asdict()
    for key in ("household_id", "year", "source", "as_of", "recorded_by_id"):
        del figures[key]
    return bool(Income.objects.filter(household=family.home.pk, year=year).update(**figures))


def guarantee_missing(demo: Demo, family: Family) -> bool:
    """Cleared, but drinking water is not guaranteed."""
    checks = Guarantee.objects.filter(household=family.home.pk, kind=GuaranteeKind.WATER)
    return bool(checks.update(state=GuaranteeState.NOT_MET))


def cleared_too_soon(demo: Demo, family: Family) -> bool:
    """Cleared by help three weeks after the decision."""
    household = Household.objects.get(pk=family.home.pk)
    assert household.risk_identified_on
    cleared_on = household.risk_identified_on + timedelta(days=21)
    CaseStep.objects.filter(case__household=household, step=Step.CLEAR).update(done_on=cleared_on)
    return bool(Household.objects.filter(pk=household.pk).update(risk_cleared_on=cleared_on))


def cleared_in_future(demo: Demo, family: Family) -> bool:
    """Cleared on a day that has not come yet: the year was mistyped."""
    return bool(
        Household.objects.filter(pk=family.home.pk).update(
            risk_cleared_on=demo.on.replace(day=1, year=demo.on.year + 1)
        )
    )


def case_dates(demo: Demo, family: Family) -> bool:
    """The appraisal is dated before the check at home."""
    steps = CaseStep.objects.filter(case__household=family.home.pk)
    check = steps.filter(step=Step.CHECK).first()
    if check is None:
        return False
    return bool(steps.filter(step=Step.APPRAISE).update(done_on=check.done_on - timedelta(days=1)))


def no_development(demo: Demo, family: Family) -> bool:
    """Labour in the household, but nothing that lets it earn."""
    if not family.has_labour:
        return False
    measures = Measure.objects.filter(household=family.home.pk, kind__in=DEVELOPMENT)
    return bool(measures.delete()[0])


def no_wages(demo: Demo, family: Family) -> bool:
    """A job measure, but last year's wages are zero and transfers as much higher."""
    if not Measure.objects.filter(household=family.home.pk, kind__in=JOBS).exists():
        return False
    row = Income.objects.get(household=family.home.pk, year=demo.on.year - 1)
    row.wages, row.transfers = Decimal(0), (row.transfers or Decimal(0)) + (row.wages or Decimal(0))
    row.save(update_fields=["wages", "transfers"])
    return True


def out_of_school(demo: Demo, family: Family) -> bool:
    """A child of school age is not at school."""
    pupils = Person.objects.filter(household=family.home.pk, schooling__in=COMPULSORY_SCHOOLING).order_by("pk")
    pupil = pupils.first()
    return bool(pupil and Person.objects.filter(pk=pupil.pk).update(schooling=Schooling.NONE))


def no_insurance(demo: Demo, family: Family) -> bool:
    """The head's medical insurance is blank."""
    heads = Person.objects.filter(household=family.home.pk, relation=Relation.HEAD)
    return bool(heads.update(has_medical_insurance=None))


def no_phone(demo: Demo, family: Family) -> bool:
    """Nobody's telephone is known."""
    Person.objects.filter(household=family.home.pk).update(phone=None)
    return bool(Household.objects.filter(pk=family.home.pk).update(phone=None))


def no_income(demo: Demo, family: Family) -> bool:
    """Last year's income is missing."""
    return bool(Income.objects.filter(household=family.home.pk, year=demo.on.year - 1).delete()[0])


def unknown_guarantee(demo: Demo, family: Family) -> bool:
    """Nobody knows whether schooling is guaranteed."""
    checks = Guarantee.objects.filter(household=family.home.pk, kind=GuaranteeKind.EDUCATION)
    return bool(checks.update(state=GuaranteeState.UNKNOWN))


def no_head(demo: Demo, family: Family) -> bool:
    """No member is the head."""
    heads = Person.objects.filter(household=family.home.pk, relation=Relation.HEAD)
    return bool(heads.update(relation=Relation.OTHER))


def other_count(demo: Demo, family: Family) -> bool:
    """The register counts one member more than it names."""
    return bool(Household.objects.filter(pk=family.home.pk).update(members=family.home.members + 1))


def wrong_number(demo: Demo, family: Family) -> bool:
    """The last character of an identity number is mistyped."""
    person = Person.objects.filter(household=family.home.pk).order_by("pk").first()
    if person is None or person.id_number is None:
        return False
    sealed: Any = person.id_number
    number = sealed.reveal()
    person.id_number = number[:-1] + ("1" if number[-1] == "X" else "X")
    person.save(update_fields=["id_number", "id_index", "id_tail_index", "id_problem"])
    return True


def exit_dates(demo: Demo, family: Family) -> bool:
    """The exit was verified before the villagers had appraised it."""
    record = ExitRecord.objects.filter(household=family.home.pk).first()
    if record is None or record.appraised_on is None:
        return False
    record.verified_on = record.appraised_on - timedelta(days=3)
    record.save(update_fields=["verified_on"])
    return True


def person_dates(demo: Demo, family: Family) -> bool:
    """Somebody was identified before being born."""
    youngest = Person.objects.filter(household=family.home.pk).order_by("-born_on").first()
    if youngest is None or youngest.born_on is None or youngest.relation == Relation.HEAD:
        return False
    youngest.identified_on = youngest.born_on - timedelta(days=100)
    youngest.save(update_fields=["identified_on"])
    return True


OF_CLEARED: tuple[Break, ...] = (income_under_line, guarantee_missing, cleared_too_soon, cleared_in_future)
OF_DECIDED: tuple[Break, ...] = (case_dates,)
# The rarest come first: they need families of a certain kind.
OF_EXITED: tuple[Break, ...] = (
    out_of_school,
    no_wages,
    no_development,
    person_dates,
    no_insurance,
    no_phone,
    no_income,
    unknown_guarantee,
    no_head,
    other_count,
    wrong_number,
    exit_dates,
)
