"""One form for many households: what is said once, and amounts where they differ."""

import hashlib
import uuid
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from households.forms.amounts import YuanField
from households.forms.choosing import numbers
from households.links import YearGiven
from households.models import BenefitLink, Household, Measure, Person
from households.models.persons import ADULT_AGE
from households.sensitive import worked_with
from villages.look import PlainForm, day_field
from villages.models import Cadre


class Line(NamedTuple):
    """A household in the form: whether it is ticked, and the field for an amount of its own."""

    household: Household
    is_ticked: bool
    own_amount: Any


class Total(NamedTuple):
    """What the form comes to as it stands: ticked households, yuan in all, how many are without an amount."""

    households: int
    amount: Decimal
    without: int


class EntryForm(PlainForm, forms.ModelForm):
    """The base: an id made when the form opens, the households offered, and an amount for each.

    `shared_amount` names the field that holds for every household without an amount of its own.
    """

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    shared_amount = ""
    main: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    def __init__(
        self, data: Any = None, *, households: list[Household], cadre: Cadre, on: date, **options: Any
    ) -> None:
        self.households, self.cadre, self.on = households, cadre, on
        super().__init__(data, **options)
        self.initial["starts_on"] = self.instance.starts_on or on
        self.ticked = {household.pk for household in households}
        if self.is_bound:
            self.ticked &= numbers(data.getlist("household"))
        for household in households:
            field = YuanField(_("Amount for %(name)s") % {"name": household.head_name})
            field.widget.attrs |= {"class": "form-control", "data-own": "", "aria-label": field.label}
            self.fields[self.own(household)] = field

    @staticmethod
    def own(household: Household) -> str:
        """Name of the field for the household's own amount."""
        return f"own_{household.pk}"

    def clean(self) -> dict[str, Any]:
        """At least one household must be ticked."""
        cleaned = super().clean() or self.cleaned_data
        if not self.ticked:
            raise ValidationError(_("Tick at least one household."))
        return cleaned

    @property
    def offered(self) -> str:
        """The households as one text, so that an unticked one can be ticked again."""
        return ",".join(str(household.pk) for household in self.households)

    @property
    def draft_key(self) -> str:
        """A name for what is typed for these households, on the phone."""
        return f"{self._meta.model.__name__}:{hashlib.sha256(self.offered.encode()).hexdigest()[:12]}"

    @property
    def lines(self) -> list[Line]:
        """One line a household."""
        return [Line(home, home.pk in self.ticked, self[self.own(home)]) for home in self.households]

    @property
    def main_fields(self) -> list[Any]:
        """What has to be filled in."""
        return [self[name] for name in self.main if name in self.fields]

    @property
    def more_fields(self) -> list[Any]:
        """What may be filled in."""
        return [self[name] for name in self.more if name in self.fields]

    @property
    def has_more(self) -> bool:
        """Whether one of the optional fields is filled in or refused."""
        return any(field.errors or field.value() != field.initial for field in self.more_fields)

    @property
    def has_own_amounts(self) -> bool:
        """Whether the list of households needs to be seen: an amount, a refusal, or a tick taken away."""
        fields = [line.own_amount for line in self.lines]
        return len(self.ticked) < len(self.households) or any(field.errors or field.value() for field in fields)

    def amounts(self) -> dict[int, Decimal]:
        """The amounts that differ, by ticked household. Needs a form that was asked whether it is valid."""
        given = {home.pk: self.cleaned_data.get(self.own(home)) for home in self.households}
        return {pk: amount for pk, amount in given.items() if amount is not None and pk in self.ticked}

    def total(self) -> Total:
        """What the form comes to as it stands, valid or not."""
        if not self.is_bound:
            return Total(len(self.ticked), Decimal(0), len(self.ticked))
        self.is_valid()
        own, shared = self.amounts(), self.cleaned_data.get(self.shared_amount)
        known = [amount for pk in self.ticked if (amount := own.get(pk, shared)) is not None]
        return Total(len(self.ticked), sum(known, Decimal(0)), len(self.ticked) - len(known))

    def as_another(self) -> Any:
        """What was typed, under a fresh id: to save it as a form of its own."""
        typed: Any = self.data
        data = typed.copy()
        data["id"] = str(uuid.uuid4())
        return data


class MeasureForm(EntryForm):
    """A measure for the households chosen; for one household it may name a person."""

    amount = YuanField(_("Amount for each household (yuan)"))
    starts_on = day_field(_("From"))
    ends_on = day_field(_("To"), required=False, help_text=_("Empty while it lasts."))
    shared_amount = "amount"
    main = ("kind", "content", "amount", "person", "starts_on")
    more = ("ends_on", "provider", "project")

    class Meta:
        model = Measure
        fields = ["kind", "content", "amount", "person", "starts_on", "ends_on", "provider", "project"]

    def __init__(self, data: Any = None, *, households: list[Household], cadre: Cadre, on: date) -> None:
        only = households[0] if len(households) == 1 else None
        super().__init__(data, households=households, cadre=cadre, on=on, instance=Measure(household=only))
        if only is None:
            del self.fields["person"]
        else:
            offer_persons(self.fields["person"], only, cadre, on)


class LinkForm(EntryForm):
    """A benefit link for the households chosen, with what it promises, or has brought, in one year."""

    starts_on = day_field(_("From"))
    ends_on = day_field(_("To"), required=False, help_text=_("Empty while it lasts."))
    promised = YuanField(_("Promised to each household in the year (yuan)"))
    received = YuanField(_("Received by each household in the year (yuan)"))
    year = forms.IntegerField(label=_("Year of these amounts"), min_value=2000, max_value=2100)
    shared_amount = "promised"
    main = ("operator", "form", "promised", "starts_on")
    more = ("ends_on", "year", "received")

    class Meta:
        model = BenefitLink
        fields = ["operator", "form", "starts_on", "ends_on"]

    def __init__(self, data: Any = None, *, households: list[Household], cadre: Cadre, on: date) -> None:
        super().__init__(data, households=households, cadre=cadre, on=on, instance=BenefitLink())
        self.initial.setdefault("year", on.year)

    def years(self) -> dict[int, YearGiven]:
        """What the year brings to each ticked household. Needs a valid form."""
        values, own = self.cleaned_data, self.amounts()
        return {
            pk: YearGiven(year=values["year"], promised=own.get(pk, values["promised"]), received=values["received"])
            for pk in self.ticked
        }


def offer_persons(field: Any, household: Household, cadre: Cadre, on: date, *, named: int | None = None) -> None:
    """Let the field name one of the household's persons of that day, or nobody.

    Children are offered to who works with the family; to others only the one that is `named` already.
    """
    persons = Person.objects.visible_to(cadre, on).filter(household=household)
    field.queryset = persons.registered(on).filter(
        Q(born_on__lte=on - relativedelta(years=ADULT_AGE))
        | Q(pk=named)
        | Q(Exists(worked_with(cadre, on).filter(pk=OuterRef("household_id"))))
    )
    field.empty_label = str(_("the whole household"))
    field.label = _("For whom")
