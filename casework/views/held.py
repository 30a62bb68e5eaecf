"""Visits from phones that wait for a person: the list, one of them, and a file that a phone could not send."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework.forms.phones import DecisionForm, UnsentFileForm
from casework.held import accept_held, can_decide_held, decline_held, sent_in
from casework.models import HeldReason, HeldState, HeldVisit, Visit
from casework.sent_words import lines_of
from casework.unsent import can_import_unsent, import_unsent
from casework.views.requests import CadreRequest
from villages.calendar import today
from villages.models import Cadre

HELD_A_PAGE = 30


@require_safe
def held(request: CadreRequest) -> HttpResponse:
    """Those that wait, or with ?decided=1 those that were decided; the latest first."""
    day = today()
    is_decided = "decided" in request.GET
    rows = HeldVisit.objects.visible_to(request.user, day).select_related("household", "village", "sent_by")
    rows = rows.exclude(state=HeldState.WAITING) if is_decided else rows.waiting()
    context = {
        "today": day,
        "is_decided": is_decided,
        "page": Paginator(rows, HELD_A_PAGE).get_page(request.GET.get("page")),
        "can_import": can_import_unsent(request.user, day),
    }
    return render(request, "held.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def held_visit(request: CadreRequest, pk: UUID) -> HttpResponse:
    """What was sent and why it waits; the office decides."""
    day = today()
    rows = HeldVisit.objects.visible_to(request.user, day)
    found = get_object_or_404(rows.select_related("household", "village", "sent_by", "decided_by", "visit"), pk=pk)
    can_decide = can_decide_held(request.user, found, day)
    if request.method == "POST" and not can_decide:
        raise PermissionDenied
    form = DecisionForm(request.POST or None, held=found, cadre=request.user, on=day)
    if form.is_bound and form.is_valid() and _is_decided(request, found, form):
        return redirect("held_visit", found.pk)
    context = {
        "today": day,
        "held": found,
        "lines": lines_of(sent_in(found)),
        "stored": _stored(found, request.user, day),
        "form": form if can_decide and found.state == HeldState.WAITING else None,
    }
    return render(request, "held_visit.html", context)


def _is_decided(request: CadreRequest, found: HeldVisit, form: DecisionForm) -> bool:
    decision: dict[str, Any] = {
        "held_id": found.pk,
        "actor": request.user,
        "now": timezone.now(),
        "words": form.cleaned_data["words"],
    }
    try:
        if form.is_acceptance:
            accept_held(**decision, household=form.cleaned_data.get("number"))
        else:
            decline_held(**decision)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True


def _stored(found: HeldVisit, cadre: Cadre, on: date) -> Visit | None:
    """What stands under the same id, when the reader may see it."""
    if found.reason != HeldReason.OTHER_CONTENT:
        return None
    return Visit.objects.visible_to(cadre, on).filter(pk=found.visit_key).prefetch_related("visitors").first()


@require_http_methods(["GET", "HEAD", "POST"])
def held_import(request: CadreRequest) -> HttpResponse:
    """Take in a file of unsent visits in the name of who made them."""
    day = today()
    if not can_import_unsent(request.user, day):
        raise PermissionDenied
    form = UnsentFileForm(request.POST or None, request.FILES or None)
    imported = None
    if form.is_bound and form.is_valid():
        try:
            imported = import_unsent(form.cleaned_data["file"], actor=request.user, now=timezone.now())
        except ValidationError as refusal:
            form.add_refusal(refusal)
        except PermissionDenied as denied:
            form.add_refusal(ValidationError(str(denied)))
    counts = Counter(answer.state for answer in imported.answers) if imported else {}
    context = {"today": day, "form": form, "imported": imported, "counts": counts}
    return render(request, "held_import.html", context)
