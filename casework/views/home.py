"""The home page: what is due for me, overdue first, one tap from the visit form."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casework.bulletins import waiting_for
from casework.due import Target, corners_of, described, due_targets, sections_of
from casework.forms.home import HomeQuery
from casework.mine import mine_on
from casework.models import Round
from casework.views.requests import CadreRequest
from households.views.search import few_villages
from villages.calendar import today
from villages.holidays import keeps_the_calendar, year_to_enter

PAGE = 20


@require_safe
def home(request: CadreRequest) -> HttpResponse:
    """What is due, twenty targets at a time."""
    day = today()
    corner, start = HomeQuery(request.GET).asked()
    mine = mine_on(request.user, day)
    # The head of the page finds its posts and letters in `mine`.
    context: dict[str, Any] = {
        "today": day,
        "words": "",
        "waiting_cases": mine.waiting,
        "mine": mine,
        "handed_problems": mine.handed,
        # Only the district's office is asked: nobody else could enter them.
        "year_to_enter": year_to_enter(day) if keeps_the_calendar(request.user, mine.posts) else None,
        "waiting_bulletins": waiting_for(request.user, day, mine.posts),
    }
    context |= {"passed": mine.passed, "due_notes": mine.notes, "to_ask": mine.to_ask, "to_answer": mine.to_answer}
    targets = due_targets(mine, day)
    if not targets:
        rounds = Round.objects.visible_to(request.user, day).running(day).select_related("district", "town")
        return render(
            request, "home_quiet.html", context | {"rounds": rounds[:PAGE], "villages": few_villages(request.user, day)}
        )
    return render(request, "home.html", context | _due(targets, corner, start, day))


def _due(targets: list[Target], corner: str, start: int, day: date) -> dict[str, Any]:
    chosen = [target for target in targets if target.spot.key == corner] if corner else targets
    page = chosen[start : start + PAGE]
    return {
        "total": len(targets),
        "overdue": sum(target.is_overdue for target in targets),
        "corners": corners_of(targets),
        "corner": corner,
        "sections": sections_of(described(page, day)),
        "shown_to": start + len(page),
        "in_corner": len(chosen),
        "next_start": start + PAGE if len(chosen) > start + PAGE else None,
        "previous_start": max(start - PAGE, 0) if start else None,
    }
