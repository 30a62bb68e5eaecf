"""Change one or two fields of many records at once: choose, look at what would become of each, confirm.

Every record goes through its own verb, on trial for the preview and in one transaction when it is confirmed.
What a verb refuses stays as it is and is named.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.forms.widgets import Media
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from villages import audit
from villages.office import refusals, trail
from villages.office.desk import Desk, desk_of
from villages.personal_numbers import no_personal_number

if TYPE_CHECKING:
    from villages.office.base import OfficeAdmin

MOST_ROWS = 500  # a whole village; more at once could not be looked through
MOST_FIELDS = 2
CHANGES, SAME, REFUSED = "changes", "same", "refused"


class ChooseForm(forms.Form):
    """Which fields to set, and to what. `offered` are the fields of the record's own form."""

    chosen = forms.MultipleChoiceField(label=gettext_lazy("Fields to change"), required=False)

    def __init__(self, data: Any, offered: dict[str, forms.Field]) -> None:
        super().__init__(data)
        self.offered = offered
        self.required = {name for name, offer in offered.items() if offer.required}
        for name, offer in offered.items():
            offer.required = False
            self.fields[name] = offer
        self.fields["chosen"].choices = [(name, offer.label) for name, offer in offered.items()]  # type: ignore[attr-defined]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """One line a field: name, whether it is chosen, and the field itself."""
        ticked = self["chosen"].value() or []
        return [{"name": name, "is_chosen": name in ticked, "field": self[name]} for name in self.offered]

    def clean(self) -> dict[str, Any]:
        """Refuse none, too many, and an empty value where there must be one."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = values.get("chosen", [])
        if not 1 <= len(chosen) <= MOST_FIELDS:
            self.add_error(None, _("Tick one or two fields to change."))
        for name in chosen:
            if name in self.required and values.get(name) in (None, ""):
                self.add_error(name, _("This field cannot be emptied. Choose a value."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """Field: its new value, for the chosen ones."""
        return {name: self.cleaned_data[name] for name in self.cleaned_data["chosen"]}


class ConfirmForm(forms.Form):
    """One reason for all."""

    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=200,
        help_text=gettext_lazy("Kept in the history of every record beside the values before and after."),
        validators=[no_personal_number],
        widget=AdminTextInputWidget,
    )


@dataclass(slots=True)
class Line:
    """What becomes, or became, of one record."""

    pk: Any
    label: str
    address: str
    seen: str
    state: str = SAME
    values: list[trail.Line] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def bulk_view(page: "OfficeAdmin", request: HttpRequest) -> HttpResponse:
    """Choose the fields, look at the preview, confirm; each step is a POST from the page before."""
    if not page.bulk or not desk_of(request).is_staffed:
        raise PermissionDenied
    back = HttpResponseRedirect(_list_address(page, request))
    keys = _chosen_keys(page, request) if request.method == "POST" else []
    rows = list(page.get_queryset(request).filter(pk__in=keys)) if 0 < len(keys) <= MOST_ROWS else []
    if not rows:
        if request.method == "POST":
            messages.warning(request, _why_none(len(keys)))
        return back
    step = request.POST.get("step", "choose")
    choose = ChooseForm(request.POST if step != "choose" else None, _offered(page, request))
    if step == "choose" or not choose.is_valid():
        return _answer(page, request, choose, rows=rows, step="choose")
    confirm = ConfirmForm(request.POST if step == "confirm" else None)
    is_confirmed = step == "confirm" and confirm.is_valid()
    reason = confirm.cleaned_data["reason"] if is_confirmed else _("Preview")
    seen = _seen(request) if is_confirmed else None
    lines = change(page, desk_of(request), rows, choose.values, reason=reason, seen=seen)
    step = "done" if is_confirmed else "preview"
    return _answer(page, request, choose, rows=rows, step=step, lines=lines, confirm=confirm)


def change(
    page: "OfficeAdmin",
    desk: Desk,
    rows: Sequence[models.Model],
    values: dict[str, Any],
    *,
    reason: str,
    seen: dict[str, str] | None,
) -> list[Line]:
    """Hand each row to its verb in one transaction; without `seen` on trial, everything is undone.

    `seen` says what the preview showed of each row: what somebody has changed since then is refused.
    """
    lines = {row.pk: _line(page, row, values) for row in rows}
    with transaction.atomic():
        # Always in the same order, so that two clerks cannot wait for each other.
        for row in sorted(rows, key=lambda row: row.pk):
            _change_one(page, desk, row, values, reason, lines[row.pk], seen)
        if seen is None:
            transaction.set_rollback(True)
    return [lines[row.pk] for row in rows]


def _change_one(
    page: "OfficeAdmin",
    desk: Desk,
    row: Any,
    values: dict[str, Any],
    reason: str,
    line: Line,
    seen: dict[str, str] | None,
) -> None:
    if all(getattr(row, name) == value for name, value in values.items()):
        return
    line.state = REFUSED
    if seen is not None and seen.get(str(row.pk)) != line.seen:
        line.why = [_("Somebody has changed this meanwhile. Look at the record again before you go on.")]
        return
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic(), refusals.refusals():
            page.write(row, desk, None, reason)
        line.state = CHANGES
    except refusals.Refused as refused:
        line.why = list(refused.error.messages)
    except IntegrityError as error:
        line.why = list(refusals.of_database(error).messages)


def _line(page: "OfficeAdmin", row: Any, values: dict[str, Any]) -> Line:
    fields = {name: row._meta.get_field(name) for name in values}
    before = {name: audit.as_json(getattr(row, one.attname)) for name, one in fields.items()}
    told = [
        trail.Line(page.field_label(one), trail.in_words(getattr(row, name), one), trail.in_words(values[name], one))
        for name, one in fields.items()
    ]
    names = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
    digest = hashlib.sha256(json.dumps(before, sort_keys=True).encode()).hexdigest()[:12]
    return Line(row.pk, page.label(row), reverse(names, args=[row.pk]), digest, values=told)


def _chosen_keys(page: "OfficeAdmin", request: HttpRequest) -> list[str]:
    """Keys of the ticked rows, or of all rows that match the list's filters; those of the page before from then on."""
    if "keys" in request.POST:
        return [key for key in request.POST["keys"].split(",") if key][: MOST_ROWS + 1]
    if request.POST.get("select_across") == "1":
        # The list itself reads its address; whatever filter it shows is the filter here.
        matching = page.get_changelist_instance(request).get_queryset(request)
        return [str(key) for key in matching.values_list("pk", flat=True)[: MOST_ROWS + 1]]
    return request.POST.getlist(ACTION_CHECKBOX_NAME)


def _why_none(count: int) -> str:
    if count > MOST_ROWS:
        return _("At most %(most)s records are changed together. Narrow the list by a filter.") % {"most": MOST_ROWS}
    return _("Tick the records to change first.")


def _offered(page: "OfficeAdmin", request: HttpRequest) -> dict[str, forms.Field]:
    form = page.get_form(request, None, change=True, fields=list(page.bulk))
    offered = {name: form.base_fields[name] for name in page.bulk if name in form.base_fields}
    yes_no = [("", "—"), ("True", _("Yes")), ("False", _("No"))]
    for name, one in offered.items():
        if isinstance(one, forms.BooleanField) and not isinstance(one, forms.NullBooleanField):
            # A checkbox cannot say "leave it": yes and no are both chosen.
            offered[name] = forms.TypedChoiceField(label=one.label, choices=yes_no, coerce=lambda said: said == "True")
    return offered


def _seen(request: HttpRequest) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in request.POST.get("seen", "").split(","))
    return {key: digest for key, _colon, digest in pairs}


def _list_address(page: "OfficeAdmin", request: HttpRequest) -> str:
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    return f"{address}?{request.GET.urlencode()}" if request.GET else address


def _answer(
    page: "OfficeAdmin",
    request: HttpRequest,
    choose: ChooseForm,
    *,
    rows: Sequence[Any],
    step: str,
    lines: Sequence[Line] = (),
    confirm: ConfirmForm | None = None,
) -> HttpResponse:
    media: Media = page.media + choose.media
    counts = {state: sum(line.state == state for line in lines) for state in (CHANGES, SAME, REFUSED)}
    title = ngettext("Change %(count)s record together", "Change %(count)s records together", len(rows))
    context = {
        **page.admin_site.each_context(request),
        "title": title % {"count": len(rows)},
        "opts": page.opts,
        "media": media,
        "step": step,
        "choose": choose,
        "confirm": confirm,
        "labels": [page.label(row) for row in rows],
        "lines": sorted(lines, key=lambda line: line.state != REFUSED),
        "counts": counts,
        "keys": ",".join(str(row.pk) for row in rows),
        "seen": ",".join(f"{line.pk}:{line.seen}" for line in lines),
        "back": _list_address(page, request),
    }
    return TemplateResponse(request, "admin/bulk.html", context)
