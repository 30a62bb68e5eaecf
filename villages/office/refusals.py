"""Carry what a verb refused back to the form that asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError
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


def of_database(error: IntegrityError) -> ValidationError:
    """What the constraint that the database names has to say; without one somebody was faster."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name in str(error):
                return ValidationError(constraint.get_violation_error_message())
    return ValidationError(_("Somebody has changed this meanwhile. Look at the record again before you go on."))


def show(form: forms.BaseForm, error: ValidationError | None) -> None:
    """Put each message beside its field, and those about no field of the form above it."""
    if error is None:
        return
    said = {message for messages in form.errors.values() for message in messages}
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, errors in by_field.items():
        if unsaid := [one for one in errors if not said.issuperset(one.messages)]:
            form.add_error(name if name in form.fields else None, unsaid)
