"""Who asks the household, what it says, and what those who went reply."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.look import PlainForm
from casework.models import Answer, Recheck, Way
from casework.rechecks import possible_reviewers
from villages.models import Cadre

FEW_WORDS = {"rows": 2, "maxlength": 300}


class ReviewerForm(PlainForm, forms.Form):
    """Whom the office asks to ask."""

    reviewer = forms.ModelChoiceField(
        Cadre.objects.none(), label=_("Who asks the household"), required=False, empty_label=_("the office itself")
    )

    def __init__(self, data: Any = None, *, recheck: Recheck, on: date) -> None:
        super().__init__(data, initial={"reviewer": recheck.reviewer_id})
        self.fields["reviewer"].queryset = possible_reviewers(recheck, on)  # type: ignore[attr-defined]


class AnswerForm(PlainForm, forms.Form):
    """The household's own word."""

    answer = forms.ChoiceField(label=_("What does the household say?"), choices=Answer, widget=forms.RadioSelect)
    way = forms.ChoiceField(label=_("How was it asked?"), choices=Way, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In its own words (optional)"), max_length=300, required=False, widget=forms.Textarea(attrs=FEW_WORDS)
    )


class ReplyForm(PlainForm, forms.Form):
    """What those who went say to it."""

    reply = forms.CharField(label=_("Your reply"), max_length=300, widget=forms.Textarea(attrs=FEW_WORDS))
