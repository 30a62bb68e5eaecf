"""Fill the calendar of special days from the published holidays, leaving the office's own entries alone."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays
from django.db import transaction

from villages import reach
from villages.models import Cadre, SpecialDay

SATURDAY = 5
# The State Council publishes next year's days in November; from October on the office is to watch out for them.
WATCH_FROM_MONTH = 10
CHINESE = {holiday.value: holiday.chinese for holiday in Holiday}


class HolidayReport(NamedTuple):
    """How many days were added, which of the office's days say otherwise, and which years are known."""

    added: int
    differing: list[date]
    years: list[int]


def published_days() -> dict[date, SpecialDay]:
    """Every day that is not what its weekday says: weekdays off and worked weekends (调休).

    Source: the State Council's yearly notices, as collected by the chinesecalendar package.
    """
    off = (SpecialDay(day=day, name=CHINESE[name]) for day, name in holidays.items() if day.weekday() < SATURDAY)
    swapped = (
        SpecialDay(day=day, is_workday=True, name=f"{CHINESE[name]}调休")
        for day, name in workdays.items()
        if day.weekday() >= SATURDAY
    )
    return {special.day: special for special in (*off, *swapped)}


def known_years() -> list[int]:
    """The years whose holidays the package knows."""
    return sorted({day.year for day in holidays})


@transaction.atomic
def load_holidays() -> HolidayReport:
    """Add the published days that are not entered yet; what is entered already is never changed."""
    published = published_days()
    entered = SpecialDay.objects.in_bulk(published)
    SpecialDay.objects.bulk_create(
        [special for day, special in sorted(published.items()) if day not in entered], ignore_conflicts=True
    )
    differing = [day for day, special in sorted(entered.items()) if special.is_workday != published[day].is_workday]
    return HolidayReport(len(published) - len(entered), differing, known_years())


def year_to_enter(on: date) -> int | None:
    """The year of which nothing is entered yet although it is time: this one, or from October on the next.

    Until somebody does, reminders and deadlines take every Monday to Friday for a working day.
    """
    due = [on.year, *([on.year + 1] if on.month >= WATCH_FROM_MONTH else [])]
    entered = {day.year for day in SpecialDay.objects.filter(day__year__in=due).dates("day", "year")}
    return next((year for year in due if year not in entered), None)


def keeps_the_calendar(cadre: Cadre, posts: Iterable[tuple[str, str]]) -> bool:
    """Whether somebody with these posts, each with its place's code, enters special days: the district's office."""
    is_office = any(post in reach.CLERKS and 0 < len(code) <= reach.DISTRICT_DIGITS for post, code in posts)
    return is_office or cadre.is_superuser
