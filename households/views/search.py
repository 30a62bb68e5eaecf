"""Search by name, initials or number; without a question, the cadre's villages."""

import secrets
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from households.forms.search import SearchForm
from households.search import MOST, Asked, find
from villages import reach
from villages.calendar import today
from villages.models import Cadre, Village
from villages.requests import CadreRequest

VILLAGES_SHOWN = 12
SEARCHES_KEPT = 5
KEPT = "sealed_searches"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: CadreRequest) -> HttpResponse:
    """What is posted waits in the session under a key, sealed: no name and no number stands in an address.

    Coming back to the results asks again, and shows them as they are now.
    """
    if request.method == "POST":
        key = _keep(request, SearchForm(request.POST).asked())
        return redirect(f"{reverse('search')}?of={key}")
    day = today()
    asked = Asked.of_kept(request.session.get(KEPT, {}).get(request.GET.get("of", ""), ""))
    context = {"today": day, "words": asked.shown, "asked": asked, "most": MOST}
    return render(request, "search.html", context | _found(request.user, asked, day))


def few_villages(cadre: Cadre, day: date) -> list[Village]:
    """The cadre's villages when they are few enough to list."""
    villages = list(Village.objects.visible_to(cadre, day)[: VILLAGES_SHOWN + 1])
    return villages if len(villages) <= VILLAGES_SHOWN else []


def _keep(request: CadreRequest, asked: Asked) -> str:
    key = secrets.token_urlsafe(6)
    kept: dict[str, Any] = {**request.session.get(KEPT, {}), key: asked.kept()}
    request.session[KEPT] = dict(list(kept.items())[-SEARCHES_KEPT:])
    return key


def _found(cadre: Cadre, asked: Asked, day: date) -> dict[str, Any]:
    if not asked:
        return {
            "found": [],
            "found_villages": [],
            "villages": few_villages(cadre, day),
            "is_cut": False,
            "is_refused": False,
        }
    found = find(asked, cadre, day)
    villages = Village.objects.visible_to(cadre, day).filter(name__contains=asked.name).select_related("town")
    return {
        "found": found[:MOST],
        "is_cut": len(found) > MOST,
        "found_villages": villages[:MOST] if asked.name else [],
        "villages": [],
        "is_refused": asked.is_identity and not reach.office_places(cadre, day),
    }
