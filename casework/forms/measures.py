"""Which measures or benefit links a list shows, also by what the household said of them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.confirmations import LINK, MEASURE, said_not_received, with_answers
from casework.models import Received
from households.forms.lists import EntriesQuery, LinksQuery, MeasuresQuery

UNANSWERED = "none"
ANSWERS = [
    ("", _("all")),
    (Received.NO, _("said not received")),
    (Received.YES, pgettext_lazy("household", "confirmed")),
    (UNANSWERED, _("not asked")),
]


class AnsweredQuery(EntriesQuery):
    """A list with the household's answer beside each row; `sort` says what is listed."""

    answer = forms.ChoiceField(label=_("The household's word"), choices=ANSWERS, required=False)
    sort = ""

    def narrow(self, rows: Any) -> Any:
        """The rows asked for, each with its answer."""
        rows = with_answers(super().narrow(rows), self.sort)
        answer = self.asked()["answer"]
        if answer == Received.NO:
            return said_not_received(rows, self.sort)
        if answer == UNANSWERED:
            return rows.filter(answer=None)
        return rows.filter(answer=answer) if answer else rows


class AnsweredMeasuresQuery(AnsweredQuery, MeasuresQuery):
    """Measures."""

    sort = MEASURE
    field_order = ("place", "kind", "year", "state", "answer")


class AnsweredLinksQuery(AnsweredQuery, LinksQuery):
    """Benefit links."""

    sort = LINK
    field_order = ("place", "form", "year", "state", "answer")
