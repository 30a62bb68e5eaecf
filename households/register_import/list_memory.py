"""What a row of a list was before an import and what the import left, kept with the row's group for undoing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model

from households.accounts import UNTOLD
from households.models import ImportGroup, ImportKind, RegisterImport
from households.models.imports import Fate
from households.register_import.packing import unpacked
from villages import audit

BATCH = 2000
Row = TypeVar("Row")


@dataclass(slots=True)
class Touched:
    """A record that an import has created (nothing was before) or changed; `row` is how it stands, if it does."""

    key: int
    name: str
    was: dict[str, Any] | None
    now: dict[str, Any]
    row: Any = None

    @property
    def is_created(self) -> bool:
        """Whether it came into being with the import."""
        return self.was is None

    @property
    def changed(self) -> list[str]:
        """The fields the import has changed."""
        return [name for name, value in self.now.items() if self.was is not None and self.was.get(name) != value]

    def is_as_left(self) -> bool:
        """Whether the record is still what the import made of it."""
        standing = snapshot(self.row)
        return all(standing.get(name, value) == value for name, value in self.now.items())

    def restore(self) -> None:
        """Give the row in memory its earlier values."""
        changed = self.changed
        for field in self.row._meta.concrete_fields:
            if self.was is not None and field.name in changed:
                setattr(self.row, field.attname, field.to_python(self.was.get(field.name)))


def snapshot(row: Model) -> dict[str, Any]:
    """The row as JSON holds it, without secrets: a password set later is no change of what a list says."""
    return {name: value for name, value in audit.snapshot(row).items() if name not in UNTOLD}


def stored_rows(model: type[Model], keys: Iterable[int]) -> dict[int, Any]:
    """The rows by their keys, locked: nobody changes them, or comes to depend on them, before the end."""
    found: dict[int, Any] = {}
    for some in in_batches(keys):
        rows = model._default_manager.filter(pk__in=some).order_by("pk").select_for_update(of=("self",))
        found |= {row.pk: row for row in rows}
    return found


def in_batches(rows: Iterable[Row], size: int = BATCH) -> Iterator[list[Row]]:
    """So many at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def touched(job: RegisterImport, model: type[Model]) -> list[Touched]:
    """Every record the import has written, as it stands now; what was written unchanged is left out."""
    records = [one for one in _remembered(job) if one.is_created or one.changed]
    rows = stored_rows(model, [one.key for one in records])
    for one in records:
        one.row = rows.get(one.key)
    return records


def _remembered(job: RegisterImport) -> Iterator[Touched]:
    groups = ImportGroup.objects.filter(job=job, before__isnull=False).order_by("position")
    has_namesakes = job.kind == ImportKind.CADRES
    for key, label, before in groups.values_list("key", "label", "before").iterator(chunk_size=BATCH):
        piece = unpacked(before)
        yield Touched(piece["pk"], f"{label} {key}" if has_namesakes else label, piece["was"], piece["now"])


def remembers(job: RegisterImport) -> bool:
    """Whether the import of a list has kept what was before; those of long ago have not."""
    written = ImportGroup.objects.filter(job=job, fate__in=(Fate.CREATED, Fate.UPDATED))
    return not written.filter(before__isnull=True).exists()
