"""How much time a monitoring case has: until when it is to be decided, and how long its notice must hang.

Source: the district's rule of "normally at most 15 days in all, a notice of at least 5 days". Length and unit are
settings (MONITORING_DAYS, NOTICE_DAYS, MONITORING_IN_WORKDAYS), because the rule is the office's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.models import MonitoringCase
from households.models.monitoring import BEFORE_DECISION
from villages.calendar import add_workdays, workdays_between, workdays_in

ONE_DAY = timedelta(days=1)


def last_day_to_decide(found_on: date) -> date:
    """The last day of the clock of a case found on that day, which itself is not counted."""
    if settings.MONITORING_IN_WORKDAYS:
        return add_workdays(found_on, settings.MONITORING_DAYS)
    return found_on + timedelta(days=settings.MONITORING_DAYS)


def earliest_end_of_notice(first: date) -> date:
    """The earliest last day of a notice put up on that day; the first and the last day both count."""
    days = max(settings.NOTICE_DAYS, 1)
    before = first - ONE_DAY
    return add_workdays(before, days) if settings.MONITORING_IN_WORKDAYS else before + timedelta(days=days)


def length_of_notice(first: date, last: date) -> int:
    """Days of a notice in the office's unit, the first and the last one included."""
    return workdays_between(first, last) if settings.MONITORING_IN_WORKDAYS else (last - first).days + 1


@dataclass(frozen=True, slots=True)
class Clock:
    """The time left of one case: `days` in the office's unit until `decide_by`, or since then when overdue."""

    decide_by: date
    days: int
    is_overdue: bool
    in_workdays: bool

    @property
    def words(self) -> str:
        """So many days left, today, or so many days over."""
        if self.is_overdue:
            return self._overdue() if self.days else _("overdue")
        if not self.days:
            return _("to be decided today")
        if self.in_workdays:
            left = ngettext("%(days)s working day left", "%(days)s working days left", self.days)
        else:
            left = ngettext("%(days)s day left", "%(days)s days left", self.days)
        return left % {"days": self.days}

    def _overdue(self) -> str:
        if self.in_workdays:
            over = ngettext("%(days)s working day overdue", "%(days)s working days overdue", self.days)
        else:
            over = ngettext("%(days)s day overdue", "%(days)s days overdue", self.days)
        return over % {"days": self.days}


def clocks(cases: Iterable[MonitoringCase], on: date) -> dict[int, Clock]:
    """The clock of each case that is still to be decided, by its key; the calendar is read once for all."""
    running = {case.pk: case.decide_by for case in cases if case.state in BEFORE_DECISION}
    if not running:
        return {}
    worked: list[date] = []
    if settings.MONITORING_IN_WORKDAYS:
        worked = workdays_in(min(on, *running.values()), max(on, *running.values()))
    return {pk: _clock(decide_by, on, worked) for pk, decide_by in running.items()}


def _clock(decide_by: date, on: date, worked: list[date]) -> Clock:
    in_workdays = settings.MONITORING_IN_WORKDAYS
    first, last = sorted((on, decide_by))
    days = sum(first < day <= last for day in worked) if in_workdays else (last - first).days
    return Clock(decide_by, days, decide_by < on, in_workdays)
