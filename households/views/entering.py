"""Choose households, fill in one form, see what was entered, change it: the same for measures and benefit links."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from households.batches import OtherContent
from households.entering import can_enter_measure
from households.forms.changes import Removal
from households.forms.choosing import KINDS, Choice, choice_of, chosen, numbers
from households.forms.entries import EntryForm
from villages.calendar import today
from villages.models import Cadre
from villages.requests import CadreRequest


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to one row: its form, its verb, what is said afterwards, and whether it is gone then."""

    name: str
    form: Callable[..., Any]
    verb: Callable[[Any, Any, Cadre, date], Any]
    done: Any
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """What is entered: measures or links. `name` begins the names of its addresses.

    `template` shows one row, `receipt` what a form entered.
    """

    name: str
    template: str
    receipt: str
    rows: Callable[[Cadre, date], Any]
    form: type[EntryForm]
    enter: Callable[[Any, Cadre, date], list[Any]]
    can_change: Callable[[Cadre, Any, date], bool]
    can_remove: Callable[[Cadre, Any, date], bool]
    acts: tuple[Act, ...]
    words: dict[str, Any]
    alike: Callable[[list[Any]], Iterable[Any]]
    remove_batch: Callable[..., int]

    def url(self, page: str, *keys: Any) -> str:
        """The address of one of its pages."""
        return reverse(f"{self.name}_{page}" if page else self.name, args=keys)


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


def batch_page(request: CadreRequest, sort: Sort, pk: UUID) -> HttpResponse:
    """What one form entered, with a link to each row; posted with a reason, all of it is taken back."""
    day = today()
    rows = list(sort.rows(request.user, day).filter(batch=pk).order_by("household__group__number", "household__number"))
    if not rows:
        raise Http404
    may_remove = sort.can_remove(request.user, rows[0], day)
    if request.method == "POST" and not may_remove:
        raise PermissionDenied
    form = Removal(request.POST or None, row=None, cadre=request.user, on=day)
    if form.is_bound and form.is_valid():
        try:
            sort.remove_batch(pk, actor=request.user, on=day, reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Taken back. The values stay in the history."))
            return redirect(sort.url("list"))
    context = {
        "sort": sort,
        "today": day,
        "rows": rows,
        "batch_id": pk,
        "removal": form if may_remove and len(rows) > 1 else None,
        "asked": "remove" if form.is_bound else "",
        "alike": list(sort.alike(rows)),
        "sum": sum((getattr(row, "amount", None) or Decimal(0) for row in rows), Decimal(0)),
        "is_village": can_enter_measure(request.user, rows[0].household.village_id, day),
    }
    return render(request, sort.receipt, context)


def one_page(request: CadreRequest, sort: Sort, pk: int, *, with_more: Callable[[Any], Any]) -> HttpResponse:
    """One row with what can be done to it: correct, end, take back. `with_more` adds what another room knows of it."""
    day = today()
    row = get_object_or_404(with_more(sort.rows(request.user, day)), pk=pk)
    leave = {act.name: _may(sort, act, request.user, row, day) for act in sort.acts}
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and not leave.get(asked):
        raise PermissionDenied
    forms = {}
    for act in sort.acts:
        form = act.form(request.POST if act.name == asked else None, row=row, cadre=request.user, on=day)
        if act.name == asked and form.is_valid() and _done(request, act, row, form, day):
            return redirect(sort.url("list") if act.is_removal else sort.url("", pk))
        forms[act.name] = form
    context = {"today": day, "row": row, "forms": forms, "may": leave, "asked": asked}
    return render(request, sort.template, context)


def _may(sort: Sort, act: Act, cadre: Cadre, row: Any, day: date) -> bool:
    return sort.can_remove(cadre, row, day) if act.is_removal else sort.can_change(cadre, row, day)


def _done(request: CadreRequest, act: Act, row: Any, form: Any, day: date) -> bool:
    """Ask the verb; its refusal stands in the form."""
    try:
        act.verb(copy.copy(row), form, request.user, day)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    messages.success(request, act.done)
    return True
