"""The household files of the made-up district: persons that can be, figures that add up, exactly the stated faults."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F

from casework.demo.families import family_of
from casework.demo.numbers import IdentityNumbers, bank_account
from casework.demo.persons import age_on
from casework.tests.small_demo import ON, SMALL, load_small_register, make
from households.models import (
    BaseType,
    CaseState,
    ExitRecord,
    Guarantee,
    Household,
    Income,
    Measure,
    MonitoringCase,
    Person,
    PovertyLine,
    Relation,
    Sex,
)
from households.models.verdicts import problem_of
from households.pinyin import initials_of
from households.quality import rules
from villages.models import Village

pytestmark = [pytest.mark.core]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[None]:
    """One district for all these tests, none of which changes it for the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_small_register()
        make()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(made, db) -> None:
    pass


def plain(sealed: Any) -> str:
    """The number itself."""
    return str(sealed.reveal())


def test_every_identity_number_is_right_but_for_the_planted(demo) -> None:
    wrong = [
        person
        for person in Person.objects.all()
        if problem_of(plain(person.id_number), born_on=person.born_on, sex=person.sex)
    ]

    assert len(wrong) == SMALL.faults
    assert [person.pk for person in wrong] == list(Person.objects.exclude(id_problem="").values_list("pk", flat=True))


def test_identity_numbers_are_of_the_district_and_nobody_shares_one(demo) -> None:
    numbers = [plain(person.id_number) for person in Person.objects.all()]

    assert len(set(numbers)) == len(numbers) == Person.objects.values("id_index").distinct().count()
    assert {number[:6] for number in numbers} == {"360721", "360704"}


def test_a_poured_number_is_found_by_its_index_and_by_its_last_four(demo) -> None:
    person = Person.objects.order_by("pk")[10]
    number = plain(person.id_number)

    index: Any = Person._meta.get_field("id_index")
    tail: Any = Person._meta.get_field("id_tail_index")

    assert Person.objects.get(id_index=index.digest(number)) == person
    assert person in Person.objects.filter(id_tail_index=tail.digest(number))


def test_everybody_is_found_by_the_initials_of_the_name(demo) -> None:
    names = [*Person.objects.values_list("name", "initials"), *Household.objects.values_list("head_name", "initials")]

    assert [name for name, initials in names if initials != initials_of(name)] == []


def test_every_household_has_one_head_with_its_name_and_telephone(demo) -> None:
    heads = Person.objects.filter(relation=Relation.HEAD).select_related("household")

    assert Household.objects.count() - heads.count() == SMALL.faults
    assert all(head.name == head.household.head_name for head in heads)
    known = [(plain(head.phone), plain(head.household.phone)) for head in heads if head.household.phone]
    assert known
    assert all(own == of_household for own, of_household in known)


def test_members_are_counted_right_but_for_the_planted(demo) -> None:
    counted = Household.objects.annotate(persons_counted=Count("persons"))

    assert counted.exclude(members=F("persons_counted")).count() == SMALL.faults


def test_incomes_add_up_and_cover_three_years(demo) -> None:
    incomes = Income.objects.select_related("household")
    known = Household.objects.exclude(base_type=BaseType.ORDINARY, monitoring_type="")

    assert incomes.count() == 3 * known.count() - SMALL.faults
    assert set(incomes.values_list("year", flat=True)) == {2023, 2024, 2025}
    assert all(abs(row.net / row.per_head - row.household.members) < 1.01 for row in incomes)
    assert PovertyLine.objects.amount_of(2025)


def test_guarantees_are_checked_and_few_are_not_met(demo) -> None:
    states = Counter(Guarantee.objects.values_list("state", flat=True))

    assert Guarantee.objects.count() % 6 == 0
    assert states["unknown"] == SMALL.faults
    assert states["met"] > 0.95 * states.total()


def test_exited_households_and_poor_villages_have_their_exit(demo) -> None:
    exited = Household.objects.poor()

    assert not exited.filter(exit_record=None).exists()
    assert ExitRecord.objects.filter(household=None).count() == Village.objects.filter(is_poor=True).count()
    assert not ExitRecord.objects.filter(approved_on__gte=date(2021, 1, 1)).exists()


def test_measures_are_of_persons_of_the_same_household(demo) -> None:
    personal = Measure.objects.exclude(person=None)

    assert personal.exists()
    assert not personal.exclude(person__household=F("household")).exists()


def test_monitoring_cases_stand_in_every_state_and_households_agree(demo) -> None:
    cases = MonitoringCase.objects.select_related("household")
    accepted = cases.filter(state__in=[CaseState.DECIDED, CaseState.CLEARED])

    assert set(cases.values_list("state", flat=True)) == set(CaseState)
    assert all(case.household.monitoring_type == case.monitoring_type for case in accepted)
    assert all(case.household.is_risk_cleared == (case.state == CaseState.CLEARED) for case in accepted)
    assert not cases.filter(steps__done_on__gte=ON).exists()


def test_every_rule_of_data_quality_finds_the_planted_and_nothing_else(demo) -> None:
    registered = Household.objects.registered(ON)

    found = {rule.key: rule.find(registered, ON).count() for rule in rules()}

    assert found == {rule.key: SMALL.faults for rule in rules()}


@pytest.mark.parametrize("count", range(1, 9))
def test_a_family_has_as_many_members_as_asked_at_likely_ages(count) -> None:
    for seed in range(200):
        family = family_of(Random(seed), "刘运华" if seed % 2 else "谢秀英", count, ON)

        assert len(family) == count
        assert [member.relation for member in family].count(Relation.HEAD) == 1
        assert all(0 <= age_on(member.born_on, ON) < 105 for member in family)


def test_numbers_of_one_day_and_sex_differ_and_say_so() -> None:
    numbers = IdentityNumbers()
    born_on = date(1980, 2, 29)

    women = [numbers.next(born_on, is_woman=True) for _number in range(300)]

    assert len(set(women)) == 300
    assert {problem_of(number, born_on=born_on, sex=Sex.FEMALE) for number in women} == {""}


def test_a_bank_account_has_a_right_last_digit() -> None:
    digits = [int(digit) for digit in reversed(bank_account(Random(1)))]
    doubled = [2 * digit - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(digits)]

    assert sum(doubled) % 10 == 0
