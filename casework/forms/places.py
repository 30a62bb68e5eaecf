"""What is asked of the pages that show places: which rounds beside each other, and since when nobody was seen."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casework.forms.coverage import CoverageQuery
from casework.splits import KINDS
from casework.unseen import BY_PHONE, MET, UNSEEN
from casework.unseen_figures import BY_CLASS, BY_PLACE

MOST_ROUNDS = 8
LONGEST_AGO = 3650  # days
SEEN_WAYS = [(BY_PLACE, _("by place")), (BY_CLASS, _("by kind of household"))]


class SideBySideQuery(CoverageQuery):
    """The page of the rounds side by side as an address names it; nothing is required."""

    by = None  # type: ignore[assignment]  # always by place
    # Numbers with points between them: "12.15"; an address keeps one part of a name.
    rounds = forms.RegexField(r"^\d{1,9}(\.\d{1,9}){0,7}\Z", required=False, widget=forms.HiddenInput)
    page = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, today: date) -> None:
        if hasattr(data, "getlist") and data.getlist("round"):
            # What the boxes of the form send: the same name several times.
            data = data.copy()
            data["rounds"] = ".".join(data.getlist("round")[:MOST_ROUNDS])
        super().__init__(data, today=today)

    def chosen(self) -> list[int]:
        """Keys of the rounds asked for; none: those under way."""
        return [int(key) for key in self.asked()["rounds"].split(".") if key]


class UnseenQuery(CoverageQuery):
    """Who was not seen, as an address names it; nothing is required."""

    by = forms.ChoiceField(choices=SEEN_WAYS, required=False, widget=forms.HiddenInput)
    days = forms.IntegerField(label=_("Not seen for … days"), min_value=1, max_value=LONGEST_AGO, required=False)
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False, widget=forms.HiddenInput)
    seen = forms.ChoiceField(
        choices=[(MET, _("met in person")), (BY_PHONE, _("only by phone")), (UNSEEN, _("unseen"))],
        required=False,
        widget=forms.HiddenInput,
    )

    def number_of_days(self) -> int:
        """So many days asked for; otherwise as many as the district has set."""
        return self.asked()["days"] or settings.UNSEEN_AFTER_DAYS

    def asked(self) -> dict[str, Any]:
        """The valid answers; the district's own number of days is not worth saying."""
        asked = super().asked()
        return asked | {"days": "" if asked["days"] == settings.UNSEEN_AFTER_DAYS else asked["days"]}
