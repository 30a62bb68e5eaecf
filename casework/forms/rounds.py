"""The rule of a round, filled in from its template, for a place of the supervisor's own."""

import calendar
import uuid
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.forms.look import PlainForm, day_field
from casework.models import Contact, Outcome, Repetition, Round, RoundTemplate
from casework.models.rounds import VISITING_POSTS
from villages import reach
from villages.models import Cadre, District, Town

MONTHS = {Repetition.MONTHLY: 1, Repetition.QUARTERLY: 3, Repetition.YEARLY: 12}
TOWN_DIGITS = 9
EACH, ANY = "each", "any"


def places_to_open(cadre: Cadre, on: date) -> list[tuple[str, str]]:
    """Codes and names of the district and towns for which the cadre may open a round, the larger first."""
    own = reach.own_postings(cadre, on).filter(post__in=reach.SUPERVISORS).values_list("place_code", flat=True)
    codes = list(District.objects.values_list("pk", flat=True)) if cadre.is_superuser else list(own)
    districts = list(District.objects.filter(pk__in=codes))
    towns = Town.objects.filter(Q(pk__in=codes) | Q(district__in=districts), is_active=True).select_related("district")
    return [*((district.pk, district.name) for district in districts), *((town.pk, town.name) for town in towns)]


def current_period(repetition: str, on: date) -> tuple[date, date]:
    """First and last day of the month, quarter or year the day lies in; a round held once gets the month."""
    months = MONTHS.get(Repetition(repetition), 1)
    first_month = (on.month - 1) // months * months + 1
    last_month = first_month + months - 1
    last_day = calendar.monthrange(on.year, last_month)[1]
    return date(on.year, first_month, 1), date(on.year, last_month, last_day)


class RoundForm(PlainForm, forms.ModelForm):
    """A round about to be opened."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    template = forms.ModelChoiceField(RoundTemplate.objects.all(), required=False, widget=forms.HiddenInput)
    place = forms.ChoiceField(label=_("Where"))
    posts = forms.MultipleChoiceField(
        label=_("Who visits"),
        choices=[(post.value, post.label) for post in VISITING_POSTS],
        widget=forms.CheckboxSelectMultiple,
    )
    is_any_post = forms.TypedChoiceField(
        label=_("When several posts are chosen"),
        choices=[(EACH, _("each of them must go")), (ANY, _("any one of them suffices"))],
        coerce=ANY.__eq__,
        initial=EACH,
        widget=forms.RadioSelect,
    )
    starts_on = day_field(_("From"))
    due_on = day_field(_("Due on"))
    contacts = forms.MultipleChoiceField(
        label=_("Contacts that count"), choices=Contact, widget=forms.CheckboxSelectMultiple
    )
    outcomes = forms.MultipleChoiceField(
        label=_("Outcomes that count"), choices=Outcome, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Round
        fields = [
            "name",
            "place",
            "posts",
            "is_any_post",
            "target_kind",
            "repetition",
            "starts_on",
            "due_on",
            "contacts",
            "outcomes",
            "counts_away_by_phone",
            "grace_days",
            "remind_days_before",
        ]

    def __init__(
        self, data: Any = None, *, places: list[tuple[str, str]], on: date, template: RoundTemplate | None = None
    ) -> None:
        super().__init__(data, instance=Round(opened_on=on), initial=self._initial(template, on))
        place: Any = self.fields["place"]
        place.choices = places

    @staticmethod
    def _initial(template: RoundTemplate | None, on: date) -> dict[str, Any]:
        if template is None:
            return {}
        starts_on, due_on = current_period(template.repetition, on)
        rule = template.rule_fields()
        rule["is_any_post"] = ANY if template.is_any_post else EACH
        return rule | {"template": template.pk, "starts_on": starts_on, "due_on": due_on}

    def round(self) -> Round:
        """The unsaved round. Needs a valid form."""
        round: Round = self.instance
        code = self.cleaned_data["place"]
        round.district_id, round.town_id = code[:6], code if len(code) == TOWN_DIGITS else None
        round.request_key, round.template = self.cleaned_data["request_key"], self.cleaned_data["template"]
        return round

    @property
    def place_label(self) -> str:
        """Name of the chosen place."""
        place: Any = self.fields["place"]
        return dict(place.choices)[self.cleaned_data["place"]]

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Every value typed, to send it again unchanged from the preview."""
        typed: Any = self.data
        return [(name, value) for name in self.fields for value in typed.getlist(name)]
