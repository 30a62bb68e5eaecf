"""Carry what a verb refused back to the form that asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _


class Refused(Exception):
    """A verb refused; carries the messages. Raised so that the admin's transaction is undone."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a verb raises into Refused."""
    try:
        yield
    except ValidationError as error:
        raise Refused(error) from error
    except PermissionDenied as error:
        raise Refused(ValidationError(str(error) or _("This is not one of your places."))) from error


def show(form: forms.BaseForm, error: ValidationError | None) -> None:
    """Put each message beside its field, and those about no field of the form above it."""
    if error is None:
        return
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
