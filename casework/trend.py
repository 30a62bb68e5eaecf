"""How a round and the visits went on, week by week and place by place."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Coalesce, Least, Left

from casework import kept
from casework.by_day import Days, DutyDays, DutyGroup, VisitGroup, VisitWeeks
from casework.coverage import figures
from casework.models import Duty, Round, Visit
from casework.models.duties import DutyQuerySet, village_codes
from casework.models.rounds import RoundState
from casework.models.visits import VisitQuerySet
from casework.pace import ONE_DAY, Outlook, Period, Progress, Week, monday_of, outlook, weeks_between
from casework.shelf import Shelf
from households.models import Household
from villages import reach
from villages.calendar import workdays_in
from villages.models import Cadre, Town, Village

# How far beyond the due date a forecast may name a day.
HORIZON = timedelta(days=400)
TOWN_DIGITS, VILLAGE_DIGITS = 9, 12

_SHELF: Shelf[Days] = Shelf(lambda days: kept.is_large(days.total))
_NOTHING = DutyDays.of([])


@dataclass(frozen=True, slots=True)
class WeeksOfVisits:
    """Visits by place and week, and the moment they are of."""

    visits: VisitWeeks
    counted_at: datetime | None


class PlaceTrend(NamedTuple):
    """What one place owes in the round, and what was done there on which day."""

    code: str
    name: str
    vacant: int
    days: DutyDays

    def progress(self, period: Period) -> Progress:
        """The place's figures as of the period's day; owed and vacant as the coverage page counts them."""
        return Progress(period, self.days.owed_by(period.as_of), self.days.done, self.vacant)


class Point(NamedTuple):
    """The end of one week: what was done of what was owed, where the line stood, what the pace would lead to.

    `day` is the last day of the week, or the day asked for inside it. `done` is None for weeks to come,
    `forecast` for weeks past; both are counts, `expected` is a share.
    """

    week: Week
    day: date
    is_now: bool
    done: int | None
    owed: int
    expected: float
    forecast: int | None
    visits: int | None


@dataclass(slots=True)
class RoundTrend:
    """A round below one place: the whole and its parts in order of codes, and the visits made there."""

    period: Period
    whole: PlaceTrend
    parts: list[PlaceTrend]
    visits: VisitWeeks
    counted_at: datetime | None = None  # the moment it is of; None: whenever it was asked for

    def outlook(self, place: PlaceTrend) -> Outlook:
        """What the place's present pace leads to."""
        return outlook(place.progress(self.period), settings.PACE_WORKDAYS)

    def points(self) -> list[Point]:
        """The whole, week by week, from the first day to the due date or the day asked for."""
        period, progress = self.period, self.whole.progress(self.period)
        pace = progress.recent(settings.PACE_WORKDAYS)
        known = progress.done_by(period.until)
        last = max(period.due_on, min(period.as_of, period.last_credit_on))
        is_going_on = pace.done > 0 and not period.is_closed
        points = []
        for week in weeks_between(period.starts_on, last):
            is_past = week.first <= period.as_of
            day = min(week.last, period.as_of) if is_past else week.last
            owed = self.whole.days.owed_by(day)
            done = progress.done_by(day) if is_past else None
            ahead = pace.within(period.workdays_between(period.until + ONE_DAY, day))
            points.append(
                Point(
                    week=week,
                    day=day,
                    is_now=week.first <= period.as_of <= week.last,
                    done=done,
                    owed=owed,
                    expected=period.expected_share(day),
                    forecast=None if is_past or not is_going_on else min(owed, max(progress.done, known + ahead)),
                    visits=self.visits.whole[monday_of(week.first)] if is_past else None,
                )
            )
        return points


def round_trend(
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str,
    seen_on: date,
    now: datetime | None = None,
    is_anew: bool = False,
) -> RoundTrend:
    """The round as of a day below a place: grouped queries over duties by day and by state, and one over visits.

    What may be seen follows from the posts of `seen_on`, and with `now` the days of a large round may be a minute
    old, both as in casework.coverage.figures(); `counted_at` is the older moment of the two.
    """
    period = period_of(round, on=on, today=seen_on)
    table = figures(round, cadre=cadre, on=on, place_code=place_code, seen_on=seen_on, now=now, is_anew=is_anew)

    def count() -> Days:
        duties = Duty.objects.in_round(round).visible_within(place_code, cadre, seen_on)
        last = min(period.as_of, period.last_credit_on)
        visits = visits_by_day(cadre=cadre, place_code=place_code, first=round.starts_on, last=last, seen_on=seen_on)
        return Days.of(duty_groups(duties, digits_below(place_code)), visits)

    question = (round.pk, period.as_of, place_code)
    days, counted_at = _kept_or_counted(question, count, cadre=cadre, seen_on=seen_on, now=now, is_anew=is_anew)
    # A place whose first duty came between the two counts is in the next ones.
    parts = [PlaceTrend(row.key, row.label, row.counts.vacant, days.parts.get(row.key, _NOTHING)) for row in table.rows]
    whole = PlaceTrend(place_code, "", table.total.vacant, days.whole)
    moments = [moment for moment in (counted_at, table.counted_at) if moment]
    return RoundTrend(period, whole, parts, days.visits, min(moments, default=None))


def visits_of_weeks(
    *,
    cadre: Cadre,
    place_code: str,
    first: date,
    last: date,
    seen_on: date,
    now: datetime | None = None,
    is_anew: bool = False,
) -> WeeksOfVisits:
    """The visits of those days below a place; with `now`, those of a whole district may be a minute old."""

    def count() -> Days:
        return Days.of([], visits_by_day(cadre=cadre, place_code=place_code, first=first, last=last, seen_on=seen_on))

    question = (first, last, place_code)
    days, counted_at = _kept_or_counted(question, count, cadre=cadre, seen_on=seen_on, now=now, is_anew=is_anew)
    return WeeksOfVisits(days.visits, counted_at)


def _kept_or_counted(
    question: tuple[Hashable, Hashable, str],
    count: Callable[[], Days],
    *,
    cadre: Cadre,
    seen_on: date,
    now: datetime | None,
    is_anew: bool,
) -> tuple[Days, datetime | None]:
    """From the shelf when it is about a district of which the cadre sees all; counted for everybody else."""
    place_code = question[-1]
    is_whole = len(place_code) == reach.DISTRICT_DIGITS and reach.reaches_all_of(cadre, place_code, seen_on)
    if now is None or not is_whole:
        return count(), now
    return _SHELF.kept_or_counted(question, count, now=now, is_anew=is_anew)


def period_of(round: Round, *, on: date, today: date) -> Period:
    """The round's days as of one of them. One query, for the calendar."""
    as_of, is_closed = round.day_of_figures(on), round.state == RoundState.CLOSED
    return Period(
        starts_on=round.starts_on,
        due_on=round.due_on,
        last_credit_on=round.last_credit_on,
        as_of=as_of,
        until=as_of if as_of < today else as_of - ONE_DAY,
        workdays=workdays_in(round.starts_on, max(round.due_on, as_of) + HORIZON),
        is_closed=is_closed and round.closed_on is not None and as_of >= round.closed_on,
    )


def duty_groups(duties: DutyQuerySet, digits: int) -> Iterator[DutyGroup]:
    """The grouped query over duties by place and day. It asks for nothing that their covering index has not."""
    rows = duties.order_by().annotate(
        _place=Left("village_id", digits),
        # The smaller of two days is no day on SQLite when one of them is none.
        _gone_on=Coalesce(Least("excused_on", "left_on"), "excused_on", "left_on"),
    )
    grouped = rows.values_list("_place", "credited_on", "_gone_on").annotate(count=Count("*"))
    return (DutyGroup(*row) for row in grouped)


def visits_here(*, cadre: Cadre, place_code: str, first: date, last: date, seen_on: date) -> VisitQuerySet:
    """Standing visits of those days, whoever went: in the villages the cadre reaches and to households helped."""
    reached = Village.objects.visible_to(cadre, seen_on).within(place_code).order_by()
    helped = list(Household.objects.helped_by(cadre, seen_on).order_by().values_list("pk", flat=True))
    # Keys, not subqueries: the database then reads the index of villages and days alone.
    where = Q(village__in=list(reached.values_list("pk", flat=True)))
    if helped:
        where |= Q(household__in=helped, village__code__range=village_codes(place_code))
    return Visit.objects.standing().filter(where, visited_on__range=(first, last)).order_by()


def visits_by_day(*, cadre: Cadre, place_code: str, first: date, last: date, seen_on: date) -> Iterator[VisitGroup]:
    """The one grouped query over visits: how many in each place below on each day."""
    visits = visits_here(cadre=cadre, place_code=place_code, first=first, last=last, seen_on=seen_on)
    by_place = visits.annotate(_place=Left("village_id", digits_below(place_code)))
    counted = by_place.values_list("_place", "visited_on").annotate(count=Count("*"))
    return (VisitGroup(*row) for row in counted)


def digits_below(place_code: str) -> int:
    """The length of the codes a place is divided by: a district by towns, a town by villages."""
    return VILLAGE_DIGITS if len(place_code) >= TOWN_DIGITS else TOWN_DIGITS


def names_of(codes: Iterable[str], digits: int) -> list[tuple[str, str]]:
    """Codes and names of towns or villages, in order of codes."""
    model: type[Village] | type[Town] = Village if digits == VILLAGE_DIGITS else Town
    return list(model._default_manager.filter(pk__in=codes).order_by("pk").values_list("pk", "name"))
