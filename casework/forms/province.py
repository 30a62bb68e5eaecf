"""Which district of a province is opened to see its rounds."""

from django import forms


class ProvinceQuery(forms.Form):
    """A district by its code; nothing is required."""

    district = forms.RegexField(r"^\d{6}\Z", required=False, widget=forms.HiddenInput)

    def opened(self) -> str:
        """The code; what makes no sense counts as not asked."""
        return self.cleaned_data.get("district", "") if self.is_valid() else ""
