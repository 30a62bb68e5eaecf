"""What a cadre looks for on the home page: a corner of the list, or a name."""

from django import forms

CORNER = r"^\d{12}-\d{1,5}\Z"


class HomeQuery(forms.Form):
    """Filter of the due list (corner), how far it is open (start), and the words searched for."""

    corner = forms.RegexField(CORNER, required=False)
    start = forms.IntegerField(required=False, min_value=0)
    q = forms.CharField(required=False, max_length=50)

    def asked(self) -> tuple[str, int, str]:
        """Corner, start and words; what makes no sense counts as not asked."""
        self.is_valid()
        found = self.cleaned_data
        return found.get("corner", ""), found.get("start") or 0, found.get("q", "")
