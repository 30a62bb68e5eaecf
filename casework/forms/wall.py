"""Which wall is asked for: the figures' day and place, the measure on the tiles, and whether it fills a screen."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.forms.coverage import CoverageQuery
from casework.wall import POSTS, PROBLEMS, UNSEEN

RATE = "rate"
MEASURES: list[tuple[str, str | Promise]] = [
    (RATE, _("rate")),
    (UNSEEN, _("unseen monitored households")),
    ("overdue", _("overdue")),
    (POSTS, _("vacant posts")),
    (PROBLEMS, _("open problems")),
    ("open", _("open")),
    ("vacant", _("vacant")),
    ("by_phone", _("of it by phone")),
]


class WallQuery(CoverageQuery):
    """The wall as an address names it; nothing is required."""

    shows = forms.ChoiceField(choices=MEASURES, required=False, widget=forms.HiddenInput)
    screen = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def measure(self) -> str:
        """The measure on the tiles; the rate when none is asked for."""
        return self.asked()["shows"] or RATE
