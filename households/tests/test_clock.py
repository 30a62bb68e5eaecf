"""How long a case and its notice take, in days and in working days."""

from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import World
from households.clock import clocks, earliest_end_of_notice, last_day_to_decide, length_of_notice
from households.models import Step
from households.tests.cases import FOUND_ON, case_before, found_case
from villages.models import SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

THURSDAY = date(2026, 10, 15)


@pytest.fixture
def in_workdays(settings: Any) -> None:
    settings.MONITORING_IN_WORKDAYS = True


def test_fifteen_days_after_the_day_it_was_found() -> None:
    assert last_day_to_decide(FOUND_ON) == date(2026, 10, 16)


def test_fifteen_working_days_leave_out_weekends_and_holidays(in_workdays: None) -> None:
    SpecialDay.objects.create(day=THURSDAY, name="假")
    SpecialDay.objects.create(day=date(2026, 10, 17), is_workday=True, name="调休")

    assert last_day_to_decide(date(2026, 10, 14)) == date(2026, 11, 4)


def test_first_and_last_day_of_a_notice_both_count() -> None:
    last = earliest_end_of_notice(THURSDAY)

    assert (last, length_of_notice(THURSDAY, last)) == (date(2026, 10, 19), 5)


def test_a_notice_in_working_days_leaves_out_the_weekend(in_workdays: None) -> None:
    last = earliest_end_of_notice(THURSDAY)

    assert (last, length_of_notice(THURSDAY, last)) == (date(2026, 10, 21), 5)


@pytest.mark.parametrize(
    ("on", "words", "is_overdue"),
    [
        (date(2026, 10, 13), "还剩3天", False),
        (date(2026, 10, 16), "今天到期", False),
        (date(2026, 10, 18), "逾期2天", True),
    ],
)
def test_the_clock_says_in_words_what_is_left(on: date, words: str, is_overdue: bool) -> None:
    case = found_case(World().household("刘家"), on=date(2026, 10, 20))

    clock = clocks([case], on)[case.pk]

    assert (clock.words, clock.is_overdue) == (words, is_overdue)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 10, 19), "还剩3个工作日"),  # Monday; due on Thursday the 22nd
        (date(2026, 10, 26), "逾期2个工作日"),
    ],
)
def test_working_days_are_counted_as_such(in_workdays: None, on: date, words: str) -> None:
    case = found_case(World().household("刘家"), on=date(2026, 10, 30))
    assert case.decide_by == date(2026, 10, 22)

    assert clocks([case], on)[case.pk].words == words


def test_a_weekend_after_the_last_day_is_overdue_without_a_number(in_workdays: None) -> None:
    case = found_case(World().household("刘家"), found_on=date(2026, 10, 2), on=date(2026, 10, 30))
    assert case.decide_by == date(2026, 10, 23)  # a Friday

    clock = clocks([case], date(2026, 10, 24))[case.pk]

    assert (clock.words, clock.is_overdue, clock.days) == ("逾期", True, 0)


def test_a_decided_case_has_no_clock() -> None:
    case = case_before(Step.CLEAR, World().household("刘家"))

    assert clocks([case], THURSDAY) == {}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_calendar_is_read_once_for_all_cases(
    in_workdays: None, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world = World()
    cases = [found_case(world.household("刘家"), found_on=FOUND_ON - timedelta(days=number)) for number in range(rows)]

    with django_assert_num_queries(1):
        assert len(clocks(cases, THURSDAY)) == rows
