"""Coverage: one round by place, post or unit."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casework.coverage import BY_PLACE
from casework.explained import how_counted
from casework.forms.coverage import HOUSEHOLD_WAYS, WAYS, CoverageQuery
from casework.last_period import last_period
from casework.models import Round
from casework.splits import BY_GROUP, table_by
from casework.views.asked import place_of, round_of, sees_whole
from casework.views.figures import COLUMNS, crumbs_of, lines_of, sum_of
from casework.views.moments import earliest, fresh_enough, moment_of
from casework.views.requests import CadreRequest
from casework.views.sorting import heads_of
from casework.views.written import written
from villages.calendar import today


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
        "is_whole": sees_whole(request.user, place, day),
        "by": by,
        "ways": [(label, query.address(by=way, place=place), way == by) for way, label in ways],
    }
    context |= moment_of(table, query.address(place=place))
    return render(request, "coverage.html", _common(round, query, place, day) | context)


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
