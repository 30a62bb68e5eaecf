"""Which measures or benefit links a list shows."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from households.models import LinkForm, MeasureKind
from villages.look import PlainForm
from villages.models import Cadre, District, Town, Village

RUNNING, ENDED = "running", "ended"
YEARS = 6
MODELS: dict[int, Any] = {6: District, 9: Town, 12: Village}


class EntriesQuery(PlainForm, forms.Form):
    """The place, the state and the year, as an address names them; nothing is required."""

    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), (RUNNING, _("running")), (ENDED, _("ended"))], required=False
    )
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False, empty_value=None)

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data)
        self.on = on
        field: Any = self.fields["year"]
        field.choices = [("", _("all")), *((year, str(year)) for year in range(on.year, on.year - YEARS, -1))]

    def asked(self) -> dict[str, Any]:
        """The answers; what makes no sense counts as not asked."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the place is asked for."""
        return any(value for name, value in self.asked().items() if name != "place")

    def address(self) -> str:
        """The query of the address, for the links to other pages of the list."""
        return urlencode({name: value for name, value in self.asked().items() if value})

    def narrow(self, rows: Any) -> Any:
        """The rows of the place, the state and the year asked for."""
        asked = self.asked()
        rows = rows.within(asked["place"]) if asked["place"] else rows
        rows = rows.in_year(asked["year"]) if asked["year"] else rows
        if asked["state"] == RUNNING:
            return rows.in_force(self.on)
        return rows.filter(ends_on__lt=self.on) if asked["state"] == ENDED else rows


class MeasuresQuery(EntriesQuery):
    """Measures, also by kind."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all")), *MeasureKind.choices], required=False)
    field_order: tuple[str, ...] = ("place", "kind", "year", "state")

    def narrow(self, rows: Any) -> Any:
        """The rows asked for."""
        kind = self.asked()["kind"]
        return super().narrow(rows).filter(kind=kind) if kind else super().narrow(rows)


class LinksQuery(EntriesQuery):
    """Benefit links, also by form."""

    form = forms.ChoiceField(label=_("Form"), choices=[("", _("all")), *LinkForm.choices], required=False)
    field_order: tuple[str, ...] = ("place", "form", "year", "state")

    def narrow(self, rows: Any) -> Any:
        """The rows asked for."""
        form = self.asked()["form"]
        return super().narrow(rows).filter(form=form) if form else super().narrow(rows)


def place_of(code: str, cadre: Cadre, on: date) -> Any:
    """The district, town or village of the code when the cadre sees it; nothing for no code. Raises Http404."""
    if not code:
        return None
    if len(code) not in MODELS:
        raise Http404
    return get_object_or_404(MODELS[len(code)].objects.visible_to(cadre, on), pk=code)
