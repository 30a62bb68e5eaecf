"""A reviewer's note: what it is about, what is asked, until when; what has become of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.forms.look import PlainForm, day_field


class SubjectQuery(forms.Form):
    """What an address says the note is about: one of the three."""

    household = forms.IntegerField(min_value=1, required=False)
    place = forms.RegexField(r"^(\d{9}|\d{12})\Z", required=False)

    def asked(self) -> tuple[int | None, str]:
        """The household's id, or the code of a village or town."""
        self.is_valid()
        found: Any = self.cleaned_data
        return found.get("household"), found.get("place", "")


class NoteForm(PlainForm, forms.Form):
    """What is asked, and until when."""

    text = forms.CharField(
        label=_("What is to be looked after"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = day_field(pgettext_lazy("note", "Until"))


class FinishForm(PlainForm, forms.Form):
    """What has become of it."""

    outcome = forms.CharField(
        label=_("What has become of it"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawForm(PlainForm, forms.Form):
    """Why the note is not needed."""

    reason = forms.CharField(label=_("Why it is not needed"), max_length=200)
