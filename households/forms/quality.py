"""Which place the data-quality page is asked for."""

from typing import Any

from django import forms


class PlaceQuery(forms.Form):
    """A district, a town or a village by its code; what is no code counts as not asked."""

    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False)

    def asked(self) -> str:
        """The code, or nothing."""
        self.is_valid()
        found: Any = self.cleaned_data.get("place")
        return found or ""
