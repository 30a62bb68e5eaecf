"""How a list to act on is asked for: the place, the day, how far back, the round."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from casework.forms.look import PlainForm, day_field
from casework.lists.base import ActList, Asked
from casework.models import Round
from villages.models import Cadre
from villages.prepared import Prepared

MOST_DAYS = 3660


class ListFilter(PlainForm, forms.Form):
    """Nothing is required; what makes no sense counts as not asked."""

    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False, widget=forms.HiddenInput)
    on = day_field(_("State of affairs on"), required=False)
    days = forms.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)
    round = forms.ChoiceField(label=_("Round"), required=False)

    def __init__(self, data: Any, *, act_list: ActList, cadre: Cadre, today: date) -> None:
        super().__init__(data)
        self.act_list, self.cadre, self.today = act_list, cadre, today
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        if act_list.days:
            self.fields["days"].label = act_list.days_label
        else:
            del self.fields["days"]
        if act_list.takes_round:
            rounds = _ROUNDS.rows(cadre_id=cadre.pk, is_superuser=cadre.is_superuser, day=today)
            choices = [("", _("independent of rounds")), *rounds]
            self.fields["round"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["round"]

    def asked(self, place: str = "") -> Asked:
        """The question, at the place where the reader stands."""
        self.is_valid()
        found = self.cleaned_data
        days = found.get("days")
        return Asked(
            cadre=self.cadre,
            seen_on=self.today,
            on=min(found.get("on") or self.today, self.today),
            place=place or found.get("place", ""),
            days=self.act_list.days_by_default if days is None else days,
            round=self._round,
        )

    @cached_property
    def _round(self) -> Round | None:
        """The round that was chosen among those offered."""
        chosen = self.cleaned_data.get("round")
        return Round.objects.visible_to(self.cadre, self.today).get(pk=chosen) if chosen else None

    def address(self, asked: Asked, **changes: Any) -> str:
        """The query of an address that asks the same, with these parts changed."""
        parts = {
            "place": asked.place,
            "on": asked.on.isoformat() if asked.on != self.today else "",
            "days": asked.days if self.act_list.days and asked.days != self.act_list.days_by_default else "",
            "round": asked.round.pk if asked.round else "",
        }
        return urlencode({name: value for name, value in (parts | changes).items() if value != ""})


def _rounds(cadre_id: int, day: date, *, is_superuser: bool) -> Any:
    """The rounds in sight that have begun, by key and name."""
    seen = Round.objects.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), day)
    return seen.filter(starts_on__lte=day).order_by("-starts_on", "-pk").values_list("pk", "name")


_ROUNDS = Prepared(_rounds)
