"""Coverage: round by place, post or unit, and the named list behind every number."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casework.coverage import BY_PLACE, duties_behind
from casework.explained import how_counted
from casework.forms.coverage import HOUSEHOLD_WAYS, WAYS, CoverageQuery, ListQuery
from casework.last_period import last_period
from casework.models import Round
from casework.named import in_order, with_holders
from casework.splits import BY_GROUP, table_by
from casework.views.asked import place_of, round_of
from casework.views.figures import COLUMNS, OWED, crumbs_of, lines_of, sum_of
from casework.views.moments import earliest, fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.sorting import heads_of
from casework.views.written import written
from villages.calendar import today

DUTIES_A_PAGE = 50


@require_safe
def coverage(request: CadreRequest, pk: int) -> HttpResponse:
    """The figures of one round below one place."""
    day = today()
    round = round_of(request.user, pk, day)
    query = CoverageQuery(request.GET, today=day)
    asked = query.asked()
    place = place_of(request.user, round, asked["place"], day)
    ways = WAYS if round.is_for_villages else WAYS + HOUSEHOLD_WAYS
    by = asked["by"] if asked["by"] in dict(ways) else BY_PLACE
    which: dict[str, Any] = {"cadre": request.user, "on": asked["on"], "place_code": place, "seen_on": day}
    which |= fresh_enough(request)
    table, last = table_by(by, round, **which), last_period(round, by=by, **which)
    table.counted_at = earliest(table.counted_at, last.counted_at if last else None)
    heads = [(name, words) for name, words, _tail in COLUMNS] + [("rate", _("rate"))]
    context = {
        "table": table,
        "columns": heads_of(heads, query, place=place),
        "lines": written(
            lines_of(table, query, place, by, last),
            table=reverse("coverage", args=[round.pk]),
            names=reverse("coverage_list", args=[round.pk]),
        ),
        "sum": None if by == BY_GROUP else sum_of(table, query, place, last),
        "last": last,
        "how": how_counted(round),
        "by": by,
        "ways": [(label, query.address(by=way, place=place), way == by) for way, label in ways],
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
    duties = query.narrowed(duties, as_of)
    page = Paginator(in_order(duties, as_of), DUTIES_A_PAGE).get_page(request.GET.get("page"))
    base = query.address(state="", by_phone="", owed="", place=place)
    columns = [COLUMNS[0], OWED, *COLUMNS[1:]]
    context = {
        "page": page,
        "page_query": f"{query.address(place=place)}&",
        "rows": with_holders(list(page), as_of),
        "narrowed_to": query.narrowed_to(),
        "tabs": [(words, f"{base}{tail}", name == query.column) for name, words, tail in columns],
        "how": how_counted(round),
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
