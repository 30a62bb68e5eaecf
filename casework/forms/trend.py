"""Which trend is asked for: the day, the place, and how many weeks back."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.coverage import CoverageQuery
from casework.forms.look import day_field
from casework.pace import monday_of

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


class VisitListQuery(TrendQuery):
    """The visits behind a number: those from a day to the day asked for."""

    since = day_field(_("From"), required=False)

    @property
    def since_day(self) -> date:
        """The first day; the Monday of the week when none is asked for, never after the last day."""
        asked = self.asked()
        return min(asked["since"] or monday_of(asked["on"]), asked["on"])
