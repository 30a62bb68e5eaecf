"""Which place the data-quality page is asked for."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from villages.look import PlainForm


class PlaceQuery(forms.Form):
    """A district, a town or a village by its code; what is no code counts as not asked."""

    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False)

    def asked(self) -> str:
        """The code, or nothing."""
        self.is_valid()
        found: Any = self.cleaned_data.get("place")
        return found or ""


class ListExportForm(PlainForm, forms.Form):
    """Why the list is wanted as a file; the key makes a second press the same."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    reason = forms.CharField(label=_("What is the file needed for?"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, needs_reason: bool) -> None:
        super().__init__(data)
        if needs_reason:
            self.fields["reason"].help_text = _(
                "Needed, because the file holds many people. It is kept in the history."
            )
