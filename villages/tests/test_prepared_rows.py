"""Whole rows by prepared queries are what the ORM reads, one by one and together."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from pytest_django import DjangoAssertNumQueries

from casework.models import Visit
from casework.tests.world import World
from households.models import Household, Income
from villages.prepared_rows import PreparedRows, Together, known

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def _households(pk: int) -> QuerySet[Any]:
    return Household.objects.filter(pk=pk).annotate(visitors=Count("visits__visitors"))


HOUSEHOLDS = PreparedRows(Household, _households, "visitors", "village__name")
VISITS = PreparedRows(Visit, lambda pk: Visit.objects.filter(household=pk).order_by("visited_on"))
INCOMES = PreparedRows(Income, lambda pk: Income.objects.filter(household=pk).order_by("-year"))


@pytest.fixture
def household() -> Household:
    world = World()
    household = world.household("户", phone="13812345678", risks=["illness"])
    for day in (1, 2):
        world.visit(household, date(2026, 10, day), world.help("帮", household, is_primary=day == 1), note="100%")
    for year, wages in ((2024, "100.50"), (2025, None)):
        Income.objects.create(household=household, year=year, wages=wages, as_of=date(year, 12, 31))
    return household


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_come_with_what_else_was_asked_for(household: Household) -> None:
    [(found, more)] = HOUSEHOLDS.rows(pk=household.pk)

    assert values(found) == values(Household.objects.get(pk=household.pk))
    assert more == (2, household.village.name)


def test_together_they_are_the_same_rows(household: Household) -> None:
    households, visits, incomes = Together(HOUSEHOLDS, VISITS, INCOMES).rows(pk=household.pk)

    assert [values(row) for row, _more in households] == [values(Household.objects.get(pk=household.pk))]
    assert [values(row) for row, _more in visits] == [values(row) for row in Visit.objects.order_by("visited_on")]
    assert [values(row) for row, _more in incomes] == [values(row) for row in Income.objects.order_by("-year")]
    assert households[0][1] == (2, household.village.name)


def test_together_they_are_one_message_for_postgresql(
    household: Household, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    together = Together(HOUSEHOLDS, VISITS, INCOMES)

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        together.rows(pk=household.pk)


def test_each_takes_its_own_of_the_values_and_yes_or_no_decides_what_it_is(household: Household) -> None:
    def _visits(pk: int, is_first: bool) -> QuerySet[Any]:
        visits = Visit.objects.filter(household=pk)
        return visits.filter(visited_on=date(2026, 10, 1)) if is_first else visits

    together = Together(INCOMES, PreparedRows(Visit, _visits))

    found = [[len(rows) for rows in together.rows(pk=household.pk, is_first=is_first)] for is_first in (True, False)]

    assert found == [[2, 1], [2, 2]]


def test_a_second_run_takes_the_second_value_and_finds_nothing_where_nothing_is(household: Household) -> None:
    together = Together(HOUSEHOLDS, VISITS)

    assert [len(rows) for rows in together.rows(pk=household.pk)] == [1, 2]
    assert together.rows(pk=household.pk + 1) == [[], []]


def test_what_is_not_known_of_a_row_is_read_when_it_is_asked_for(
    household: Household, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = known(Household, ("id", "head_name"), (household.pk, "户"))

    with django_assert_num_queries(0):
        assert (found, found.head_name) == (household, "户")
    with django_assert_num_queries(1):
        assert found.number == household.number
