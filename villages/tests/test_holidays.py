"""The published holidays fill the calendar and leave the office's own entries alone."""

from datetime import date

import pytest
from django.core.management import call_command

from villages.calendar import is_workday
from villages.holidays import load_holidays, year_to_enter
from villages.models import SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NATIONAL_DAY = date(2026, 10, 1)


def test_only_days_unlike_their_weekday_are_entered() -> None:
    load_holidays()

    entered = SpecialDay.objects.values_list("day", "is_workday")
    assert all((day.weekday() < 5) != is_worked for day, is_worked in entered)


def test_holidays_and_swapped_days_of_a_known_year_are_in_the_calendar() -> None:
    load_holidays()

    assert not is_workday(NATIONAL_DAY)
    assert is_workday(date(2026, 10, 10))
    assert SpecialDay.objects.get(day=NATIONAL_DAY).name == "国庆节"


def test_what_the_office_entered_is_never_overwritten() -> None:
    SpecialDay.objects.create(day=NATIONAL_DAY, is_workday=True, name="值班")

    report = load_holidays()

    assert report.differing == [NATIONAL_DAY]
    assert is_workday(NATIONAL_DAY)


def test_a_second_run_adds_nothing() -> None:
    first = load_holidays()

    second = load_holidays()

    assert first.added == SpecialDay.objects.count()
    assert second.added == 0


def test_the_command_says_which_years_it_knows(capsys) -> None:
    call_command("load_holidays")

    assert "2004" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("day", "entered", "missing"),
    [
        (date(2026, 9, 30), [2026], None),
        (date(2026, 10, 1), [2026], 2027),
        (date(2026, 12, 31), [2026], 2027),
        (date(2026, 12, 31), [2026, 2027], None),
        (date(2027, 1, 4), [2026], 2027),
        (date(2026, 11, 1), [2025], 2026),
        (date(2026, 3, 1), [], 2026),
    ],
)
def test_a_year_without_entries_is_named_in_time_until_somebody_enters_it(
    day: date, entered: list[int], missing: int | None
) -> None:
    SpecialDay.objects.all().delete()
    SpecialDay.objects.bulk_create([SpecialDay(day=date(year, 1, 1), name="元旦") for year in entered])

    assert year_to_enter(day) == missing


def test_a_year_the_package_does_not_know_is_one_that_is_missing() -> None:
    report = load_holidays()
    last = report.years[-1]

    assert year_to_enter(date(last, 9, 30)) is None
    assert year_to_enter(date(last, 10, 1)) == last + 1
