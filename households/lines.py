"""Enter and correct the monitoring line of a year: the only writer of it."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from households.models import PovertyLine
from villages import reach
from villages.models import Cadre
from villages.places import save_told


def can_change_lines(actor: Cadre, on: date) -> bool:
    """The line holds for the whole district: its office enters it."""
    return reach.is_district_office(actor, on)


@transaction.atomic
def save_line(line: PovertyLine, *, actor: Cadre | None, on: date, reason: str = "") -> PovertyLine:
    """Enter the line of a year or correct it. Raises ValidationError, PermissionDenied.

    A year stays what it is: households were judged by it.
    """
    if actor is not None and not can_change_lines(actor, on):
        raise PermissionDenied(_("This is changed by the district's office. Ask a colleague there."))
    stored = PovertyLine.objects.filter(pk=line.pk).first() if line.pk else None
    if stored and stored.year != line.year:
        raise ValidationError({"year": _("A line stays in its year. Enter the line of the other year as a new one.")})
    return save_told(line, actor=actor, reason=reason)
