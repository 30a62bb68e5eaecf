"""An act on one record that is more than editing it: a small page with a form, and a verb behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from villages.office import refusals
from villages.office.desk import Desk, desk_of

if TYPE_CHECKING:
    from villages.office.base import OfficeAdmin


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `name` in the address, `label` on the buttons, `explanation` above the form.

    `form` is called with the record and the posted data, or None; `verb` with the record, the desk and the
    cleaned values. The verb returns the record to show next, or None for the list.
    """

    name: str
    label: Any
    explanation: Any
    form: Callable[[Any, Any], forms.BaseForm]
    verb: Callable[[Any, Desk, dict[str, Any]], Any]
    done: Any


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Kept in the history beside the values that were removed."),
        widget=AdminTextInputWidget,
    )


def taken_back(*, label: Any, explanation: Any, done: Any, verb: Callable[..., Any], row: str) -> Act:
    """Taking back what was entered by mistake: the act asks why. `row` is what the verb calls the record."""

    def take_back(record: Any, desk: Desk, values: dict[str, Any]) -> None:
        verb(**{row: record}, actor=desk.cadre, on=desk.on, reason=values["reason"])

    return Act("delete", label, explanation, lambda _record, data: ReasonForm(data), take_back, done)


def act_page(page: "OfficeAdmin", request: HttpRequest, row: Any, act: Act) -> HttpResponse:
    """Show the act's form; on a valid post run its verb and go on, otherwise keep what was typed."""
    if not page.has_change_permission(request, row):
        raise PermissionDenied
    form = act.form(row, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        done, result = run_act(form, row, desk_of(request), act)
        if done:
            messages.success(request, act.done)
            return HttpResponseRedirect(_address(page, request, result))
    return TemplateResponse(request, "admin/act.html", _context(page, request, row, act, form))


def run_act(form: Any, row: Any, desk: Desk, act: Act) -> tuple[bool, Any]:
    """Whether the verb did it, and what it returned; what it refused stands in the form."""
    try:
        with transaction.atomic(), refusals.refusals():
            return True, act.verb(row, desk, form.cleaned_data)
    except refusals.Refused as refused:
        refusals.show(form, refused.error)
    except IntegrityError as error:
        refusals.show(form, refusals.of_database(error))
    return False, None


def _address(page: "OfficeAdmin", request: HttpRequest, result: Any) -> str:
    """The record or the list to show next, with the filters of the list the clerk came from."""
    names = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    address = reverse(f"{names}_change", args=[result.pk]) if result else reverse(f"{names}_changelist")
    kept: Any = {"preserved_filters": page.get_preserved_filters(request), "opts": page.opts}
    return add_preserved_filters(kept, address)


def _context(page: "OfficeAdmin", request: HttpRequest, row: Any, act: Act, form: Any) -> dict[str, Any]:
    adminform = helpers.AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=page)
    return {
        **page.admin_site.each_context(request),
        "title": act.label,
        "preserved_filters": page.get_preserved_filters(request),
        "subtitle": page.label(row),
        "act": act,
        "adminform": adminform,
        "errors": form.errors,
        "media": page.media + adminform.media,
        "opts": page.opts,
        "original": row,
    }
