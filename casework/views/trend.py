"""Trends: a round week by week with its forecast, and the visits of the last weeks, by place."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from casework import forecast_words
from casework.forms.trend import WEEKS, TrendQuery, VisitListQuery, VisitTrendQuery
from casework.models import Round
from casework.pace import Week, monday_of, weeks_between
from casework.templatetags.days import short_day
from casework.trend import (
    PlaceTrend,
    Point,
    RoundTrend,
    VisitDays,
    by_monday,
    by_place_and_monday,
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
    """A week of the table behind the charts: words for people, values for the chart; empty where there is none."""

    point: Point
    label: str
    tick: str
    rate: str
    value: str
    expected: str
    expected_value: str
    forecast_value: str
    names: str
    visits: str


class PlaceRow(NamedTuple):
    """A place of the table: its figures, its pace, what that leads to, and the address of its own trend."""

    name: str
    done: int
    owed: int
    rate: str
    pace: str
    verdict: str
    is_late: bool
    below: str


class VisitRow(NamedTuple):
    """A place with the visits of the latest weeks and last of all the weeks shown, each with the list behind it."""

    name: str
    below: str
    counts: list[tuple[int, str]]


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
        "weeks": [_week_row(point, round, query, place, day) for point in trend.points()],
        "places": [_place_row(part, trend, query, day) for part in trend.parts],
        "sum": _place_row(trend.whole, trend, query, day),
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
    visits = trend.visits
    whole, latest = by_monday(visits), weeks[-LATEST_WEEKS:]
    context = {
        **moment_of(trend, query.address(place=place)),
        "crumbs": crumbs_between("", place, query),
        "weeks": [
            (_span(week, day), _tick(week), whole[week.first], week == weeks[-1], _visits_address(query, place, week))
            for week in weeks
        ],
        "latest": [_tick(week) for week in latest],
        "places": list(_visit_rows(visits, weeks, query, place)),
        "sum": VisitRow("", "", _counted(whole, weeks, place)),
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


def _week_row(point: Point, round: Round, query: TrendQuery, place: str, day: date) -> WeekRow:
    share = point.done / point.owed if point.done is not None and point.owed else None
    ahead = point.forecast / point.owed if point.forecast is not None and point.owed else None
    names = query.address(place=place, on=point.day) if point.done else ""
    return WeekRow(
        point=point,
        label=_span(Week(point.week.first, point.day), day),
        tick=_tick(point.week),
        rate="" if point.done is None else _percent(share),
        value=_value(share),
        expected=_percent(point.expected),
        expected_value=_value(point.expected),
        forecast_value=_value(ahead),
        names=f"{reverse('coverage_list', args=[round.pk])}?{names}&state=done" if names else "",
        visits=_visits_address(query, place, Week(point.week.first, point.day)) if point.visits else "",
    )


def _place_row(part: PlaceTrend, trend: RoundTrend, query: TrendQuery, day: date) -> PlaceRow:
    progress, found = part.progress(trend.period), trend.outlook(part)
    return PlaceRow(
        name=part.name,
        done=progress.done,
        owed=progress.owed,
        rate=_percent(progress.done / progress.owed if progress.owed else None),
        pace=forecast_words.number(found.pace.a_day),
        verdict=forecast_words.verdict(found, day),
        is_late=bool(found.short),
        below=query.address(place=part.code) if part.code != trend.whole.code else "",
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


def _visits_address(query: TrendQuery, place: str, week: Week) -> str:
    """Where the visits of a week are listed."""
    asked = query.address(place=place, on=week.last, weeks="")
    return f"{reverse('visit_list')}?{asked}&since={week.first.isoformat()}"


def _visit_rows(visits: VisitDays, weeks: list[Week], query: VisitTrendQuery, place: str) -> Iterator[VisitRow]:
    """The places below, in order of codes; a village leads no further."""
    by_place = by_place_and_monday(visits)
    for code, name in names_of(by_place, digits_below(place)):
        yield VisitRow(name, query.address(place=code) if code != place else "", _counted(by_place[code], weeks, code))


def _counted(visits: Counter[date], weeks: list[Week], code: str) -> list[tuple[int, str]]:
    """The latest weeks' numbers of a place and the sum of all the weeks, each with the address of its list."""
    listed = f"{reverse('visit_list')}?place={code}"
    latest = [(visits[week.first], f"{listed}&on={week.last}&since={week.first}") for week in weeks[-LATEST_WEEKS:]]
    return [*latest, (visits.total(), f"{listed}&on={weeks[-1].last}&since={weeks[0].first}")]


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
