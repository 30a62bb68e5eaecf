"""Monitoring against relapse: the cases that wait for me, one case and its walk, its public notice."""

from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from households.clearing import Condition, conditions_to_clear, told
from households.clock import clocks
from households.forms.monitoring import (
    CasesQuery,
    FindingCorrectionForm,
    FindingForm,
    NoticeDaysForm,
    StepCorrectionForm,
    StepForm,
    TakingBackForm,
)
from households.models import CaseState, CaseStep, Household, MonitoringCase, Step
from households.models.monitoring import BEFORE_DECISION, TAKES_BACK, WAY, IllegalMove
from households.monitoring import correct_case, correct_step, open_case, take_step
from households.notices import families_on_notice, telephone_of
from households.taking_back import take_back
from households.turns import (
    HELPED,
    MINE,
    OVER,
    UNDER_WAY,
    WAITS_FOR,
    by_turn,
    can_correct_case,
    can_correct_step,
    can_open_case,
    can_take_step,
    correctable_by,
    is_correctable_by,
    levels_of,
    steps_of,
)
from villages.calendar import today
from villages.models import Town
from villages.requests import CadreRequest

CASES_A_PAGE = 30
SECTIONS = {
    MINE: gettext_lazy("Waiting for you"),
    UNDER_WAY: gettext_lazy("On their way"),
    HELPED: gettext_lazy("Accepted, being helped"),
    OVER: gettext_lazy("Ended"),
}


@require_safe
def cases(request: CadreRequest) -> HttpResponse:
    """The cases in reach: those that wait for me first, then the running ones, then those that have ended."""
    day = today()
    towns = list(Town.objects.visible_to(request.user, day).order_by("code"))
    query = CasesQuery(request.GET, towns=towns)
    found = query.narrowed(MonitoringCase.objects.visible_to(request.user, day), day)
    found = found.annotate(turn=by_turn(request.user, day)).select_related("household__village__town")
    ordered = found.order_by("turn", "decide_by", "pk")
    page = Paginator(ordered, CASES_A_PAGE).get_page(request.GET.get("page"))
    shown = clocks(page.object_list, day)
    by_section = groupby(page.object_list, key=lambda case: case.turn)
    context = {
        "today": day,
        "page": page,
        "sections": [(SECTIONS[turn], [(case, shown.get(case.pk)) for case in group]) for turn, group in by_section],
        "query": query,
        "has_towns": len(towns) > 1,
    }
    return render(request, "monitoring.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: CadreRequest, pk: int) -> HttpResponse:
    """One case from top to bottom; posted, the next step is taken."""
    day = today()
    found = _visible(request, pk)
    if request.method != "POST":
        return _show(request, found, day)
    step = request.POST.get("step", "")
    if step not in WAY:
        return redirect("case", found.pk)
    form = StepForm(request.POST, case=found, step=step, on=day)
    if form.is_valid():
        try:
            take_step(case=found, report=form.report(), actor=request.user, now=timezone.now())
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Recorded: %(step)s.") % {"step": Step(step).label})
            return redirect("case", found.pk)
    return _show(request, _visible(request, pk), day, form)


@require_http_methods(["GET", "HEAD", "POST"])
def case_open(request: CadreRequest, pk: int) -> HttpResponse:
    """Open a case for a household; if one is running, lead to it."""
    day = today()
    households = Household.objects.visible_to(request.user, day).select_related("village__town", "group")
    household = get_object_or_404(households, pk=pk)
    if not can_open_case(request.user, household, day):
        raise PermissionDenied
    form = FindingForm(request.POST or None, on=day)
    if form.is_bound and form.is_valid():
        key = form.cleaned_data["request_key"]
        try:
            opened = open_case(household=household, actor=request.user, on=day, request_key=key, **form.finding())
            return redirect("case", opened.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    running = MonitoringCase.objects.visible_to(request.user, day).running().filter(household=household).first()
    return render(request, "case_open.html", {"today": day, "household": household, "form": form, "running": running})


@require_http_methods(["GET", "HEAD", "POST"])
def case_reject(request: CadreRequest, pk: int) -> HttpResponse:
    """Ask why, then end the case without accepting it."""
    day = today()
    found = _visible(request, pk)
    if not found.can_move(Step.REJECT):
        messages.info(
            request,
            _("This case cannot be refused any more: it is “%(state)s”.") % {"state": found.get_state_display()},
        )
        return redirect("case", found.pk)
    if not can_take_step(request.user, found, Step.REJECT, day):
        raise PermissionDenied
    form = StepForm(request.POST or None, case=found, step=Step.REJECT, on=day, name=request.user.name)
    if form.is_bound and form.is_valid():
        try:
            take_step(case=found, report=form.report(), actor=request.user, now=timezone.now())
            return redirect("case", found.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "case_reject.html", {"today": day, "case": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def case_correct(request: CadreRequest, pk: int) -> HttpResponse:
    """Correct what was found, with a reason."""
    day = today()
    found = _visible(request, pk)
    if not can_correct_case(request.user, found, day):
        raise PermissionDenied
    form = FindingCorrectionForm(request.POST or None, case=found, on=day)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            correct_case(case=found, actor=request.user, on=day, reason=reason, **form.finding())
            return redirect("case", found.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "case_correct.html", {"today": day, "case": found, "form": form, "row": None})


@require_http_methods(["GET", "HEAD", "POST"])
def case_step_correct(request: CadreRequest, pk: int, step: str) -> HttpResponse:
    """Correct the record of a step, with a reason."""
    day = today()
    found = _visible(request, pk)
    if not can_correct_step(request.user, found, step, day):
        raise PermissionDenied
    row = get_object_or_404(CaseStep.objects.standing().filter(case=found), step=step)
    form = StepCorrectionForm(request.POST or None, row=row, case=found, on=day)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            correct_step(case=found, report=form.report(), reason=reason, actor=request.user, on=day)
            return redirect("case", found.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    return render(request, "case_correct.html", {"today": day, "case": found, "form": form, "row": row})


@require_http_methods(["GET", "HEAD", "POST"])
def case_take_back(request: CadreRequest, pk: int) -> HttpResponse:
    """Ask why, then take the decision, the refusal or the clearing of the risk back."""
    day = today()
    found = _visible(request, pk)
    if not any(can_take_step(request.user, found, step, day) for step in TAKES_BACK):
        raise PermissionDenied
    if not found.taking_back:
        state = {"state": found.get_state_display()}
        messages.info(request, _("There is nothing to take back: the case is “%(state)s”.") % state)
        return redirect("case", found.pk)
    form = TakingBackForm(request.POST or None, case=found)
    if form.is_bound and form.is_valid():
        try:
            take_back(case=found, actor=request.user, now=timezone.now(), **form.cleaned_data)
            return redirect("case", found.pk)
        except IllegalMove as late:
            messages.error(request, " ".join(late.messages))
            return redirect("case", found.pk)
        except ValidationError as refusal:
            form.add_refusal(refusal)
    context = {"today": day, "case": found, "form": form, "label": Step(found.taking_back).label}
    return render(request, "case_take_back.html", context)


@require_safe
def case_notice(request: CadreRequest, pk: int) -> HttpResponse:
    """The public notice on one sheet of A4: the village's families of the same notice, and nothing private."""
    day = today()
    found = _visible(request, pk)
    if found.state in (CaseState.FOUND, CaseState.CHECKED) or (found.notice_from is None and not found.next_step):
        messages.info(request, _("The notice comes after the appraisal; there is nothing to print yet."))
        return redirect("case", found.pk)
    village = found.household.village
    form = None if found.notice_from else NoticeDaysForm(request.GET, on=day)
    first, last = form.days() if form else (found.notice_from, found.notice_until)
    context = {
        "case": found,
        "village": village,
        "families": families_on_notice(found, request.user, day),
        "first": first,
        "last": last,
        "form": form,
        "telephone": telephone_of(village.pk),
    }
    return render(request, "case_notice.html", context)


def _visible(request: CadreRequest, pk: int) -> MonitoringCase:
    found = MonitoringCase.objects.visible_to(request.user, today())
    return get_object_or_404(found.select_related("household__village__town", "household__group", "opened_by"), pk=pk)


def _show(request: CadreRequest, found: MonitoringCase, day: date, refused: StepForm | None = None) -> HttpResponse:
    """The walk with its next form; a refused form stands in its place, or above it when its time is over."""
    levels = levels_of(request.user, found.household, day)
    mine, step = steps_of(levels, found), found.next_step
    notice_runs = found.state == CaseState.NOTICED and found.notice_until is not None and day <= found.notice_until
    is_next = refused is not None and refused.step == step
    form: StepForm | None = None
    if step in mine and not notice_runs:
        form = refused if is_next else StepForm(case=found, step=step, on=day, name=request.user.name)
    steps = _walk(found)
    context: dict[str, Any] = {
        "today": day,
        "case": found,
        "steps": steps,
        "decided_on": next((row.done_on for row in steps if row.step == Step.DECIDE and not row.taken_back), None),
        "ahead": found.steps_ahead,
        "form": form,
        "late": None if is_next else refused,
        "waits_for": WAITS_FOR[step] if found.state in BEFORE_DECISION else "",
        "notice_runs": notice_runs,
        "clock": clocks([found], day).get(found.pk),
        "conditions": conditions_to_clear(found, day) if found.state == CaseState.DECIDED else [],
        "conditions_then": _conditions_then(steps) if levels else [],
        "taking_back": Step(found.taking_back).label if found.taking_back in mine else "",
        "can_reject": found.can_move(Step.REJECT) and Step.REJECT in mine,
        "correctable": correctable_by(levels, found),
        "can_correct": is_correctable_by(levels, found),
        "shows_finding": bool(levels),
    }
    return render(request, "case.html", context)


def _walk(found: MonitoringCase) -> list[CaseStep]:
    rows = found.steps.select_related("recorded_by", "corrected_by", "taken_back_by")
    return list(rows.order_by("pk"))


def _conditions_then(steps: list[CaseStep]) -> dict[int, list[Condition]]:
    """What was found fulfilled when the risk was cleared, by step, also where that was taken back since."""
    return {row.pk: [told(facts) for facts in row.conditions] for row in steps if row.conditions}
