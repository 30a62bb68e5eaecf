"""How fields look, and how a verb's refusal reaches the field it is about."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

# Bootstrap's class by the kind of widget; the others are dressed by our own stylesheet.
CLASS_OF_WIDGET = {
    "select": "form-select",
    **dict.fromkeys(("text", "number", "date", "email", "password", "textarea"), "form-control"),
}


class PlainForm(forms.BaseForm):
    """A form whose fields carry Bootstrap's class for their kind and whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            widget: Any = field.widget
            kind = widget.attrs.get("type") or getattr(widget, "input_type", None) or "textarea"
            if kind in CLASS_OF_WIDGET:
                widget.attrs.setdefault("class", CLASS_OF_WIDGET[kind])

    def add_refusal(self, error: ValidationError) -> None:
        """Show the refusal of a verb: beside its field when the form has it, otherwise at the top."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, errors)


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, chosen with the phone's own calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)
