"""A closed round: its closing figures beside today's, place by place, and every difference by name."""

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casework.coverage import BY_PLACE
from casework.explained import how_counted
from casework.forms.coverage import CoverageQuery
from casework.models.rounds import RoundState
from casework.restated import Both, both_figures, changed_since_closing, told
from casework.views.asked import place_of, round_of, sees_whole
from casework.views.figures import COLUMNS, TOWN_DIGITS, crumbs_of, difference, percent
from casework.views.requests import CadreRequest
from casework.views.sorting import heads_of, in_order_asked
from villages.calendar import today

NAMES_A_PAGE = 50
# Phone contact is part of done, and no duty keeps by name how it was at closing.
SHOWN = [(name, words) for name, words, _tail in COLUMNS if name != "by_phone"]


class Pair(NamedTuple):
    """A number at closing and now, and what has been added to it."""

    closing: Any
    now: Any
    change: str


class Line(NamedTuple):
    """A place: its pairs of numbers and of rates, and the address of its own figures."""

    label: str
    address: str
    pairs: list[Pair]


@require_safe
def coverage_closing(request: CadreRequest, pk: int) -> HttpResponse:
    """Closing figures are never written again: what came later stands beside them, with its reason."""
    day = today()
    round = round_of(request.user, pk, day)
    query = CoverageQuery(request.GET, today=day)
    place = place_of(request.user, round, query.asked()["place"], day)
    if round.state != RoundState.CLOSED:
        return redirect(f"{reverse('coverage', args=[round.pk])}?{query.address(place=place)}")
    rows, total = both_figures(round, by=BY_PLACE, cadre=request.user, on=day, place_code=place)
    changed = changed_since_closing(round, cadre=request.user, on=day, place_code=place)
    page = Paginator(changed, NAMES_A_PAGE).get_page(request.GET.get("page"))
    heads = [*SHOWN, ("rate", _("rate"))]
    ordered = in_order_asked(rows, query.asked()["sort"], _value)
    context = {
        "today": day,
        "round": round,
        "place": place,
        "crumbs": crumbs_of(round, place, query),
        "columns": heads_of(heads, query, place=place),
        "lines": [Line(row.label, _below(row, query), _pairs(row)) for row in ordered],
        "sum": _pairs(total),
        "has_changed": any(row.has_changed for row in rows),
        "page": page,
        "page_query": f"{query.address(place=place)}&",
        "changes": told(list(page), round),
        "how": how_counted(round),
        "is_whole": sees_whole(request.user, place, day),
    }
    return render(request, "coverage_closing.html", context)


def _pairs(row: Both) -> list[Pair]:
    pairs = []
    for name, _words in SHOWN:
        closing, now = getattr(row.closing, name), getattr(row.now, name)
        pairs.append(Pair(closing, now, f"{now - closing:+d}".replace("-", "−") if now != closing else ""))
    closing, now = percent(row.closing), percent(row.now)
    return [*pairs, Pair(closing, now, difference(row.now, row.closing) if now != closing else "")]


def _below(row: Both, query: CoverageQuery) -> str:
    return query.address(place=row.key) if len(row.key) == TOWN_DIGITS else ""


def _value(row: Both, name: str) -> float | None:
    """By what has changed most: sorting a column is asked for to find that."""
    if name == "rate":
        return (row.now.rate or 0) - (row.closing.rate or 0)
    now, closing = row.now.as_dict(), row.closing.as_dict()
    return now[name] - closing[name] if name in now else None
