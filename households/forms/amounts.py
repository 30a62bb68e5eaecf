"""An amount in yuan as people type it."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

CENT = Decimal("0.01")


class YuanField(forms.DecimalField):
    """Yuan with at most two decimals. Commas, spaces, full-width digits and a 元 behind are understood."""

    def __init__(self, label: Any, **options: Any) -> None:
        least = _("The amount cannot be negative.")
        places = _("Write the amount in yuan with at most two decimals, for example 1200 or 88.50.")
        super().__init__(
            label=label,
            required=options.pop("required", False),
            min_value=0,
            max_digits=12,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={"min_value": least, "invalid": places, "max_decimal_places": places},
            **options,
        )

    def to_python(self, value: Any) -> Any:
        """The amount with exactly two decimals."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "").removesuffix("元")
        return super().to_python(value)

    def clean(self, value: Any) -> Any:
        """Two decimals, as the database keeps them."""
        amount = super().clean(value)
        return None if amount is None else amount.quantize(CENT)
