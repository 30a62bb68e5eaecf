"""Trends: a round week by week with its forecast, and the visits of the last weeks, by place."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from casework import forecast_words
from casework.forms.trend import WEEKS, TrendQuery, VisitListQuery, VisitTrendQuery
from casework.pace import Week, monday_of, weeks_between
from casework.trend import (
    RoundTrend,
    round_trend,
    visits_here,
    visits_of_weeks,
)
from casework.views.asked import place_of, round_of, sees_whole, standpoint
from casework.views.figures import crumbs_between, crumbs_of
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.trend_rows import (
    LATEST_WEEKS,
    Addresses,
    VisitRow,
    percent,
    place_row,
    span,
    tick,
    visit_cells,
    visit_rows,
    visit_week,
    week_rows,
)
from households.models import Household
from villages.calendar import today
from villages.models import Cadre, Village

VISITS_A_PAGE = 50


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
    names = reverse("coverage_list", args=[round.pk])
    context = {
        **moment_of(trend, query.address(place=place)),
        "round": round,
        "crumbs": crumbs_of(round, place, query),
        "weeks": week_rows(trend.points(), round.due_on, Addresses.of(query, place, day, round)),
        "places": [place_row(part, trend, query, names, day) for part in trend.parts],
        "sum": [place_row(trend.whole, trend, query, names, day)],
        "is_whole": sees_whole(request.user, place, day),
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
    addresses = Addresses.of(query, place, day)
    context = {
        **moment_of(trend, query.address(place=place)),
        "crumbs": crumbs_between("", place, query),
        "weeks": [visit_week(week, visits.whole[week.first], addresses, is_now=week == weeks[-1]) for week in weeks],
        "latest": [tick(week) for week in latest],
        "places": list(visit_rows(visits, weeks, query, place)),
        "sum": [VisitRow("", "", "", visit_cells(visits.whole, weeks, place))],
        "is_whole": sees_whole(request.user, place, day),
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
        "expected": percent(trend.period.expected_share(trend.period.as_of)),
        "period": trend.period,
    }


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
        "span": span(week, day),
    }
    return render(request, "visit_list.html", _common(query, place, asked["on"], day) | context)


def _seen_place(cadre: Cadre, asked: str, day: date) -> str:
    """The place asked for when the cadre sees a village or helps a household there, otherwise 404."""
    if not asked:
        return standpoint(cadre, "", day)
    villages, households = Village.objects.visible_to(cadre, day), Household.objects.helped_by(cadre, day)
    if not (villages.within(asked).exists() or households.within(asked).exists()):
        raise Http404
    return asked
