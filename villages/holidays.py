"""Fill the calendar of special days from the published holidays, leaving the office's own entries alone."""

from datetime import date
from typing import NamedTuple

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays
from django.db import transaction

from villages.models import SpecialDay

SATURDAY = 5
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
