"""Trends: a round week by week with its forecast, and the visits of the last weeks, by place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from casework import forecast_words
from casework.by_day import VisitWeeks
from casework.forms.trend import WEEKS, TrendQuery, VisitListQuery, VisitTrendQuery
from casework.models import Round
from casework.pace import Week, monday_of, weeks_between
from casework.templatetags.days import short_day
from casework.trend import (
    PlaceTrend,
    Point,
    RoundTrend,
    digits_below,
    names_of,
    round_trend,
    visits_here,
    visits_of_weeks,
)
from casework.views.asked import place_of, round_of, standpoint
from casework.views.figures import crumbs_between, crumbs_of
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from households.models import Household
from villages.calendar import today
from villages.models import Cadre, Village

VISITS_A_PAGE = 50
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
    """A place of the table: its figures, its pace, what that leads to, and the address of its own trend or none."""

    below: str
    name: str
    plain_name: str
    done: str
    owed: str
    rate: str
    pace: str
    look: str
    verdict: str


class VisitRow(NamedTuple):
    """A place with the visits of the latest weeks and of all the weeks shown, and the address of its own or none."""

    below: str
    name: str
    plain_name: str
    counts: list[str]
    total: str


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
class _Addresses:
    """Where the lists behind the numbers of a week are; built once for all weeks."""

    names: str
    visits: str
    today: date

    @classmethod
    def of(cls, query: TrendQuery, place: str, today: date, round: Round | None = None) -> "_Addresses":
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


@require_safe
def coverage_trend(request: CadreRequest, pk: int) -> HttpResponse:
    """One round week by week below one place: done of owed, the expected line, the forecast, the visits."""
    day = today()
    round = round_of(request.user, pk, day)
    query = TrendQuery(request.GET, today=day)
    asked = query.asked()
    place = place_of(request.user, round, asked["place"], day)
    trend = round_trend(
        round, cadre=request.user, on=asked["on"], place_code=place, seen_on=day, **fresh_enough(request)
    )
    context = {
        **moment_of(trend, query.address(place=place)),
        "round": round,
        "crumbs": crumbs_of(round, place, query),
        "weeks": _week_rows(trend.points(), round.due_on, _Addresses.of(query, place, day, round)),
        "places": [_place_row(part, trend, query, day) for part in trend.parts],
        "sum": [_place_row(trend.whole, trend, query, day)],
        **_forecast(trend, day),
    }
    return render(request, "trend.html", _common(query, place, trend.period.as_of, day) | context)


@require_safe
def visit_trend(request: CadreRequest) -> HttpResponse:
    """The visits of the last weeks below one place, whichever rounds they count for."""
    day = today()
    query = VisitTrendQuery(request.GET, today=day)
    asked = query.asked()
    place = _seen_place(request.user, asked["place"], day)
    first = monday_of(asked["on"]) - timedelta(weeks=query.how_many - 1)
    weeks = weeks_between(first, asked["on"])
    trend = visits_of_weeks(
        cadre=request.user, place_code=place, first=first, last=asked["on"], seen_on=day, **fresh_enough(request)
    )
    visits, latest = trend.visits, weeks[-LATEST_WEEKS:]
    addresses = _Addresses.of(query, place, day)
    context = {
        **moment_of(trend, query.address(place=place)),
        "crumbs": crumbs_between("", place, query),
        "weeks": [_visit_week(week, visits.whole[week.first], addresses, is_now=week == weeks[-1]) for week in weeks],
        "latest": [_tick(week) for week in latest],
        "places": list(_visit_rows(visits, latest, query, place)),
        "sum": [_visit_row("", "", visits.whole, latest)],
        "ways": [(words, query.address(weeks=count, place=place), count == query.how_many) for count, words in WEEKS],
    }
    return render(request, "visit_trend.html", _common(query, place, asked["on"], day) | context)


def _common(query: TrendQuery, place: str, as_of: date, day: date) -> dict[str, Any]:
    """What both pages say at their head."""
    return {
        "today": day,
        "as_of": as_of,
        "query": query,
        "place": place,
        "asked": query.asked(),
        "address": query.address(place=place),
    }


def _forecast(trend: RoundTrend, day: date) -> dict[str, Any]:
    """The forecast of the whole: the sentence, the reason, and what both rest on."""
    progress, found = trend.whole.progress(trend.period), trend.outlook(trend.whole)
    return {
        "progress": progress,
        "outlook": found,
        "headline": forecast_words.headline(found, trend.period, day),
        "reason": forecast_words.reason(found, progress.vacant),
        "pace": forecast_words.pace_words(found.pace),
        "window": settings.PACE_WORKDAYS,
        "expected": _percent(trend.period.expected_share(trend.period.as_of)),
        "period": trend.period,
    }


def _week_rows(points: list[Point], due_on: date, addresses: _Addresses) -> list[WeekRow]:
    return [_week_row(point, due_on, addresses) for point in points]


def _week_row(point: Point, due_on: date, addresses: _Addresses) -> WeekRow:
    done, visits = _written(point.done), _written(point.visits)
    week = Week(point.week.first, point.day)
    return WeekRow(
        label=_span(week, addresses.today),
        tick=_tick(point.week),
        is_now="is-now" if point.is_now else "",
        is_due="due" if point.week.first <= due_on <= point.week.last else "",
        names=addresses.names_on(point.day) if point.done else "",
        done=done if point.done else "",
        none_done="" if point.done else done,
        owed=str(point.owed),
        rate="" if point.done is None else _percent(_share(point.done, point.owed)),
        value=_value(_share(point.done, point.owed)),
        expected=_percent(point.expected),
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


def _place_row(part: PlaceTrend, trend: RoundTrend, query: TrendQuery, day: date) -> PlaceRow:
    progress, found = part.progress(trend.period), trend.outlook(part)
    is_below = part.code != trend.whole.code
    return PlaceRow(
        below=query.address(place=part.code) if is_below else "",
        name=part.name if is_below else "",
        plain_name="" if is_below else part.name,
        done=str(progress.done),
        owed=str(progress.owed),
        rate=_percent(_share(progress.done, progress.owed)),
        pace=forecast_words.number(found.pace.a_day),
        look="is-late" if found.short else "",
        verdict=forecast_words.verdict(found, day),
    )


@require_safe
def visit_list(request: CadreRequest) -> HttpResponse:
    """Exactly the visits behind a week's number: where, when and how it ended, in order of places."""
    day = today()
    query = VisitListQuery(request.GET, today=day)
    asked = query.asked()
    place = _seen_place(request.user, asked["place"], day)
    week = Week(query.since_day, asked["on"])
    visits = visits_here(cadre=request.user, place_code=place, first=week.first, last=week.last, seen_on=day)
    listed = visits.select_related("household", "village").order_by("village", "visited_on", "received_at", "pk")
    context = {
        "crumbs": crumbs_between("", place, query),
        "page": Paginator(listed, VISITS_A_PAGE).get_page(request.GET.get("page")),
        "page_query": f"{query.address(place=place)}&",
        "span": _span(week, day),
    }
    return render(request, "visit_list.html", _common(query, place, asked["on"], day) | context)


def _visit_week(week: Week, count: int, addresses: _Addresses, *, is_now: bool) -> VisitWeekRow:
    number = str(count)
    return VisitWeekRow(
        label=_span(week, addresses.today),
        tick=_tick(week),
        is_now="is-now" if is_now else "",
        value=number,
        address=addresses.visits_in(week) if count else "",
        number=number if count else "",
        none="" if count else number,
    )


def _visit_rows(visits: VisitWeeks, latest: list[Week], query: VisitTrendQuery, place: str) -> Iterator[VisitRow]:
    """The places below, in order of codes; a village leads no further."""
    for code, name in names_of(visits.places, digits_below(place)):
        below = query.address(place=code) if code != place else ""
        yield _visit_row(below, name, visits.places[code], latest)


def _visit_row(below: str, name: str, visits: Counter[date], latest: list[Week]) -> VisitRow:
    counts = [str(visits[week.first]) for week in latest]
    return VisitRow(below, name if below else "", "" if below else name, counts, str(visits.total()))


def _seen_place(cadre: Cadre, asked: str, day: date) -> str:
    """The place asked for when the cadre sees a village or helps a household there, otherwise 404."""
    if not asked:
        return standpoint(cadre, "", day)
    villages, households = Village.objects.visible_to(cadre, day), Household.objects.helped_by(cadre, day)
    if not (villages.within(asked).exists() or households.within(asked).exists()):
        raise Http404
    return asked


def _span(week: Week, day: date) -> str:
    first, last = short_day(week.first, day), short_day(week.last, day)
    return first if week.first == week.last else f"{first} – {last}"


def _tick(week: Week) -> str:
    """The week's first day, as short as it is read in every language."""
    return f"{week.first.month}/{week.first.day}"


def _percent(share: float | None) -> str:
    """With two decimals, as everywhere; a dash when nothing is owed."""
    return "–" if share is None else f"{100 * share:.2f}%"


def _value(share: float | None) -> str:
    """For the chart: percent as a plain number, nothing where there is none."""
    return "" if share is None else f"{100 * share:.2f}"
