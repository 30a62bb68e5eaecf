"""Which part of what is due a cadre looks at."""

from django import forms

CORNER = r"^\d{12}-\d{1,5}\Z"


class HomeQuery(forms.Form):
    """Filter of the due list (corner) and how far it is open (start)."""

    corner = forms.RegexField(CORNER, required=False)
    start = forms.IntegerField(required=False, min_value=0)

    def asked(self) -> tuple[str, int]:
        """Corner and start; what makes no sense counts as not asked."""
        self.is_valid()
        found = self.cleaned_data
        return found.get("corner", ""), found.get("start") or 0
