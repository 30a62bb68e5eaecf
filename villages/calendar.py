"""What day it is in Shanghai, and which days are worked."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone

from villages.models import SpecialDay
from villages.prepared import Prepared

# The longest run of days off in a row is about nine; two weeks more are read than a count could need without any.
SPARE_DAYS = 14
ONE_DAY = timedelta(days=1)


def today() -> date:
    """The day in Asia/Shanghai. Only views, tasks and commands may ask."""
    return timezone.localdate()


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which the moment falls."""
    return timezone.localdate(moment)


def is_workday(day: date) -> bool:
    """Whether people work that day: holidays and swapped days first, then Monday to Friday."""
    return workdays_between(day, day) == 1


def workdays_between(first: date, last: date) -> int:
    """Working days from first to last, both included; 0 when last is before first."""
    return sum(is_worked for _day, is_worked in _days(first, last))


def workdays_in(first: date, last: date) -> list[date]:
    """The working days from first to last, both included: one query for many counts."""
    return [day for day, is_worked in _days(first, last) if is_worked]


def add_workdays(day: date, count: int) -> date:
    """The last of the next `count` working days; the day itself is not counted, and is the answer for none."""
    if count <= 0:
        return day
    found: list[date] = []
    first = day + ONE_DAY
    while len(found) < count:
        last = first + timedelta(days=2 * (count - len(found)) + SPARE_DAYS)
        found += workdays_in(first, last)
        first = last + ONE_DAY
    return found[count - 1]


def _days(first: date, last: date) -> list[tuple[date, bool]]:
    """Each day with whether it is worked."""
    return _judged(first, last, tuple(_SPECIAL.rows(first=first, last=last)))


def _special(first: date, last: date) -> Any:
    return SpecialDay.objects.filter(day__range=(first, last)).order_by("day").values_list("day", "is_workday")


_SPECIAL = Prepared(_special)


@lru_cache(maxsize=64)
def _judged(first: date, last: date, special_days: tuple[tuple[date, bool], ...]) -> list[tuple[date, bool]]:
    """The days of the same few periods, of years in length, stand behind every trend."""
    special = dict(special_days)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, special.get(day, day.weekday() < 5)) for day in days]
