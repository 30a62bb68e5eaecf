"""Matters that have climbed: what stands in one's places, at which level, and what was settled lately."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casework.escalation_words import address, what
from casework.forms.matters import MattersQuery
from casework.models.matters import Escalation, Matter
from casework.views.requests import CadreRequest
from villages.calendar import today

MATTERS_A_PAGE = 50
SETTLED_FOR = timedelta(days=30)


@require_safe
def matters(request: CadreRequest) -> HttpResponse:
    """What stands, or with ?settled=1 what was settled within a month, in order of places."""
    day = today()
    asked = MattersQuery(request.GET).asked()
    rows = Matter.objects.visible_to(request.user, day).filter(village__code__startswith=asked["place"])
    rows = rows.filter(settled_on__gt=day - SETTLED_FOR) if asked["settled"] else rows.standing()
    levels = Prefetch("escalations", Escalation.objects.order_by("rung"))
    page = Paginator(rows.select_related("village__town", "round").prefetch_related(levels), MATTERS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "today": day,
        "page": page,
        "asked": asked,
        "rows": [_row(matter) for matter in page],
    }
    return render(request, "matters.html", context)


def _row(matter: Matter) -> dict[str, Any]:
    """The matter, what it is, and the named list behind it; a vacant seat has one in each of its rounds."""
    listed = address(matter, matter.village_id) if matter.round_id else ""
    return {"matter": matter, "what": what(matter, matter.left), "list": listed}
