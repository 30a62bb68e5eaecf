"""The home page: what is due for me, overdue first, one tap from the visit form."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casework.due import Due, add_last_visits, corners_of, due_targets, posts_held, sections_of
from casework.forms.home import HomeQuery
from casework.models import Round
from casework.views.requests import CadreRequest
from households.turns import days_of_waiting_cases
from households.views.search import few_villages
from villages.calendar import today

PAGE = 20


@require_safe
def home(request: CadreRequest) -> HttpResponse:
    """What is due, twenty targets at a time."""
    day = today()
    corner, start = HomeQuery(request.GET).asked()
    waiting = days_of_waiting_cases(request.user, day)
    held = posts_held(request.user, day)
    # The head of the page asks for the posts too, unless it finds them here.
    context: dict[str, Any] = {"today": day, "words": "", "waiting_cases": waiting, "posts_held": held}
    targets = due_targets(request.user, day, held=held)
    if not targets:
        rounds = Round.objects.visible_to(request.user, day).running(day).select_related("district", "town")
        return render(
            request, "home_quiet.html", context | {"rounds": rounds[:PAGE], "villages": few_villages(request.user, day)}
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
