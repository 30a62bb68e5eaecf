"""The problem ledger: which problems there are, one of them with its way, and a new one."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from casework.forms.problems import FORMS, MoveForm, ProblemForm, ProblemsQuery, places_offered, targets_offered
from casework.forms.visits import Target, TargetQuery
from casework.models import Move, Problem, ProblemState
from casework.parts import rows_of
from casework.problem_list import ALL, LATE, OPEN, ProblemList
from casework.problem_rows import is_late, problem_rows, with_names
from casework.problem_turns import WAITS_TO, moves_of, whose_turn
from casework.problems import record_problem
from casework.views.requests import CadreRequest
from households.models import Household
from villages.calendar import today
from villages.models import Cadre, Town, Village
from villages.prepared import Prepared

PROBLEMS_A_PAGE = 30


@require_safe
def problems(request: CadreRequest) -> HttpResponse:
    """The ledger: open problems in order of places, by state, place, mine and past deadline, each with its count."""
    day = today()
    query = ProblemsQuery(request.GET, places=_places(request, day))
    asked = query.asked()
    state = asked["state"] or OPEN
    listed = ProblemList(request.user, day, place=asked["place"], state=state, is_mine=bool(asked["mine"]))
    counts = listed.counts()
    # As many as on the tab, and counted with it.
    page = Paginator(range(counts[state]), PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "today": day,
        "query": query,
        "tabs": _tabs(counts, query),
        "page": page,
        "rows": problem_rows(listed.rows(rows_of(page)), day),
    }
    return render(request, "problems.html", context)


def _places(request: CadreRequest, day: date) -> list[tuple[str, Any]]:
    """Towns in reach, and the villages of the one that is looked at, or of the only one."""
    seen = {"cadre_id": request.user.pk, "is_superuser": request.user.is_superuser, "on": day}
    towns, asked = _TOWNS.rows(**seen), request.GET.get("place", "")
    if len(towns) < 2:
        return places_offered(towns, _VILLAGES.rows(**seen, town=None))
    return places_offered(towns, _VILLAGES.rows(**seen, town=asked[:9]) if len(asked) >= 9 else [])


def _towns(cadre_id: int, on: date, *, is_superuser: bool) -> Any:
    seen = Town.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on)
    return seen.order_by("code").values_list("code", "name")


def _villages(cadre_id: int, on: date, town: str | None, *, is_superuser: bool) -> Any:
    seen = Village.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on)
    seen = seen.filter(town=town) if town else seen
    return seen.order_by("code").values_list("code", "name")


_TOWNS, _VILLAGES = Prepared(_towns), Prepared(_villages)


def _tabs(counts: Counter[str], query: ProblemsQuery) -> list[dict[str, Any]]:
    """What can be looked at, each with its count."""
    labels = [("", OPEN, pgettext("problems", "open")), (LATE, LATE, _("past deadline"))]
    labels += [(state.value, state.value, str(state.label)) for state in ProblemState]
    labels += [(ALL, ALL, _("all"))]
    here = query.asked()["state"]
    return [
        {"address": query.address(state=state), "label": label, "count": counts[key], "is_here": state == here}
        for state, key, label in labels
        if counts[key] or state in ("", LATE, here)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: CadreRequest, pk: UUID) -> HttpResponse:
    """One problem with its way, and a form for each move that is the reader's; posted, the move is made."""
    day = today()
    found = _visible(request.user, pk, day)
    move = request.POST.get("move", "")
    if move not in FORMS:
        return _show(request, found, day)
    form = FORMS[move](request.POST, problem=found, on=day)
    if form.is_valid():
        try:
            form.verb(problem_id=found.pk, actor=request.user, now=timezone.now(), **form.arguments())
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Recorded: %(step)s.") % {"step": Move(move).label})
            return redirect("problem", found.pk)
    return _show(request, _visible(request.user, pk, day), day, form)


def _visible(cadre: Cadre, pk: UUID, day: date) -> Problem:
    rows = with_names(Problem.objects.visible_to(cadre, day))
    return get_object_or_404(rows.select_related("found_by", "solved_by", "verified_by", "visit"), pk=pk)


def _show(request: CadreRequest, found: Problem, day: date, refused: MoveForm | None = None) -> HttpResponse:
    """The page; a refused form stands in its place, or above all when its time is over."""
    forms = [FORMS[move](problem=found, on=day) for move in moves_of(request.user, found, day)]
    is_late_form = refused is not None and refused.move not in [form.move for form in forms]
    if refused is not None and not is_late_form:
        forms = [refused if form.move == refused.move else form for form in forms]
    steps = found.steps.select_related("actor", "responsible", "unit").order_by("pk")
    context = {
        "today": day,
        "problem": found,
        "sees_place": _sees_place(request.user, found, day),
        "steps": list(steps),
        "forms": forms,
        "refused": refused,
        "late": refused if is_late_form else None,
        "turn": whose_turn(found),
        "to_do": WAITS_TO.get(found.state, ""),
        "is_late": is_late(found, day),
    }
    return render(request, "problem.html", context)


def _sees_place(cadre: Cadre, found: Problem, day: date) -> bool:
    """Whoever was handed a problem need not see the rest of the household."""
    if found.household_id is not None:
        return Household.objects.visible_to(cadre, day).filter(pk=found.household_id).exists()
    return Village.objects.visible_to(cadre, day).filter(pk=found.village_id).exists()


@require_http_methods(["GET", "HEAD", "POST"])
def problem_new(request: CadreRequest) -> HttpResponse:
    """Enter a problem that no visit found, of the household or village that the address or the form names."""
    day = today()
    named = "household" in request.GET or "village" in request.GET
    offered = None if named else _targets(request.user, day)
    form = ProblemForm(request.POST or None, on=day, offered=offered)
    target = TargetQuery(request.GET).target(request.user, day) if named else None
    if form.is_bound and form.is_valid():
        target = target or TargetQuery(QueryDict(form.cleaned_data["where"])).target(request.user, day)
        try:
            entered = _record(request, form, target)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The problem is in the ledger."))
            return redirect("problem", entered.pk)
    return render(request, "problem_new.html", {"today": day, "form": form, "target": target if named else None})


def _record(request: CadreRequest, form: ProblemForm, target: Target) -> Problem:
    return record_problem(
        village=target.village,
        household=target.household,
        actor=request.user,
        now=timezone.now(),
        **form.arguments(),
    )


def _targets(cadre: Cadre, day: date) -> list[tuple[str, Any]]:
    """The villages in reach, and the households helped."""
    villages = Village.objects.visible_to(cadre, day).order_by("code")
    return targets_offered(villages, Household.objects.helped_by(cadre, day).order_by("village", "number"))
