"""Which number, and what it is needed for."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.revealing import Bearer, numbers_of
from villages.look import PlainForm

OTHER = "other"
PURPOSES = [
    ("call", _("Call the family")),
    ("card", _("Compare with the card")),
    ("benefit", _("Apply for a benefit or an insurance")),
    ("register", _("Correct the register")),
    (OTHER, pgettext_lazy("purpose", "Something else")),
]
MANY_DIGITS = re.compile(r"\d{7,}")


class RevealForm(PlainForm, forms.Form):
    """One of the numbers entered, and a purpose; another purpose wants words."""

    field = forms.ChoiceField(label=_("Which number"), widget=forms.RadioSelect)
    purpose = forms.ChoiceField(
        label=_("What it is needed for"),
        choices=PURPOSES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what the number is needed for.")},
    )
    detail = forms.CharField(
        label=_("In a few words"),
        max_length=100,
        required=False,
        help_text=_("Needed for “something else”, otherwise as you like."),
    )

    def __init__(self, *args: Any, bearer: Bearer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = {field.name: field for field in bearer._meta.concrete_fields}
        choices = [
            (name, f"{capfirst(fields[name].verbose_name)} {number}") for name, number in numbers_of(bearer).items()
        ]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial.setdefault("field", choices[0][0])

    def clean_detail(self) -> str:
        """Words. Raises ValidationError for a number, which the trail must not keep in the open."""
        detail: str = self.cleaned_data["detail"]
        if MANY_DIGITS.search(detail):
            raise ValidationError(_("Do not write a number here: the reason is kept and shown."))
        if self.cleaned_data.get("purpose") == OTHER and not detail:
            raise ValidationError(_("Say in a few words what the number is needed for."))
        return detail

    @property
    def reason(self) -> str:
        """What the trail keeps."""
        purpose = str(dict(PURPOSES)[self.cleaned_data["purpose"]])
        detail = self.cleaned_data["detail"]
        if self.cleaned_data["purpose"] == OTHER:
            return detail
        return f"{purpose}: {detail}" if detail else purpose
