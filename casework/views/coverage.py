"""Coverage: round by place, post or unit, and the named list behind every number."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.coverage import BY_PLACE, duties_behind, figures
from casework.forms.coverage import WAYS, CoverageQuery, ListQuery
from casework.models import Round
from casework.named import in_order, with_holders
from casework.views.asked import place_of, round_of
from casework.views.figures import COLUMNS, crumbs_of, lines_of, sum_of
from casework.views.moments import fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.written import written
from villages.calendar import today

ROUNDS_A_PAGE = 30
DUTIES_A_PAGE = 50


@require_safe
def coverage_home(request: CadreRequest) -> HttpResponse:
    """Choose a round."""
    day = today()
    rounds = Round.objects.visible_to(request.user, day).select_related("district", "town")
    page = Paginator(rounds, ROUNDS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "coverage_home.html", {"today": day, "rounds": page})


@require_safe
def coverage(request: CadreRequest, pk: int) -> HttpResponse:
    """The figures of one round below one place."""
    day = today()
    round = round_of(request.user, pk, day)
    query = CoverageQuery(request.GET, today=day)
    asked = query.asked()
    place = place_of(request.user, round, asked["place"], day)
    by = asked["by"] or BY_PLACE
    table = figures(
        round, cadre=request.user, on=asked["on"], place_code=place, by=by, seen_on=day, **fresh_enough(request)
    )
    context = {
        "table": table,
        "columns": COLUMNS,
        "lines": written(
            lines_of(table, query, place, by),
            table=reverse("coverage", args=[round.pk]),
            names=reverse("coverage_list", args=[round.pk]),
        ),
        "sum": sum_of(table, query, place),
        "ways": [(label, query.address(by=way, place=place), way == by) for way, label in WAYS],
    }
    context |= moment_of(table, query.address(place=place))
    return render(request, "coverage.html", _common(round, query, place, day) | context)


@require_safe
def coverage_list(request: CadreRequest, pk: int) -> HttpResponse:
    """Exactly the duties behind a number, by name."""
    day = today()
    round = round_of(request.user, pk, day)
    query = ListQuery(request.GET, today=day)
    filters = query.filters()
    place = place_of(request.user, round, filters["place_code"], day)
    as_of = round.day_of_figures(filters["on"])
    duties = duties_behind(round, cadre=request.user, seen_on=day, **filters | {"place_code": place})
    page = Paginator(in_order(duties, as_of), DUTIES_A_PAGE).get_page(request.GET.get("page"))
    base = query.address(state="", by_phone="", place=place)
    context = {
        "page": page,
        "page_query": f"{query.address(place=place)}&",
        "rows": with_holders(list(page), as_of),
        "narrowed_to": query.narrowed_to(),
        "tabs": [(words, f"{base}{tail}", name == query.column) for name, words, tail in COLUMNS],
    }
    return render(request, "coverage_list.html", _common(round, query, place, day) | context)


def _common(round: Round, query: CoverageQuery, place: str, day: date) -> dict[str, Any]:
    """What the table and the list say at their head."""
    return {
        "today": day,
        "now": timezone.localtime(),
        "as_of": round.day_of_figures(query.asked()["on"]),
        "round": round,
        "query": query,
        "place": place,
        "asked": query.asked(),
        "address": query.address(place=place),
        "crumbs": crumbs_of(round, place, query),
    }
