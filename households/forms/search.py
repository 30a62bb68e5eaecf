"""What is typed into the search box."""

from django import forms

from households.search import LONGEST, Asked, ask


class SearchForm(forms.Form):
    """A name, initials or a number."""

    q = forms.CharField(required=False, max_length=LONGEST)

    def asked(self) -> Asked:
        """What is looked for; what makes no sense counts as not asked."""
        self.is_valid()
        return ask(self.cleaned_data.get("q", ""))
