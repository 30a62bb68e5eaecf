"""Which trend is asked for: the day, the place, and how many weeks back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.coverage import CoverageQuery

WEEKS = [(13, _("13 weeks")), (26, _("26 weeks")), (52, _("52 weeks"))]
USUAL_WEEKS = 26


class TrendQuery(CoverageQuery):
    """A round's trend as an address names it; nothing is required, and it is not grouped in any other way."""

    def asked(self) -> dict[str, Any]:
        """The valid answers; a way of grouping means nothing here."""
        return super().asked() | {"by": ""}


class VisitTrendQuery(TrendQuery):
    """The visits of the last weeks, of whatever rounds."""

    weeks = forms.TypedChoiceField(choices=WEEKS, coerce=int, required=False, widget=forms.HiddenInput)

    @property
    def how_many(self) -> int:
        """Weeks to show."""
        return self.asked()["weeks"] or USUAL_WEEKS
