"""The rules of the data-quality page: each finds its own contradiction, and nothing in a file without one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from casework.tests.world import TODAY, World
from households.models import (
    BaseType,
    CaseStep,
    ExitRecord,
    Guarantee,
    GuaranteeState,
    Household,
    Income,
    LabourSkill,
    Measure,
    MeasureKind,
    MonitoringCase,
    Person,
    Relation,
    Schooling,
)
from households.quality import TOPICS, rules
from households.tests.files import IDENTIFIED_ON, whole_file

pytestmark = [pytest.mark.django_db, pytest.mark.core]

Break = Callable[[], Any]


@pytest.fixture
def household() -> Household:
    return whole_file(World())


def found(on: date = TODAY) -> list[str]:
    """Keys of the rules that some household breaks."""
    registered = Household.objects.registered(on)
    return [rule.key for rule in rules() if rule.find(registered, on).exists()]


def head(**changes: Any) -> int:
    return Person.objects.filter(relation=Relation.HEAD).update(**changes)


def child(**changes: Any) -> int:
    return Person.objects.exclude(relation=Relation.HEAD).update(**changes)


def home(**changes: Any) -> int:
    return Household.objects.update(**changes)


def step(name: str, day: date) -> None:
    CaseStep.objects.filter(step=name).update(done_on=day)


def person_saved(**changes: Any) -> Person:
    """By save(), so that the verdict on the identity number is reached."""
    row = Person.objects.get(relation=Relation.HEAD)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


BREAKS: list[tuple[str, str, Break]] = [
    ("cleared_under_line", "below", lambda: Income.objects.update(per_head=7999)),
    ("cleared_under_line", "not over", lambda: Income.objects.update(per_head=8000)),
    ("cleared_without_guarantee", "water", lambda: Guarantee.objects.filter(kind="water").update(state="not_met")),
    ("cleared_too_soon", "59 days", lambda: home(risk_cleared_on=date(2024, 5, 12))),
    ("labour_without_development", "other help", lambda: Measure.objects.update(kind=MeasureKind.HEALTH)),
    ("labour_without_development", "skilled", lambda: (Measure.objects.all().delete(), head(labour_skill="skilled"))),
    ("job_without_wages", "none", lambda: Income.objects.update(wages=0)),
    ("job_without_wages", "blank", lambda: Income.objects.update(wages=None)),
    ("child_out_of_school", "not at school", lambda: child(schooling=Schooling.NONE)),
    ("child_out_of_school", "blank", lambda: child(schooling="")),
    ("insurance_blank", "medical", lambda: child(has_medical_insurance=None)),
    ("insurance_blank", "major illness", lambda: head(has_major_illness_insurance=None)),
    ("phone_blank", "nobody's", lambda: home(phone=None)),
    ("identity_wrong", "check digit", lambda: person_saved(id_number="360721197503021018")),
    ("identity_wrong", "birth", lambda: person_saved(born_on=date(1975, 3, 3))),
    ("identity_wrong", "sex", lambda: person_saved(sex="female")),
    ("head_missing", "no head", lambda: head(relation=Relation.OTHER)),
    ("members_differ", "one more", lambda: home(members=3)),
    ("members_differ", "one left", lambda: child(left_on=TODAY)),
    ("income_missing", "no row", lambda: Income.objects.all().delete()),
    ("income_missing", "blank", lambda: Income.objects.update(per_head=None)),
    ("guarantee_unknown", "said so", lambda: Guarantee.objects.filter(kind="food").update(state="unknown")),
    ("guarantee_unknown", "never", lambda: Guarantee.objects.filter(kind="housing").delete()),
    ("risk_dates", "future", lambda: home(risk_cleared_on=date(2026, 10, 16))),
    ("risk_dates", "no date", lambda: home(risk_cleared_on=None)),
    ("risk_dates", "date, not cleared", lambda: home(is_risk_cleared=False)),
    ("risk_dates", "risk first", lambda: (ExitRecord.objects.all().delete(), home(identified_on="2024-03-15"))),
    ("exit_dates", "order", lambda: ExitRecord.objects.update(noticed_on=date(2018, 10, 2))),
    ("exit_dates", "order with a gap", lambda: ExitRecord.objects.update(verified_on=None, consented_on="2018-09-30")),
    ("case_dates", "order", lambda: step("review", date(2024, 3, 5))),
    ("case_dates", "before discovery", lambda: step("check", date(2024, 2, 29))),
    ("case_dates", "future", lambda: step("clear", date(2026, 10, 16))),
    ("person_dates", "before birth", lambda: child(identified_on=date(2016, 3, 1))),
]


def test_a_whole_file_breaks_no_rule(household: Household) -> None:
    assert found() == []


@pytest.mark.parametrize(("key", "do"), [pytest.param(key, do, id=f"{key}: {words}") for key, words, do in BREAKS])
def test_a_rule_finds_its_contradiction_and_no_other_rule_does(household: Household, key: str, do: Break) -> None:
    do()

    assert found() == [key]


def test_every_rule_is_broken_by_some_test_and_belongs_to_a_topic() -> None:
    assert {key for key, _words, _do in BREAKS} == {rule.key for rule in rules()}
    assert {rule.find.__module__ for rule in rules()} == {topic.__name__ for topic in TOPICS}


QUIET: list[tuple[str, Break]] = [
    ("cleared after exactly sixty days", lambda: home(risk_cleared_on=date(2024, 5, 13))),
    (
        "cleared at once, but by itself",
        lambda: (home(risk_cleared_on=IDENTIFIED_ON), MonitoringCase.objects.update(clearing="natural")),
    ),
    ("poor, but the risk not cleared", lambda: (home(is_risk_cleared=False, risk_cleared_on=None), poor())),
    ("a guarantee missing once, met since", lambda: check(GuaranteeState.NOT_MET, date(2026, 4, 1))),
    ("a guarantee unknown once, known since", lambda: check(GuaranteeState.UNKNOWN, date(2026, 4, 1))),
    ("nobody can work", lambda: (Measure.objects.all().delete(), head(labour_skill=LabourSkill.WEAK))),
    ("a telephone of a member only", lambda: (home(phone=None), person_saved(phone="15400000002"))),
    ("no identity number yet", lambda: person_saved(id_number="")),
    ("not six when school began", lambda: pupil(Schooling.PRESCHOOL, date(2020, 9, 2))),
    ("fifteen when school began", lambda: pupil(Schooling.NONE, date(2011, 9, 1))),
    ("left the register", lambda: home(members=5, phone=None, left_on=date(2026, 10, 1))),
]


def pupil(schooling: str, born_on: date) -> None:
    child(schooling=schooling, born_on=born_on, identified_on=None)


def poor() -> int:
    return Income.objects.update(per_head=100)


def check(state: str, on: date) -> None:
    """One more check of schooling, earlier than the one that holds."""
    Guarantee.objects.create(household=Household.objects.get(), kind="education", state=state, checked_on=on)


@pytest.mark.parametrize("do", [pytest.param(do, id=words) for words, do in QUIET])
def test_what_is_no_contradiction_is_left_alone(household: Household, do: Break) -> None:
    do()

    assert found() == []


@pytest.mark.parametrize("born_on", [date(2020, 9, 1), date(2011, 9, 2)])
def test_school_age_begins_and_ends_with_the_school_year(household: Household, born_on: date) -> None:
    pupil(Schooling.NONE, born_on)

    assert found() == ["child_out_of_school"]


def test_before_september_the_last_school_year_counts(household: Household) -> None:
    pupil(Schooling.PRESCHOOL, date(2020, 3, 1))

    assert found(date(2026, 8, 31)) == []
    assert found(date(2026, 9, 1)) == ["child_out_of_school"]


def test_last_years_income_is_due_from_march(household: Household, settings) -> None:
    Measure.objects.update(ends_on=None)
    assert found(date(2027, 2, 28)) == []

    assert found(date(2027, 3, 1)) == ["income_missing"]

    settings.INCOME_DUE_FROM_MONTH = 7
    assert found(date(2027, 3, 1)) == []


def test_an_ordinary_household_is_asked_only_what_everybody_is_asked(household: Household) -> None:
    home(base_type=BaseType.ORDINARY, monitoring_type="", phone=None)
    Income.objects.all().delete()
    Guarantee.objects.all().delete()
    Measure.objects.all().delete()
    assert found() == []

    child(schooling=Schooling.NONE, has_medical_insurance=None)

    assert found() == ["child_out_of_school"]


def test_a_household_of_the_national_register_without_persons_is_miscounted_and_headless() -> None:
    World().household("户主乙", phone="15400000001", registered_on=TODAY)

    assert found() == ["head_missing", "members_differ", "guarantee_unknown"]
