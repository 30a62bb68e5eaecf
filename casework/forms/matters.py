"""Which matters are asked for: of which place, standing or settled."""

from typing import Any

from django import forms

from casework.forms.look import PlainForm


class MattersQuery(PlainForm, forms.Form):
    """A list of matters as an address names it; nothing is required."""

    place = forms.RegexField(r"^(\d{6}|\d{9}|\d{12})\Z", required=False)
    settled = forms.BooleanField(required=False)

    def asked(self) -> dict[str, Any]:
        """The valid answers; what makes no sense counts as not asked."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
