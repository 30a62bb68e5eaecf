"""The lines of the trend pages as finished words, for {% rows %}."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.urls import reverse

from casework import forecast_words
from casework.by_day import VisitWeeks
from casework.forms.trend import TrendQuery, VisitTrendQuery
from casework.models import Round
from casework.pace import Week
from casework.templatetags.days import short_day
from casework.trend import PlaceTrend, Point, RoundTrend, digits_below, names_of

LATEST_WEEKS = 6  # stand side by side for each place


class WeekRow(NamedTuple):
    """A week of the table behind the charts, in finished words: for people, and values for the chart.

    What there is none of is empty; `is_now` and `is_due` hold a word in the week of the day asked for and of the due
    date. A number with a list has its address, any other stands in `none_done` and `none_visits`.
    """

    label: str
    tick: str
    is_now: str
    is_due: str
    names: str
    done: str
    none_done: str
    owed: str
    rate: str
    value: str
    expected: str
    expected_value: str
    forecast: str
    forecast_value: str
    visited: str
    visits_address: str
    visits: str
    none_visits: str


class PlaceRow(NamedTuple):
    """A place of the table: its figures, its pace, what that leads to, and the address of its own trend or none.

    A number has the address of its list; a zero has none and stands in `no_done` or `no_owed`.
    """

    below: str
    name: str
    plain_name: str
    done_address: str
    done: str
    no_done: str
    owed_address: str
    owed: str
    no_owed: str
    rate: str
    pace: str
    look: str
    verdict: str


class VisitCell(NamedTuple):
    """A number of visits with the address of its list, or `none`."""

    address: str
    number: str
    none: str


class VisitRow(NamedTuple):
    """A place with the visits of the latest weeks and last of all weeks shown, and the address of its own or none."""

    below: str
    name: str
    plain_name: str
    counts: list[VisitCell]


class VisitWeekRow(NamedTuple):
    """A week of visits: a number with the address of its list, or `none`."""

    label: str
    tick: str
    is_now: str
    value: str
    address: str
    number: str
    none: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the lists behind the numbers of a week are; built once for all weeks."""

    names: str
    visits: str
    today: date

    @classmethod
    def of(cls, query: TrendQuery, place: str, today: date, round: Round | None = None) -> "Addresses":
        """Below the place; without a round there are no names."""
        base = query.address(place=place, on="", weeks="")
        names = f"{reverse('coverage_list', args=[round.pk])}?{base}&state=done" if round else ""
        return cls(names, f"{reverse('visit_list')}?{base}", today)

    def names_on(self, day: date) -> str:
        """Those done by the end of that day."""
        return f"{self.names}{self._on(day)}"

    def visits_in(self, week: Week) -> str:
        """The visits of the week."""
        return f"{self.visits}{self._on(week.last)}&since={week.first.isoformat()}"

    def _on(self, day: date) -> str:
        return "" if day == self.today else f"&on={day.isoformat()}"


def week_rows(points: list[Point], due_on: date, addresses: Addresses) -> list[WeekRow]:
    """The weeks of a round."""
    return [_week_row(point, due_on, addresses) for point in points]


def _week_row(point: Point, due_on: date, addresses: Addresses) -> WeekRow:
    done, visits = _written(point.done), _written(point.visits)
    week = Week(point.week.first, point.day)
    return WeekRow(
        label=span(week, addresses.today),
        tick=tick(point.week),
        is_now="is-now" if point.is_now else "",
        is_due="due" if point.week.first <= due_on <= point.week.last else "",
        names=addresses.names_on(point.day) if point.done else "",
        done=done if point.done else "",
        none_done="" if point.done else done,
        owed=str(point.owed),
        rate="" if point.done is None else percent(_share(point.done, point.owed)),
        value=_value(_share(point.done, point.owed)),
        expected=percent(point.expected),
        expected_value=_value(point.expected),
        forecast=_written(point.forecast),
        forecast_value=_value(_share(point.forecast, point.owed)),
        visited=visits,
        visits_address=addresses.visits_in(week) if point.visits else "",
        visits=visits if point.visits else "",
        none_visits="" if point.visits else visits,
    )


def _share(count: int | None, owed: int) -> float | None:
    return count / owed if count is not None and owed else None


def _written(count: int | None) -> str:
    return "" if count is None else str(count)


def place_row(part: PlaceTrend, trend: RoundTrend, query: TrendQuery, names: str, day: date) -> PlaceRow:
    """A place of a round, or the whole; `names` is where the round's lists of names are."""
    progress, found = part.progress(trend.period), trend.outlook(part)
    is_below = part.code != trend.whole.code
    listed = f"{names}?{query.address(place=part.code)}"
    return PlaceRow(
        below=query.address(place=part.code) if is_below else "",
        name=part.name if is_below else "",
        plain_name="" if is_below else part.name,
        done_address=f"{listed}&state=done" if progress.done else "",
        done=str(progress.done) if progress.done else "",
        no_done="" if progress.done else "0",
        owed_address=f"{listed}&owed=on" if progress.owed else "",
        owed=str(progress.owed) if progress.owed else "",
        no_owed="" if progress.owed else "0",
        rate=percent(_share(progress.done, progress.owed)),
        pace=forecast_words.number(found.pace.a_day),
        look="is-late" if found.short else "",
        verdict=forecast_words.verdict(found, day),
    )


def visit_week(week: Week, count: int, addresses: Addresses, *, is_now: bool) -> VisitWeekRow:
    """A week of visits."""
    number = str(count)
    return VisitWeekRow(
        label=span(week, addresses.today),
        tick=tick(week),
        is_now="is-now" if is_now else "",
        value=number,
        address=addresses.visits_in(week) if count else "",
        number=number if count else "",
        none="" if count else number,
    )


def visit_rows(visits: VisitWeeks, weeks: list[Week], query: VisitTrendQuery, place: str) -> Iterator[VisitRow]:
    """The places below, in order of codes; a village leads no further."""
    for code, name in names_of(visits.places, digits_below(place)):
        below = query.address(place=code) if code != place else ""
        yield VisitRow(
            below, name if below else "", "" if below else name, visit_cells(visits.places[code], weeks, code)
        )


def visit_cells(visits: Counter[date], weeks: list[Week], code: str) -> list[VisitCell]:
    """The latest weeks' numbers of a place and the sum of all the weeks, each with the address of its list."""
    listed = f"{reverse('visit_list')}?place={code}"
    spans = [(visits[week.first], week.first, week.last) for week in weeks[-LATEST_WEEKS:]]
    return [
        VisitCell(f"{listed}&on={last}&since={first}", str(count), "") if count else VisitCell("", "", "0")
        for count, first, last in [*spans, (visits.total(), weeks[0].first, weeks[-1].last)]
    ]


def span(week: Week, day: date) -> str:
    """First and last day of a week, or its one day."""
    first, last = short_day(week.first, day), short_day(week.last, day)
    return first if week.first == week.last else f"{first} – {last}"


def tick(week: Week) -> str:
    """The week's first day, as short as it is read in every language."""
    return f"{week.first.month}/{week.first.day}"


def percent(share: float | None) -> str:
    """With two decimals, as everywhere; a dash when nothing is owed."""
    return "–" if share is None else f"{100 * share:.2f}%"


def _value(share: float | None) -> str:
    """For the chart: percent as a plain number, nothing where there is none."""
    return "" if share is None else f"{100 * share:.2f}"
