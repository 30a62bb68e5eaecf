"""The handover pack on A4, of a post or of a helper's families."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.handover import (
    Handover,
    families_of,
    handover_of_helper,
    handover_of_post,
    progress_of,
    sections_of,
    village_problems,
)
from casework.views.requests import CadreRequest
from villages.calendar import today


@require_safe
def handover_post(request: CadreRequest, pk: int) -> HttpResponse:
    """Of a posting: what its holder leaves to the next."""
    return _paper(request, handover_of_post(request.user, pk, today()))


@require_safe
def handover_helper(request: CadreRequest, pk: int) -> HttpResponse:
    """Of a helper's pairing, with the other families that go to the same helper."""
    return _paper(request, handover_of_helper(request.user, pk, today()))


def _paper(request: CadreRequest, handover: Handover | None) -> HttpResponse:
    if handover is None:
        raise Http404
    day = today()
    families = families_of(handover, day)
    context = {
        "today": day,
        "now": timezone.localtime(),
        "handover": handover,
        "progress": progress_of(handover, day),
        "problems": village_problems(handover),
        "sections": sections_of(families, day),
        "families": len(families),
        "place_name": handover.place,
    }
    return render(request, "handover.html", context)
