"""Which figures are asked for: the day, the place, the way of grouping, and the number to open."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, NO_UNIT
from casework.forms.look import PlainForm, day_field
from casework.models import State
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import seat_label
from casework.splits import BY_CLASS, BY_GROUP, GROUPS, KINDS
from villages.models import PartnerUnit

# A post, or "any:" and the posts of which any one suffices.
_POST = "|".join(VISITING_POSTS)
SEAT = rf"^(?:(?:{_POST})|any:(?:{_POST})(?:\+(?:{_POST}))+)\Z"
WAYS = [
    (BY_PLACE, _("by place")),
    (BY_VILLAGE, _("by village")),
    (BY_POST, _("by post")),
    (BY_UNIT, _("by partner unit")),
]
# Only where households are visited.
HOUSEHOLD_WAYS = [(BY_CLASS, _("by kind of household")), (BY_GROUP, _("by priority group"))]
SORT = r"^-?[a-z][a-z0-9_]{0,30}\Z"


class CoverageQuery(PlainForm, forms.Form):
    """A coverage table as an address names it; nothing is required."""

    on = day_field(_("State of affairs on"), required=False)
    by = forms.ChoiceField(choices=WAYS + HOUSEHOLD_WAYS, required=False, widget=forms.HiddenInput)
    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False, widget=forms.HiddenInput)
    sort = forms.RegexField(SORT, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_on(self) -> date:
        """Today when no day is asked for; the future cannot be known."""
        return min(self.cleaned_data["on"] or self.today, self.today)

    def asked(self) -> dict[str, Any]:
        """The valid answers; what makes no sense counts as not asked."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields} | {
            "on": self.cleaned_data.get("on", self.today)
        }

    def address(self, **changes: Any) -> str:
        """The query of an address with these parts changed; parts that say nothing are left out."""
        asked = self.asked() | changes
        if asked["on"] == self.today:
            asked["on"] = ""
        return urlencode({name: value for name, value in asked.items() if value})


class ListQuery(CoverageQuery):
    """A named list as an address names it."""

    post = forms.RegexField(SEAT, required=False, widget=forms.HiddenInput)
    unit = forms.RegexField(rf"^(\d{{1,12}}|{NO_UNIT})\Z", required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(choices=State, required=False, widget=forms.HiddenInput)
    by_phone = forms.BooleanField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False, widget=forms.HiddenInput)
    group = forms.ChoiceField(choices=list(GROUPS.items()), required=False, widget=forms.HiddenInput)
    owed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def column(self) -> str:
        """The column whose number is opened."""
        asked = self.asked()
        if asked["owed"]:
            return "owed"
        return "by_phone" if asked["by_phone"] else asked["state"] or "total"

    def narrowed_to(self) -> list[str]:
        """Post, unit, class and group the list is narrowed to, as people call them."""
        asked = self.asked()
        names = [seat_label(asked["post"])] if asked["post"] else []
        if asked["unit"] == NO_UNIT:
            names.append(str(_("no partner unit")))
        elif asked["unit"]:
            names += PartnerUnit.objects.filter(pk=asked["unit"]).values_list("name", flat=True)
        names += [str(words[asked[name]]) for name, words in (("kind", KINDS), ("group", GROUPS)) if asked[name]]
        return names

    def filters(self) -> dict[str, Any]:
        """The arguments for casework.named.NamedList."""
        asked = self.asked()
        return {
            "on": asked["on"],
            "place_code": asked["place"],
            "post": asked["post"],
            "unit": asked["unit"],
            "state": asked["state"],
            "by_phone": bool(asked["by_phone"]),
            "kind": asked["kind"],
            "group": asked["group"],
            "is_owed": bool(asked["owed"]),
        }
