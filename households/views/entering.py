"""Choose households, fill in one form, see what was entered, change it, end many: measures and benefit links alike."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from households import entries
from households.batches import OtherContent
from households.entering import can_change, can_enter_measure, can_remove
from households.forms.changes import Removal
from households.forms.choosing import KINDS, Choice, choice_of, chosen, numbers
from households.forms.entries import EntryForm
from villages.calendar import today
from villages.models import Cadre
from villages.requests import CadreRequest

Verb = Callable[..., Any]
CORRECTED = gettext_lazy("Corrected. The earlier values stay in the history.")
TAKEN_BACK = gettext_lazy("Taken back. The values stay in the history.")
FEW = 20  # rows that may stand open
open_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to one row: its form, its verb, what is said afterwards, and whether it is gone then."""

    name: str
    form: Callable[..., Any]
    verb: Verb
    done: Any
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """What is entered: measures or links; the name of its kind begins the names of its addresses.

    `template` shows one row, `receipt` what a form entered; `end` is the form of its last day, `correction` that of
    all it says; `words` are what its pages are called.
    """

    kind: entries.Kind
    template: str
    receipt: str
    rows: Callable[[Cadre, date], Any]
    form: type[EntryForm]
    enter: Callable[[Any, Cadre, date], list[Any]]
    end: Callable[..., Any]
    correction: Callable[..., Any]
    words: dict[str, Any]

    @property
    def name(self) -> str:
        """How its addresses begin."""
        return self.kind.name

    @property
    def acts(self) -> tuple[Act, ...]:
        """What can be done to one row."""
        return (
            Act("end", self.end, _end, self.words["ended"]),
            Act("correct", self.correction, _correct, CORRECTED),
            Act("remove", Removal, _remove, TAKEN_BACK, is_removal=True),
        )

    def url(self, page: str, *keys: Any) -> str:
        """The address of one of its pages."""
        return reverse(f"{self.name}_{page}" if page else self.name, args=keys)


def _end(sort: Sort, row: Any, form: Any, **by: Any) -> None:
    entries.end(sort.kind, row, **form.cleaned_data, **by)


def _correct(sort: Sort, _row: Any, form: Any, **by: Any) -> None:
    entries.correct(sort.kind, form.instance, reason=form.cleaned_data["reason"], **by)


def _remove(sort: Sort, row: Any, form: Any, **by: Any) -> None:
    entries.remove(sort.kind, row, reason=form.cleaned_data["reason"], **by)


def pages_of(sort: Sort, address: str) -> list[URLPattern]:
    """The addresses of its pages, below its own."""
    more, name = {"sort": sort}, sort.name
    return [
        path(f"{address}/choose/", choose_page, more, name=f"{name}_choose"),
        path(f"{address}/new/", new_page, more, name=f"{name}_new"),
        path(f"{address}/end/", end_page, more, name=f"{name}_end"),
        path(f"{address}/together/<uuid:pk>/", batch_page, more, name=f"{name}_batch"),
    ]


@open_page
def choose_page(request: CadreRequest, sort: Sort) -> HttpResponse:
    """The households to tick; searching keeps what is ticked."""
    day = today()
    data = request.GET.copy()
    for name in {"q", "who"} & set(request.POST):
        data[name] = request.POST[name]
    return _choosing(request, sort, choice_of(data, request.user, day), numbers(request.POST.getlist("household")))


def _choosing(request: CadreRequest, sort: Sort, choice: Choice, ticked: set[int], **more: Any) -> HttpResponse:
    context = {
        "words": sort.words,
        "choice": choice,
        "kinds": KINDS,
        "households": choice.shown(ticked),
        "ticked": ticked,
        "choose_url": sort.url("choose"),
        "next_url": sort.url("new"),
        "is_empty": False,
        **more,
    }
    return render(request, "entry_choose.html", context)


@open_page
def new_page(request: CadreRequest, sort: Sort) -> HttpResponse:
    """The form for the households ticked a page before; sent twice, it leads to the same receipt."""
    day = today()
    choice = choice_of(request.GET, request.user, day)
    ids = _asked_for(request, choice)
    if not ids:
        return _choosing(request, sort, choice, set(), is_empty=request.method == "POST")
    households = chosen(ids, request.user, day)
    data = request.POST if "id" in request.POST else None
    form = sort.form(data, households=households, cadre=request.user, on=day)
    if not form.is_bound or "check" in request.POST or not form.is_valid():
        return _form(request, sort, choice, form)
    try:
        rows = sort.enter(form, request.user, day)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _form(request, sort, choice, form)
    except OtherContent as known:
        fresh = sort.form(form.as_another(), households=households, cadre=request.user, on=day)
        return _form(request, sort, choice, fresh, saved_url=sort.url("batch", known.batch_id), status=409)
    return redirect(sort.url("batch", rows[0].batch))


def _asked_for(request: CadreRequest, choice: Choice) -> set[int]:
    """Ids of the households the form is for: offered by it before, or ticked just now, one by one or by group."""
    if request.method != "POST":
        return numbers(request.GET.getlist("household"))
    offered = numbers(request.POST.getlist("offered"))
    return offered or numbers(request.POST.getlist("household")) | choice.groups_of(request.POST)


def _form(
    request: CadreRequest, sort: Sort, choice: Choice, form: EntryForm, saved_url: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "words": sort.words,
        "form": form,
        "choice": choice,
        "total": form.total(),
        "saved_url": saved_url,
        "choose_url": f"{sort.url('choose')}?{choice.query or _place_of(form)}",
    }
    return render(request, "entry_form.html", context, status=status)


def _place_of(form: EntryForm) -> str:
    """The village of the form's households, as an address names it; nothing for a helper's own households."""
    village = form.households[0].village_id
    return f"place={village}" if can_enter_measure(form.cadre, village, form.on) else ""


@open_page
def batch_page(request: CadreRequest, sort: Sort, pk: UUID) -> HttpResponse:
    """What one form entered, with a link to each row; posted with a reason, all of it is taken back."""
    day = today()
    rows = list(sort.rows(request.user, day).filter(batch=pk).order_by("household__group__number", "household__number"))
    if not rows:
        raise Http404
    may_remove = can_remove(request.user, rows[0], day)
    if request.method == "POST" and not may_remove:
        raise PermissionDenied
    form = Removal(request.POST or None, row=None, cadre=request.user, on=day)
    if form.is_bound and form.is_valid():
        try:
            entries.remove_batch(sort.kind, pk, actor=request.user, on=day, reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, TAKEN_BACK)
            return redirect(sort.url("list"))
    context = {
        "sort": sort,
        "today": day,
        "rows": rows,
        "batch_id": pk,
        "removal": form if may_remove and len(rows) > 1 else None,
        "asked": "remove" if form.is_bound else "",
        "alike": entries.alike(sort.kind, rows),
        "sum": sum((getattr(row, "amount", None) or Decimal(0) for row in rows), Decimal(0)),
        "is_village": can_enter_measure(request.user, rows[0].household.village_id, day),
    }
    return render(request, sort.receipt, context)


@open_page
def end_page(request: CadreRequest, sort: Sort) -> HttpResponse:
    """The running ones of a village, or of the households one helps; those ticked end on one day."""
    day = today()
    choice = choice_of(request.GET, request.user, day)
    homes = choice.offered().order_by().values("pk")
    order = (*sort.kind.same, "household__group__number", "household__number", "pk")
    running = list(sort.rows(request.user, day).in_force(day).filter(household__in=homes).order_by(*order))
    ticked = numbers(request.POST.getlist("row")) & {row.pk for row in running}
    form = sort.end(request.POST if request.method == "POST" else None, row=None, cadre=request.user, on=day)
    if form.is_bound and form.is_valid() and ticked:
        try:
            count = entries.end_many(sort.kind, ticked, actor=request.user, on=day, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            said = ngettext("%(count)s has ended.", "%(count)s have ended.", count)
            messages.success(request, said % {"count": count})
            return redirect(f"{sort.url('list')}?{choice.place_query}")
    context = {"sort": sort, "words": sort.words, "choice": choice, "ticked": ticked, "form": form}
    context["groups"] = [(title, list(rows)) for title, rows in groupby(running, key=str)]
    context["is_short"] = len(running) <= FEW
    return render(request, "entry_end.html", context | {"today": day, "is_empty": form.is_bound and not ticked})


def one_page(request: CadreRequest, sort: Sort, pk: int, *, with_more: Callable[[Any], Any]) -> HttpResponse:
    """One row with what can be done to it: correct, end, take back. `with_more` adds what another room knows of it."""
    day = today()
    row = get_object_or_404(with_more(sort.rows(request.user, day)), pk=pk)
    leave = {act.name: (can_remove if act.is_removal else can_change)(request.user, row, day) for act in sort.acts}
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and not leave.get(asked):
        raise PermissionDenied
    forms = {}
    for act in sort.acts:
        form = act.form(request.POST if act.name == asked else None, row=row, cadre=request.user, on=day)
        if act.name == asked and form.is_valid() and _done(request, sort, act, row, form, day):
            return redirect(sort.url("list") if act.is_removal else sort.url("", pk))
        forms[act.name] = form
    context = {"today": day, "row": row, "forms": forms, "may": leave, "asked": asked}
    return render(request, sort.template, context)


def _done(request: CadreRequest, sort: Sort, act: Act, row: Any, form: Any, day: date) -> bool:
    """Ask the verb; its refusal stands in the form."""
    try:
        act.verb(sort, copy.copy(row), form, actor=request.user, on=day)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    messages.success(request, act.done)
    return True
