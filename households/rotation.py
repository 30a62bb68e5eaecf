"""Seal every personal number with the key in use and index it by the index key in use, while the system runs.

In batches, each in its own transaction: it can be stopped at any moment and started again, and a second run changes
nothing. Until it is through, older keys must stay configured: they still read, and numbers are still found by them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Value

from households.models.sealed import BlindIndexField
from households.sealing import CannotUnseal

BATCH = 500
HEAVY = 10  # rows with pieces of files, of up to 4 MB each


@dataclass(slots=True)
class Rotated:
    """Rows looked at, rows sealed or indexed anew, and the numbers no configured key can read (row by row)."""

    seen: int = 0
    changed: int = 0
    unreadable: int = 0


def rotate(*, told: Callable[[str, Rotated], None] | None = None) -> Rotated:
    """Go through every model that has sealed columns. `told` hears the model's name and the sum so far."""
    done = Rotated()
    for model in apps.get_models():
        if _sealed(model):
            for keys in _batches(model):
                _rotate_batch(model, keys, done)
                if told:
                    told(model._meta.label, done)
    return done


def _sealed(model: type[models.Model]) -> list[Any]:
    """Columns that know how to be sealed anew."""
    return [field for field in model._meta.concrete_fields if hasattr(field, "resealed")]


def _indexes(model: type[models.Model]) -> list[BlindIndexField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)]


def _batches(model: type[models.Model]) -> Iterator[list[Any]]:
    """Keys of the rows in their order, so many at a time; rows that come in meanwhile are sealed as they should be."""
    rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
    most = HEAVY if any(isinstance(field, models.BinaryField) for field in _sealed(model)) else BATCH
    last: Any = None
    while keys := list((rows.filter(pk__gt=last) if last is not None else rows)[:most]):
        yield keys
        last = keys[-1]


@transaction.atomic
def _rotate_batch(model: type[models.Model], keys: list[Any], done: Rotated) -> None:
    """Lock, look, write what is not as it should be: the columns as they are stored, not as rows carry them."""
    sealed, indexes = _sealed(model), _indexes(model)
    stored = {
        f"stored_{field.name}": ExpressionWrapper(F(field.name), output_field=_plain(field))
        for field in [*sealed, *indexes]
    }
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    for row in rows.annotate(**stored).values("pk", *stored):
        done.seen += 1
        changes = _anew(row, sealed, done) | _indexed(row, indexes)
        if changes:
            model._base_manager.filter(pk=row["pk"]).update(**changes)
            done.changed += 1


def _anew(row: dict[str, Any], sealed: list[Any], done: Rotated) -> dict[str, Value]:
    changes = {}
    for field in sealed:
        stored = row[f"stored_{field.name}"]
        try:
            resealed = field.resealed(stored) if stored else None
        except CannotUnseal:
            done.unreadable += 1
            continue
        if resealed is not None:
            changes[field.name] = Value(resealed, output_field=_plain(field))
    return changes


def _indexed(row: dict[str, Any], indexes: list[BlindIndexField]) -> dict[str, str]:
    changes = {}
    for index in indexes:
        number = index.read(row[f"stored_{index.of}"])
        digest = index.digest(number) if number else ""
        if number is not None and digest != row[f"stored_{index.name}"]:
            changes[index.name] = digest
    return changes


def _plain(field: models.Field) -> models.Field:
    """The column as the database has it."""
    return models.BinaryField() if isinstance(field, models.BinaryField) else models.TextField()
