"""What day it is in Shanghai, and which days are worked."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from villages.models import SpecialDay


def today() -> date:
    """The day in Asia/Shanghai. Only views, tasks and commands may ask."""
    return timezone.localdate()


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which the moment falls."""
    return timezone.localdate(moment)


def is_workday(day: date) -> bool:
    """Whether people work that day: holidays and swapped days first, then Monday to Friday."""
    special = SpecialDay.objects.filter(day=day).values_list("is_workday", flat=True).first()
    return day.weekday() < 5 if special is None else special


def workdays_between(first: date, last: date) -> int:
    """Working days from first to last, both included; 0 when last is before first."""
    special = dict(SpecialDay.objects.filter(day__range=(first, last)).values_list("day", "is_workday"))
    days = ((first + timedelta(days=n)) for n in range((last - first).days + 1))
    return sum(special.get(day, day.weekday() < 5) for day in days)
