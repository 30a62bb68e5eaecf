"""Measures and benefit links with what the households said of them: the lists of a place, and one row."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from casework.confirmations import LINK, MEASURE, with_answers
from casework.forms.measures import AnsweredLinksQuery, AnsweredMeasuresQuery, AnsweredQuery
from casework.views.requests import CadreRequest
from households.entering import can_enter_measure
from households.forms.lists import place_of
from households.views.entering import Sort, one_page
from households.views.links import BY_OPERATOR, LINKS
from households.views.measures import BY_PLACE, MEASURES
from villages.calendar import today
from villages.models import Village

ROWS_A_PAGE = 50


@require_safe
def measure_list(request: CadreRequest) -> HttpResponse:
    """The measures of a place by kind, year, state and answer; without a place all that the cadre sees."""
    context, rows = _list(request, MEASURES, AnsweredMeasuresQuery(request.GET, on=today()))
    sums = rows.order_by().aggregate(count=Count("pk"), amount=Sum("amount"))
    page = Paginator(rows.order_by(*BY_PLACE), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "measure_list.html", context | {"sums": sums, "page": page})


@require_safe
def link_list(request: CadreRequest) -> HttpResponse:
    """The benefit links of a place, operator by operator; without a place all that the cadre sees."""
    context, rows = _list(request, LINKS, AnsweredLinksQuery(request.GET, on=today()))
    page = Paginator(rows.order_by(*BY_OPERATOR), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "link_list.html", context | {"page": page})


def _list(request: CadreRequest, sort: Sort, query: AnsweredQuery) -> tuple[dict[str, Any], Any]:
    day = today()
    place = place_of(query.asked()["place"], request.user, day)
    context = {
        "today": day,
        "query": query,
        "page_query": f"{query.address()}&" if query.address() else "",
        "place": place,
        "is_village": isinstance(place, Village),
        "can_enter": isinstance(place, Village) and can_enter_measure(request.user, place.pk, day),
    }
    return context, query.narrow(sort.rows(request.user, day))


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: CadreRequest, pk: int) -> HttpResponse:
    """One measure, what the household said of it, and what can be done to it."""
    return one_page(request, MEASURES, pk, with_more=lambda rows: with_answers(rows, MEASURE))


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: CadreRequest, pk: int) -> HttpResponse:
    """One benefit link with its years, and what the household said of it."""
    return one_page(request, LINKS, pk, with_more=lambda rows: with_answers(rows, LINK))
