"""Working days: holidays, swapped days, and years nobody has published yet."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from villages.calendar import add_workdays, day_of, is_workday, workdays_between
from villages.models import SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

HOLIDAY_ON_THURSDAY = date(2026, 10, 1)
SWAPPED_SATURDAY = date(2026, 10, 10)


@pytest.fixture
def national_day() -> None:
    SpecialDay.objects.create(day=HOLIDAY_ON_THURSDAY, name="国庆节")
    SpecialDay.objects.create(day=SWAPPED_SATURDAY, is_workday=True, name="国庆节调休")


def test_nobody_works_on_a_holiday(national_day) -> None:
    assert not is_workday(HOLIDAY_ON_THURSDAY)


def test_a_swapped_weekend_day_is_worked(national_day) -> None:
    assert is_workday(SWAPPED_SATURDAY)


def test_an_unknown_year_is_worked_from_monday_to_friday() -> None:
    week = [date(2031, 3, day) for day in range(3, 10)]

    assert [is_workday(day) for day in week] == [True] * 5 + [False] * 2


def test_workdays_between_counts_both_ends_and_the_special_days(national_day) -> None:
    # Thursday is off; Friday, five weekdays and the swapped Saturday are worked.
    assert workdays_between(HOLIDAY_ON_THURSDAY, SWAPPED_SATURDAY) == 7


def test_workdays_between_days_in_the_wrong_order_is_zero() -> None:
    assert workdays_between(date(2026, 3, 4), date(2026, 3, 3)) == 0


def test_a_moment_falls_on_its_day_in_shanghai() -> None:
    utc = ZoneInfo("UTC")

    assert day_of(datetime(2026, 3, 1, 15, 59, tzinfo=utc)) == date(2026, 3, 1)
    assert day_of(datetime(2026, 3, 1, 16, 1, tzinfo=utc)) == date(2026, 3, 2)


def test_working_days_are_added_over_weekends_holidays_and_swapped_days(national_day) -> None:
    wednesday = date(2026, 9, 30)

    # Thursday is off; Friday is the first, the swapped Saturday the seventh.
    assert [add_workdays(wednesday, count) for count in (0, 1, 7)] == [wednesday, date(2026, 10, 2), SWAPPED_SATURDAY]


def test_many_working_days_are_added_in_several_looks_at_the_calendar() -> None:
    assert add_workdays(date(2031, 3, 3), 200) == date(2031, 12, 8)


def test_adding_and_counting_working_days_agree(national_day) -> None:
    first = date(2026, 9, 20)

    assert all(workdays_between(first, add_workdays(date(2026, 9, 19), count)) == count for count in range(1, 40))
