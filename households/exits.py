"""Store how a household or a village left poverty: written, and taken back, by an import alone."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from households.models import ExitRecord
from villages import audit, reach
from villages.models import Cadre


def can_import_exit(actor: Cadre, village_code: str, on: date) -> bool:
    """The office of the village or above brings exits in."""
    return reach.holds_any(actor, reach.CLERKS, on, village_code)


@transaction.atomic
def import_exit(record: ExitRecord, *, actor: Cadre | None, on: date) -> ExitRecord:
    """Store an exit, or what a later file says of it; the same again changes nothing.

    Raises ValidationError for days out of order, PermissionDenied outside the actor's places.
    """
    stored = ExitRecord.objects.select_for_update(of=("self",)).filter(pk=record.pk).first() if record.pk else None
    codes = {record.village_id} | ({stored.village_id} if stored else set())
    if actor is not None and not all(can_import_exit(actor, code, on) for code in codes):
        raise PermissionDenied(_("This village is not one of yours."))
    record.full_clean()
    before = audit.snapshot(stored) if stored else {}
    if before == audit.snapshot(record):
        return record
    record.save()
    audit.record(
        actor=actor,
        verb="exit.corrected" if stored else "exit.recorded",
        target=record,
        village_id=record.village_id,
        changes=audit.difference(before, audit.snapshot(record)),
    )
    return record
