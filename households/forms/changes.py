"""Change what was entered: correct it, let it end, take it back, record a year."""

import copy
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from households.forms.amounts import YuanField
from households.forms.entries import offer_persons
from households.links import YearGiven
from households.models import BenefitLink, BenefitYear, Measure
from villages.look import PlainForm, day_field
from villages.models import Cadre


def reason_field() -> forms.CharField:
    """Why something is changed."""
    return forms.CharField(label=_("Why?"), max_length=200, help_text=_("A few words, kept in the history."))


class MeasureCorrection(PlainForm, forms.ModelForm):
    """Everything a measure says, and why it is corrected."""

    amount = YuanField(_("Amount (yuan)"))
    starts_on = day_field(_("From"))
    ends_on = day_field(_("To"), required=False, help_text=_("Empty while it lasts."))
    reason = reason_field()

    class Meta:
        model = Measure
        fields = [*("kind", "content", "amount", "person", "starts_on", "ends_on"), *("provider", "project", "result")]

    def __init__(self, data: Any = None, *, row: Measure, cadre: Cadre, on: date) -> None:
        super().__init__(data, instance=copy.copy(row), prefix="correct")
        offer_persons(self.fields["person"], row.household, cadre, on, named=row.person_id)


class LinkCorrection(PlainForm, forms.ModelForm):
    """Everything a link says, and why it is corrected."""

    starts_on = day_field(_("From"))
    ends_on = day_field(_("To"), required=False, help_text=_("Empty while it lasts."))
    reason = reason_field()

    class Meta:
        model = BenefitLink
        fields = ["operator", "form", "starts_on", "ends_on"]

    def __init__(self, data: Any = None, *, row: BenefitLink, cadre: Cadre, on: date) -> None:
        super().__init__(data, instance=copy.copy(row), prefix="correct")


class EndLink(PlainForm, forms.Form):
    """The last day."""

    ends_on = day_field(_("Last day"))

    def __init__(self, data: Any = None, *, row: Any, cadre: Cadre, on: date) -> None:
        super().__init__(data, prefix="end", initial={"ends_on": on})


class EndMeasure(EndLink):
    """The last day, and what came of it."""

    result = forms.CharField(label=_("Result, in a few words"), max_length=200, required=False)


class Removal(PlainForm, forms.Form):
    """Why it should not have been entered."""

    reason = reason_field()

    def __init__(self, data: Any = None, *, row: Any, cadre: Cadre, on: date) -> None:
        super().__init__(data, prefix="remove")


class YearLine(NamedTuple):
    """A link in the form of a year, with its two fields."""

    link: BenefitLink
    promised: Any
    received: Any


class YearsForm(PlainForm, forms.Form):
    """What one year promised and brought, link by link; amounts above hold for every empty line below."""

    promised = YuanField(_("Promised, the same for all empty lines (yuan)"))
    received = YuanField(_("Received, the same for all empty lines (yuan)"))

    def __init__(self, data: Any = None, *, links: Sequence[BenefitLink], year: int) -> None:
        self.links, self.year = links, year
        super().__init__(data)
        stored = {row.link_id: row for row in BenefitYear.objects.filter(link__in=links, year=year)}
        for link in links:
            self._add("promised", link, _("Promised to %(name)s"), stored.get(link.pk))
            self._add("received", link, _("Received by %(name)s"), stored.get(link.pk))

    def _add(self, what: str, link: BenefitLink, label: Any, stored: BenefitYear | None) -> None:
        field = YuanField(label % {"name": link.household.head_name})
        field.widget.attrs |= {"class": "form-control", "aria-label": field.label}
        self.fields[f"{what}_{link.pk}"] = field
        self.initial[f"{what}_{link.pk}"] = getattr(stored, what) if stored else None

    @property
    def lines(self) -> list[YearLine]:
        """One line a link."""
        return [YearLine(link, self[f"promised_{link.pk}"], self[f"received_{link.pk}"]) for link in self.links]

    def years(self) -> dict[int, YearGiven]:
        """What the year brought, by link. Needs a valid form."""
        return {link.pk: YearGiven(year=self.year, **self._given(link)) for link in self.links}

    def _given(self, link: BenefitLink) -> dict[str, Any]:
        values = self.cleaned_data
        found = {what: values[f"{what}_{link.pk}"] for what in ("promised", "received")}
        return {what: values[what] if amount is None else amount for what, amount in found.items()}
