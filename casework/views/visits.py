"""Log a visit, see what it counts for, correct it, and read its versions."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.confirmations import told_at
from casework.corrections import can_correct_visit, correct_visit
from casework.counting import counts_for
from casework.due import next_due
from casework.extras import extras_of
from casework.flags import flags_by_visit
from casework.forms.flags import told
from casework.forms.problems import SolveForm
from casework.forms.visits import CorrectionForm, TargetQuery, VisitForm
from casework.mine import mine_on
from casework.models import Move, Problem, ProblemState, Visit
from casework.photos import photos_of
from casework.problem_turns import can_take_move
from casework.problem_visits import first_version
from casework.rechecks import answered_recheck
from casework.report import VisitReport
from casework.sent_words import lines_of_extras
from casework.versions import earlier_versions, report_of, versions_of
from casework.views.requests import CadreRequest
from casework.visit_rows import DifferentContent
from casework.visits import record_visit
from villages.calendar import today
from villages.models import Cadre


@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request: CadreRequest) -> HttpResponse:
    """The visit form for one household or village. Sent twice, it leads to the same receipt."""
    day, query = today(), TargetQuery(request.GET)
    if request.method == "POST" and "check" not in request.POST:
        return _save(request, query, day)
    target = query.target(request.user, day)
    return _show(request, VisitForm(request.POST or None, target=target, cadre=request.user, on=day), day)


def _save(request: CadreRequest, query: TargetQuery, day: date) -> HttpResponse:
    """Record the visit and go to its receipt, or show the form again with what was typed."""
    # The verb asks whether the cadre sees the target, and reads it; asking here too would cost as much again.
    form = VisitForm(request.POST, target=query.named(), cadre=request.user, on=day)
    if form.is_valid():
        try:
            return redirect("visit_receipt", record_visit(form.report(), actor=request.user, now=timezone.now()).pk)
        except PermissionDenied:
            raise Http404 from None
        except ValidationError as refusal:
            form.add_refusal(refusal)
        except DifferentContent as known:
            stored = _visible(request.user, known.stored.pk)
            target = query.target(request.user, day, form.cleaned_data["visited_on"])
            fresh = VisitForm(form.as_another(), target=target, cadre=request.user, on=day)
            return _show(request, fresh, day, stored=stored, status=409)
    form.target = query.target(request.user, day, form.cleaned_data.get("visited_on"))
    return _show(request, form, day)


@require_POST
def counts(request: CadreRequest) -> HttpResponse:
    """What the visit would count for as the form stands: a piece of the form's page."""
    day = today()
    query = TargetQuery(request.GET)
    target, known = query.target(request.user, day), query.known(request.user, day)
    report = VisitForm(request.POST, target=target, cadre=request.user, on=day, known=known).draft_report()
    return render(request, "_counts.html", {"today": day} | _counting(report))


@require_safe
def visit_receipt(request: CadreRequest, pk: UUID) -> HttpResponse:
    """What was stored, what it counts for, and who is next."""
    day = today()
    visit = _visible(request.user, pk)
    mine = mine_on(request.user, day)
    versions = [visit, *earlier_versions(visit)]
    context = {
        "today": day,
        "mine": mine,
        "visit": visit,
        **_counting(report_of(visit)),
        "next": next_due(mine, day, after=visit.household) if visit.household else None,
        "confirmations": told_at([visit], request.user, day) if visit.household else [],
        "more": lines_of_extras(extras_of(visit)),
        "photo_id": uuid4(),
        "photos": photos_of(versions),
        "can_correct": can_correct_visit(request.user, visit, day),
        **_entry(request.user, visit, day),
        "recheck": answered_recheck(versions, request.user, day),
        "flags": told(flags_by_visit([visit.pk], request.user)[visit.pk]),
    }
    return render(request, "visit_receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def visit_correct(request: CadreRequest, pk: UUID) -> HttpResponse:
    """A new version with a reason; an older version leads on to the latest."""
    day = today()
    visit = _visible(request.user, pk)
    if visit.superseded_by_id:
        return redirect("visit_receipt", visit.superseded_by_id)
    if not can_correct_visit(request.user, visit, day):
        raise PermissionDenied
    form = CorrectionForm(request.POST or None, visit=visit, cadre=request.user, on=day)
    if form.is_bound and "check" not in request.POST and form.is_valid():
        try:
            version = correct_visit(visit, form.report(), actor=request.user, now=timezone.now(), **form.why())
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("visit_receipt", version.pk)
    return _show(request, form, day, visit=visit)


@require_safe
def visit_history(request: CadreRequest, pk: UUID) -> HttpResponse:
    """Every version of a visit, the latest first, each with what it changed."""
    day = today()
    visit = _visible(request.user, pk)
    versions = versions_of(visit, cadre=request.user, on=day)
    return render(request, "visit_history.html", {"today": day, "visit": visit, "versions": versions})


def _entry(cadre: Cadre, visit: Visit, day: date) -> dict[str, Any]:
    """The entry of the ledger that the visit made, when the reader sees it; and a form for what was solved at once."""
    if not visit.problem:
        return {}
    entry = Problem.objects.visible_to(cadre, day).filter(visit=first_version(visit)).first()
    if entry is None or entry.state != ProblemState.FOUND or not can_take_move(cadre, entry, Move.SOLVE, day):
        return {"entry": entry}
    return {"entry": entry, "solving": SolveForm(problem=entry, on=visit.visited_on)}


def _visible(cadre: Cadre, pk: UUID) -> Visit:
    visits = Visit.objects.visible_to(cadre, today()).select_related("household__group", "village", "entered_by")
    return get_object_or_404(visits.prefetch_related("visitors"), pk=pk)


def _show(request: CadreRequest, form: VisitForm, day: date, status: int = 200, **more: Any) -> HttpResponse:
    if form.is_bound:
        form.offer_everybody()
    context: dict[str, Any] = {"form": form, "target": form.target, "today": day, "visit": None, "stored": None}
    context |= _counting(form.draft_report()) | more
    context["questions"] = form.confirming.lines(form.target.household, request.user, day)
    return render(request, "visit_form.html", context, status=status)


def _counting(report: VisitReport | None) -> dict[str, Any]:
    """The duties a visit counts for and those it does not; no report yet: not ready to say."""
    found = counts_for(report) if report else []
    return {
        "is_ready": report is not None,
        "counted": [counting for counting in found if counting.is_counted],
        "not_counted": [counting for counting in found if not counting.is_counted],
    }
