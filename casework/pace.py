"""Will a round be finished in time at its present pace, and why (not)? counts and a calendar in, an outlook out."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

ONE_DAY = timedelta(days=1)
DAYS_A_WEEK = 7


class Week(NamedTuple):
    """Monday to Sunday, cut to the period it is part of."""

    first: date
    last: date


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> list[Week]:
    """The weeks that cover the days from first to last, both included, the outer ones cut to them."""
    mondays = (
        monday_of(first) + timedelta(weeks=number)
        for number in range((monday_of(last) - monday_of(first)).days // DAYS_A_WEEK + 1)
    )
    return [Week(max(monday, first), min(monday + timedelta(days=6), last)) for monday in mondays]


class Sums:
    """Counts by day, and how many they come to by the end of any day."""

    def __init__(self, counts: Mapping[date, int]) -> None:
        self._days = sorted(counts)
        self._sums = list(accumulate((counts[day] for day in self._days), initial=0))

    def by(self, day: date) -> int:
        """All of that day and the days before."""
        return self._sums[bisect_right(self._days, day)]


class Pace(NamedTuple):
    """Duties done in so many working days; 0 working days: nothing can be said yet."""

    done: int
    workdays: int

    @property
    def a_day(self) -> float | None:
        """Done per working day."""
        return self.done / self.workdays if self.workdays else None

    def reaches(self, count: int, workdays: int) -> bool:
        """Whether so many are done in so many working days at this pace."""
        return self.done * workdays >= count * self.workdays if self.workdays else count <= 0

    def workdays_for(self, count: int) -> int | None:
        """Working days it takes for so many; None when they are never done."""
        if count <= 0:
            return 0
        return -(-count * self.workdays // self.done) if self.done and self.workdays else None

    def within(self, workdays: int) -> int:
        """How many are done in so many working days."""
        return self.done * workdays // self.workdays if self.workdays else 0


class Kind(Enum):
    """What can be said of a round's end."""

    NOTHING_OWED = "nothing_owed"
    DONE = "done"
    CLOSED = "closed"
    NOT_STARTED = "not_started"
    OVER = "over"  # the last day that counts has passed
    NO_PACE_YET = "no_pace_yet"  # no whole working day yet
    STANDSTILL = "standstill"
    LATE = "late"
    IN_TIME = "in_time"


class Reason(Enum):
    """Why a round ends late, or in time; the first that holds, in this order."""

    PAST_DUE = "past_due"
    VACANT = "vacant"  # filling the vacant posts is what is missing
    FELL = "fell"  # the earlier pace would have been enough
    SOME_VACANT = "some_vacant"
    NEEDED = "needed"  # what would be needed a working day, and what is done


@dataclass(frozen=True, slots=True)
class Period:
    """A round's days. `until` is the last whole day known: yesterday for a day that still goes on.

    `workdays` are the working days from the round's first day onwards, in order, well beyond the due date.
    """

    starts_on: date
    due_on: date
    last_credit_on: date
    as_of: date
    until: date
    workdays: Sequence[date]
    is_closed: bool = False

    def workdays_between(self, first: date, last: date) -> int:
        """Working days from first to last, both included, of those from the round's first day on."""
        return max(0, bisect_right(self.workdays, last) - bisect_left(self.workdays, first))

    def expected_share(self, day: date) -> float:
        """The part of the period's working days that is over at the end of the day: where the line stands.

        A period without a working day is measured in plain days.
        """
        if day < self.starts_on:
            return 0.0
        whole = self.workdays_between(self.starts_on, self.due_on)
        if whole:
            return min(1.0, self.workdays_between(self.starts_on, day) / whole)
        return min(1.0, ((day - self.starts_on).days + 1) / ((self.due_on - self.starts_on).days + 1))

    @property
    def left(self) -> int:
        """Working days left until the due date; a day that still goes on counts as left."""
        return self.workdays_between(self.until + ONE_DAY, self.due_on)

    def after(self, count: int) -> date | None:
        """The last of the next `count` working days; None when the calendar given does not reach so far."""
        if count <= 0:
            return self.until
        place = bisect_right(self.workdays, self.until) + count - 1
        return self.workdays[place] if place < len(self.workdays) else None


@dataclass(frozen=True)
class Progress:
    """What is owed and done in a round by the end of `period.as_of`; `done_on` counts what was done on which day.

    Nothing is asked for later days than `period.as_of`.
    """

    period: Period
    owed: int
    done_on: Sums
    vacant: int = 0

    @cached_property
    def done(self) -> int:
        """Done by the end of the day asked for."""
        return self.done_by(self.period.as_of)

    @property
    def remaining(self) -> int:
        """Owed and not done."""
        return self.owed - self.done

    def done_by(self, day: date) -> int:
        """Done by the end of that day."""
        return self.done_on.by(day)

    def recent(self, window: int) -> Pace:
        """The pace of the last `window` working days, fewer in a younger round; days off between them count along."""
        return self._paces(window)[0]

    def earlier(self, window: int) -> Pace:
        """The pace of the round before those days."""
        return self._paces(window)[1]

    def _paces(self, window: int) -> tuple[Pace, Pace]:
        worked = self.period.workdays[: bisect_right(self.period.workdays, self.period.until)]
        recent = worked[-window:] if window > 0 else worked[:0]
        done = self.done_by(self.period.until)
        if len(recent) == len(worked):
            return Pace(done, len(worked)), Pace(0, 0)
        before = self.done_by(recent[0] - ONE_DAY) if recent else done
        return Pace(done - before, len(recent)), Pace(before, len(worked) - len(recent))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the present pace leads to.

    `remaining` is still to do; `short` of it would be missing at the due date; `done_on` is when the last
    would be done (None: nobody can say, or later than the calendar reaches); `needed` a working day would do.
    """

    kind: Kind
    remaining: int
    pace: Pace
    earlier: Pace
    left: int
    short: int = 0
    done_on: date | None = None
    needed: float | None = None
    reason: Reason | None = None


def outlook(progress: Progress, window: int) -> Outlook:
    """What can be said of the round's end when it goes on as in the last `window` working days."""
    period = progress.period
    pace, earlier = progress.recent(window), progress.earlier(window)
    remaining, left = progress.remaining, period.left
    # What is done on a day that still goes on is not in the pace, so it may not be taken off twice either.
    undone = progress.owed - progress.done_by(period.until)
    kind = _kind(progress, pace, undone)
    if kind not in {Kind.STANDSTILL, Kind.LATE, Kind.IN_TIME}:
        return Outlook(kind, remaining, pace, earlier, left)
    days = pace.workdays_for(undone)
    done_on = period.after(days) if days is not None else None
    short = max(0, undone - pace.within(left))
    needed = undone / left if left else None
    reason = Reason.NEEDED if kind == Kind.IN_TIME else _reason(progress, earlier, pace, undone, short)
    return Outlook(kind, remaining, pace, earlier, left, short, done_on, needed, reason)


def _kind(progress: Progress, pace: Pace, undone: int) -> Kind:
    period = progress.period
    if progress.owed <= 0:
        return Kind.NOTHING_OWED
    if progress.remaining <= 0:
        return Kind.DONE
    if period.is_closed:
        return Kind.CLOSED
    if period.as_of < period.starts_on:
        return Kind.NOT_STARTED
    if period.until >= period.last_credit_on:
        return Kind.OVER
    if not pace.workdays:
        return Kind.NO_PACE_YET
    if pace.reaches(undone, period.left):
        return Kind.IN_TIME
    return Kind.LATE if pace.done else Kind.STANDSTILL


def _reason(progress: Progress, earlier: Pace, pace: Pace, undone: int, short: int) -> Reason:
    """Why it will not be in time."""
    left = progress.period.left
    if not left:
        return Reason.PAST_DUE
    if progress.vacant and progress.vacant >= short:
        return Reason.VACANT
    if earlier.workdays and earlier.reaches(undone, left):
        return Reason.FELL
    return Reason.SOME_VACANT if progress.vacant else Reason.NEEDED
