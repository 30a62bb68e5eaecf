"""A bulletin to be made by hand, the words of a draft, and why one is withdrawn."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.bulletins import WRITTEN, covers
from casework.forms.look import PlainForm, day_field
from casework.models import Bulletin, Round
from casework.models.rounds import RoundState
from villages import reach
from villages.models import Cadre, District, Town

MOST_OFFERED = 60  # rounds, the latest
TOWN_DIGITS = 9


def places_of_office(cadre: Cadre, on: date) -> list[District | Town]:
    """The districts and towns for which the cadre may make a bulletin, the larger first."""
    codes = reach.office_places(cadre, on)
    inside = Q(pk=None)
    for code in codes:
        inside |= Q(pk__startswith=code)
    districts = list(District.objects.filter(inside))
    return [*districts, *Town.objects.filter(inside, is_active=True).select_related("district")]


class BulletinForm(PlainForm, forms.Form):
    """Which place, which rounds, from when to when."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    place = forms.ChoiceField(label=_("Place"))
    starts_on = day_field(_("Period from"), help_text=_("What was visited and found since then is told apart."))
    cut_off_on = day_field(_("Cut-off day"))
    rounds = forms.MultipleChoiceField(label=_("Rounds"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, cadre: Cadre, on: date, places: list[District | Town]) -> None:
        super().__init__(data, initial={"starts_on": on.replace(day=1), "cut_off_on": on})
        self._places = {place.pk: place for place in places}
        visible = (
            Round.objects.visible_to(cadre, on).exclude(state=RoundState.OPENING).select_related("town", "district")
        )
        self._rounds = {str(round.pk): round for round in visible.order_by("-starts_on", "-pk")[:MOST_OFFERED]}
        fields: Any = self.fields
        fields["place"].choices = [(code, place.name) for code, place in self._places.items()]
        fields["rounds"].choices = [(pk, _label(round)) for pk, round in self._rounds.items()]
        fields["cut_off_on"].widget.attrs["max"] = on.isoformat()

    def clean(self) -> dict[str, Any]:
        """The place and the rounds themselves; all rounds must lie in the place, or around it."""
        cleaned = super().clean() or {}
        place, chosen = cleaned.get("place"), cleaned.get("rounds") or []
        if place and (wrong := [self._rounds[pk].name for pk in chosen if not covers(self._rounds[pk], place)]):
            self.add_error("rounds", _("Not rounds of this place: %(rounds)s") % {"rounds": gettext(", ").join(wrong)})
        return cleaned

    def asked(self) -> dict[str, Any]:
        """The arguments of ask_for_bulletin(). Needs a valid form."""
        days = {name: self.cleaned_data[name] for name in ("starts_on", "cut_off_on")}
        return {
            "key": self.cleaned_data["request_key"],
            "place": self._places[self.cleaned_data["place"]],
            "rounds": [self._rounds[pk] for pk in self.cleaned_data["rounds"]],
            **days,
        }

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Every value typed, to send it again unchanged from the preview."""
        typed: Any = self.data
        return [(name, value) for name in self.fields for value in typed.getlist(name)]


def _label(round: Round) -> str:
    days = "–".join(date_format(day, "SHORT_DATE_FORMAT") for day in (round.starts_on, round.due_on))
    return f"{round.name} · {round.town or round.district} · {days}"


class WordsForm(PlainForm, forms.ModelForm):
    """What people write in a draft: its text and the signing block. The figures are none of it."""

    dated_on = day_field(_("Date"), required=False)

    class Meta:
        model = Bulletin
        fields = WRITTEN
        widgets = {"text": forms.Textarea(attrs={"rows": 14})}


class WithdrawForm(PlainForm, forms.Form):
    """Why a bulletin is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
