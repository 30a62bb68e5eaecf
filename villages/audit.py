"""Write one audit entry in the caller's transaction."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from villages.models import AuditEntry, Cadre
from villages.personal_numbers import numbers_in

_plain = DjangoJSONEncoder().default


def snapshot(row: models.Model) -> dict[str, Any]:
    """The row's concrete values by field name, as JSON can hold them."""
    return {
        field.name: as_json(getattr(row, field.attname)) for field in row._meta.concrete_fields if not field.generated
    }


def as_json(value: Any) -> Any:
    """The value itself when JSON has it, otherwise its text; what must not be told says itself what may be."""
    if hasattr(value, "as_json"):
        return value.as_json()
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return _plain(value)


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Field: [before, after] for every field that changed."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def record(
    *,
    actor: Cadre | None,
    verb: str,
    target: models.Model,
    village_id: str | None = None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry: who did what to which record. No actor means the system itself. Raises as entry() does."""
    written = entry(actor=actor, verb=verb, target=target, village_id=village_id, reason=reason, changes=changes)
    written.save(force_insert=True)
    return written


def entry(
    *,
    actor: Cadre | None,
    verb: str,
    target: models.Model,
    village_id: str | None = None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """The entry that record() appends, not appended yet: for those who write it together with other rows.

    Raises ValidationError for a reason with somebody's identity or telephone number: the trail is kept and shown.
    """
    if wrong := numbers_in(reason=reason):
        raise ValidationError(wrong)
    return AuditEntry(
        actor=actor,
        verb=verb,
        target_type=target._meta.label,
        target_id=str(target.pk),
        village_id=village_id,
        reason=reason,
        changes=changes or {},
    )


def record_new(*, actor: Cadre | None, verb: str, rows: Iterable[tuple[models.Model, str | None]]) -> None:
    """Append one entry for each new row with the code of its village, all in one statement."""
    known = ((row, village_id, difference({}, snapshot(row))) for row, village_id in rows)
    record_changed(actor=actor, verb=verb, rows=known)


def record_changed(
    *, actor: Cadre | None, verb: str, rows: Iterable[tuple[models.Model, str | None, dict[str, Any]]]
) -> None:
    """Append one entry for each row with the code of its village and what changed, all in one statement."""
    AuditEntry.objects.bulk_create(
        entry(actor=actor, verb=verb, target=row, village_id=village_id, changes=changes)
        for row, village_id, changes in rows
    )
