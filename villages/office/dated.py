"""The base of admin pages for dated facts: whether one holds today, and the taking back of mistakes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.db.models import Case, CharField, ForeignKey, Model, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from villages.models import Cadre
from villages.office.acts import Act
from villages.office.base import OfficeAdmin
from villages.office.desk import Desk, desk_of

PERIODS = {"now": _("in force"), "later": _("not yet begun"), "ended": _("ended")}


class DatedAdmin(OfficeAdmin):
    """A fact with a first and a last day; its list says whether it holds today."""

    def with_columns(self, rows: Any, desk: Desk) -> Any:
        """Add the part of its life each fact is in today."""
        whens = [When(starts_on__gt=desk.on, then=Value("later")), When(ends_on__lt=desk.on, then=Value("ended"))]
        return rows.annotate(period_now=Case(*whens, default=Value("now"), output_field=CharField()))

    @admin.display(description=_("period"), ordering="period_now")
    def period(self, fact: Any) -> Any:
        """In force, not yet begun, or ended."""
        return PERIODS[fact.period_now]


class PeriodFilter(admin.SimpleListFilter):
    """Whether a dated fact holds today."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """In force, not yet, over."""
        return list(PERIODS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows in that part of their life."""
        on = desk_of(request).on
        later, ended = Q(starts_on__gt=on), Q(ends_on__lt=on)
        parts = {"now": ~later & ~ended, "later": later, "ended": ended}
        return queryset.filter(parts.get(self.value() or "", Q()))


def cadre_field(label: Any, of: ForeignKey) -> forms.ModelChoiceField:
    """Any cadre of the district, found by typing."""
    field = forms.ModelChoiceField(
        label=label, queryset=Cadre.objects.select_related("unit"), widget=AutocompleteSelect(of, admin.site)
    )
    field.label_from_instance = cadre_label  # type: ignore[method-assign]
    return field


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day, with the panel's calendar."""
    return forms.DateField(label=label, widget=AdminDateWidget, help_text=help_text)


class HandOverForm(forms.Form):
    """Who comes next, and from when."""

    def __init__(self, data: Any, who: Any, ends: Any, of: Any) -> None:
        super().__init__(data)
        self.fields["cadre"] = cadre_field(who, of._meta.get_field("cadre"))
        self.fields["starts_on"] = day_field(_("First day"), ends)


def hand_over(
    *, label: Any, explanation: Any, done: Any, verb: Callable[..., Any], row: str, of: type[Model], who: Any, ends: Any
) -> Act:
    """One cadre follows another in one step. `row` is what the verb calls the record, `who` and `ends` what the
    form says of the one who comes and of the one who goes.
    """

    def replace(record: Any, desk: Desk, values: dict[str, Any]) -> Any:
        return verb(**{row: record}, actor=desk.cadre, on=desk.on, **values)

    return Act("replace", label, explanation, lambda _record, data: HandOverForm(data, who, ends, of), replace, done)


def cadre_label(cadre: Cadre) -> str:
    """Cadres of one name differ by account and unit."""
    parts = [cadre.name, cadre.username, cadre.unit.name if cadre.unit else ""]
    return " · ".join(part for part in parts if part)
