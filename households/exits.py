"""Store how a household or a village left poverty: written, and taken back, by an import alone."""

from collections.abc import Sequence
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
    _require_places(actor, {record.village_id} | ({stored.village_id} if stored else set()), on)
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


@transaction.atomic
def import_first_exits(first: Sequence[ExitRecord], *, actor: Cadre | None, on: date) -> None:
    """Store the exits of many households and villages that have none, as import_exit() does one by one.

    Raises ValidationError and PermissionDenied when one of them may not be, IntegrityError when there has come to be
    one meanwhile; then none is stored.
    """
    _require_places(actor, {record.village_id for record in first}, on)
    for record in first:
        check_first(record)
    ExitRecord.objects.bulk_create(first)
    audit.record_new(actor=actor, verb="exit.recorded", rows=[(record, record.village_id) for record in first])


def check_first(record: ExitRecord) -> None:
    """full_clean() of an exit that is the only one of its household or village, both of which were just read."""
    record.clean_fields(exclude={"household", "village"})
    record.clean()


def _require_places(actor: Cadre | None, codes: set[str], on: date) -> None:
    if actor is not None and not all(can_import_exit(actor, code, on) for code in codes):
        raise PermissionDenied(_("This village is not one of yours."))
