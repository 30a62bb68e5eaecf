"""How those who went explain a question about their visit: one tap, words if they like."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.flags import in_words
from casework.forms.look import PlainForm
from casework.models import FlagReason, VisitFlag


class ExplainForm(PlainForm, forms.Form):
    """The reason is the button that was tapped."""

    words = forms.CharField(label=_("In own words (optional)"), max_length=200, required=False)
    reason = forms.ChoiceField(choices=FlagReason.choices, widget=forms.HiddenInput)

    def add_refusal(self, refusal: Any) -> None:
        """Show what the verb refused."""
        self.add_error(None, [message for messages in refusal.message_dict.values() for message in messages])


class Told(NamedTuple):
    """A flag, what was noticed in words, and the form to explain it."""

    flag: VisitFlag
    words: str
    form: ExplainForm
    reasons: list[tuple[str, Any]]


def told(flags: Any, asked: ExplainForm | None = None, about: int | None = None) -> list[Told]:
    """Each flag with its own form; `asked` is the one that came back about the flag named."""
    return [
        Told(
            flag,
            in_words(flag),
            asked if asked is not None and flag.pk == about else ExplainForm(auto_id=f"id_{flag.pk}_%s"),
            list(FlagReason.choices),
        )
        for flag in flags
    ]
