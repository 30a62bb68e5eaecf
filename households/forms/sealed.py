"""A form's field for a sealed number: shows the mask; only what is typed anew changes it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.sealed import Sealed

MASK_SIGN = "*"
LONGEST = 40
KEYBOARDS = {"phone": "tel", "account": "numeric"}


class SealedInput(forms.TextInput):
    """An input that no browser fills in or remembers."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", **(attrs or {})})


class SealedFormField(forms.CharField):
    """A sealed number. The mask left as it is means unchanged, an emptied field clears, anything else replaces.

    `initial` is a Sealed or None; the cleaned value is a Sealed, a text to be sealed, or "". What was typed stands in
    the field again when the form has an error: in the answer to whoever typed it, and nowhere else.
    """

    default_error_messages = {
        "mask": _("Part of the mask is still there. Type the whole number, or reload the page to leave it as it was."),
    }

    def __init__(self, *, kind: str = "text", attrs: dict[str, Any] | None = None, **options: Any) -> None:
        keyboard = {"inputmode": KEYBOARDS[kind]} if kind in KEYBOARDS else {}
        super().__init__(
            **{
                "max_length": LONGEST,
                "required": False,
                "widget": SealedInput({**keyboard, **(attrs or {})}),
                "help_text": _("Shown masked. Leave it as it is, type a new number over it, or empty it."),
                **options,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        """A stored number as its mask, a typed one as it was typed."""
        return str(value) if isinstance(value, Sealed) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether something else than the mask came back."""
        return not self._is_untouched(initial, data) and (bool(initial) or super().has_changed("", data))

    def clean(self, value: Any) -> Any:
        """A typed number. Raises ValidationError for one with the mask's stars in it."""
        text = super().clean(value)
        if MASK_SIGN in text:
            raise ValidationError(self.error_messages["mask"], code="mask")
        return text

    def _clean_bound_field(self, bound: Any) -> Any:
        """Django hands a field only the posted value; this one must know what was there before."""
        if self.disabled or self._is_untouched(bound.initial, bound.data):
            return bound.initial
        return self.clean(bound.data)

    @staticmethod
    def _is_untouched(initial: Any, data: Any) -> bool:
        """Nothing posted at all, or the mask just as it was shown."""
        return data is None or (isinstance(initial, Sealed) and str(data).strip() == str(initial))
