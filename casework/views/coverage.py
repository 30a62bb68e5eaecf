"""Coverage: round by place, post or unit, and the named list behind every number."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max, Min
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.coverage import BY_PLACE, duties_behind, figures
from casework.forms.coverage import WAYS, CoverageQuery, ListQuery
from casework.models import Duty, Round
from casework.named import in_order, with_holders
from casework.views.figures import COLUMNS, TOWN_DIGITS, crumbs_of, lines_of, sum_of
from casework.views.requests import CadreRequest
from villages.calendar import today
from villages.models import Cadre, Village

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
    round = _round(request.user, pk, day)
    query = CoverageQuery(request.GET, today=day)
    asked = query.asked()
    place = _place(request.user, round, asked["place"], day)
    by = asked["by"] or BY_PLACE
    table = figures(round, cadre=request.user, on=asked["on"], place_code=place, by=by, seen_on=day)
    context = {
        "table": table,
        "columns": COLUMNS,
        "lines": lines_of(table, query, place, by),
        "sum": sum_of(table, query, place),
        "ways": [(label, query.address(by=way, place=place), way == by) for way, label in WAYS],
    }
    return render(request, "coverage.html", _common(round, query, place, day) | context)


@require_safe
def coverage_list(request: CadreRequest, pk: int) -> HttpResponse:
    """Exactly the duties behind a number, by name."""
    day = today()
    round = _round(request.user, pk, day)
    query = ListQuery(request.GET, today=day)
    filters = query.filters()
    place = _place(request.user, round, filters["place_code"], day)
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


def _round(cadre: Cadre, pk: int, day: date) -> Round:
    return get_object_or_404(Round.objects.visible_to(cadre, day).select_related("district", "town"), pk=pk)


def _place(cadre: Cadre, round: Round, asked: str, day: date) -> str:
    """The place asked for when the cadre sees duties there, otherwise 404; unasked, where the cadre stands."""
    if not asked:
        return _standpoint(cadre, round, day)
    seen = Duty.objects.visible_to(cadre, day).in_round(round).within(asked)
    if not asked.startswith(round.place_code) or not seen.exists():
        raise Http404
    return asked


def _standpoint(cadre: Cadre, round: Round, day: date) -> str:
    """The cadre's own village or town when all that is seen lies in it, otherwise the round's place."""
    villages = Village.objects.visible_to(cadre, day).within(round.place_code)
    ends = villages.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or "", ends["last"] or ""
    if first and first == last:
        return first
    if first[:TOWN_DIGITS] and first[:TOWN_DIGITS] == last[:TOWN_DIGITS]:
        return first[:TOWN_DIGITS]
    return round.place_code
