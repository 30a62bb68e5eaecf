"""The home page: what is due for me, overdue first, one tap from the visit form."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casework.due import Due, add_last_visits, corners_of, due_targets, sections_of
from casework.forms.home import HomeQuery
from casework.models import Round
from casework.views.requests import CadreRequest
from households.models import Household
from villages.calendar import today
from villages.models import Cadre, Village

PAGE = 20
VILLAGES_SHOWN = 12


@require_safe
def home(request: CadreRequest) -> HttpResponse:
    """What is due, twenty targets at a time; or what a search found."""
    day = today()
    corner, start, words = HomeQuery(request.GET).asked()
    context: dict[str, Any] = {"today": day, "words": words}
    if "q" in request.GET:
        return render(request, "search.html", context | _found(request.user, words, day))
    targets = due_targets(request.user, day)
    if not targets:
        rounds = Round.objects.visible_to(request.user, day).running(day).select_related("district", "town")
        return render(
            request, "home_quiet.html", context | {"rounds": rounds[:PAGE], "villages": _villages(request.user, day)}
        )
    return render(request, "home.html", context | _due(targets, corner, start, day))


def _due(targets: list[Due], corner: str, start: int, day: date) -> dict[str, Any]:
    chosen = [due for due in targets if due.corner_key == corner] if corner else targets
    page = chosen[start : start + PAGE]
    add_last_visits(page, day)
    return {
        "total": len(targets),
        "overdue": sum(due.is_overdue for due in targets),
        "corners": corners_of(targets),
        "corner": corner,
        "sections": sections_of(page),
        "shown_to": start + len(page),
        "in_corner": len(chosen),
        "next_start": start + PAGE if len(chosen) > start + PAGE else None,
        "previous_start": max(start - PAGE, 0) if start else None,
    }


def _villages(cadre: Cadre, day: date) -> list[Village]:
    """The cadre's villages when they are few enough to list."""
    villages = list(Village.objects.visible_to(cadre, day)[: VILLAGES_SHOWN + 1])
    return villages if len(villages) <= VILLAGES_SHOWN else []


def _found(cadre: Cadre, words: str, day: date) -> dict[str, Any]:
    if not words:
        return {"households": [], "found_villages": [], "villages": _villages(cadre, day)}
    households = Household.objects.visible_to(cadre, day).registered(day).select_related("village", "group")
    households = households.filter(Q(head_name__contains=words) | Q(number__contains=words))
    villages = Village.objects.visible_to(cadre, day).filter(name__contains=words).select_related("town")
    return {"households": households[:PAGE], "found_villages": villages[:PAGE], "villages": []}
