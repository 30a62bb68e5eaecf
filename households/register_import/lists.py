"""Lists of cadres, posts, helpers, units, pairings and exits: compared row by row, written by their verbs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction

from households.models import ImportGroup, ImportKind, ImportRefusal, RegisterImport
from households.models.imports import Fate
from households.register_import.cells import CellRefused
from households.register_import.check import Line, Refusal, RowRefused
from households.register_import.columns import Column
from households.register_import.differences import MODELS
from households.register_import.list_kinds import Cadres, ListKind, Posts, UnitPairings, Units
from households.register_import.list_memory import in_batches, snapshot, stored_rows
from households.register_import.lists_of_households import Exits, Helpers
from households.register_import.packing import packed, unpacked
from households.register_import.plan import Sheets
from households.register_import.preview import GROUP_COLUMNS, REFUSAL_COLUMNS
from households.register_import.progress import Step
from households.register_import.read import FileRefused, Raw
from households.register_import.villages_by_name import NoVillage
from villages import audit
from villages.facts import told_together
from villages.pour import pour, rewrite

STEP = 200
KINDS: dict[str, type[ListKind]] = {
    ImportKind.CADRES: Cadres,
    ImportKind.POSTS: Posts,
    ImportKind.HELPERS: Helpers,
    ImportKind.UNITS: Units,
    ImportKind.PAIRINGS: UnitPairings,
    ImportKind.EXITS: Exits,
}


def preview(job: RegisterImport, sheets: Sheets, raws: Iterable[Raw], step: Step, *, on: date) -> Counter[str]:
    """Compare every row with what we have, and write nothing but the preview."""
    kind = KINDS[job.kind](job.made_by, on)
    counts: Counter[str] = Counter()
    seen: dict[str, int] = {}
    groups, refusals = [], []
    for batch in in_batches(enumerate(sheets.rows(raws), start=1), STEP):
        lines = [(position, Line(*raw)) for position, raw in batch]
        said = [_said(line) for _position, line in lines]
        kind.know([values for values in said if isinstance(values, dict)])
        for (position, line), values in zip(lines, said, strict=True):
            try:
                group = _compared(kind, line, values, seen)
            except RowRefused as refused:
                refusals.append(refused.refusal())
                counts[Fate.REFUSED] += 1
            else:
                counts[group[3]] += 1
                groups.append((job.pk, position, *group[:3], group[3], False, False, *group[4:]))
        step(lines[-1][0])
    if not counts:
        raise FileRefused("no_rows")
    _keep(job, groups, refusals)
    return counts


def _keep(job: RegisterImport, groups: Sequence[tuple[Any, ...]], refusals: Sequence[Refusal]) -> None:
    pour(ImportGroup, GROUP_COLUMNS, groups)
    pour(
        ImportRefusal,
        REFUSAL_COLUMNS,
        [
            (job.pk, one.sheet, one.row, one.column, one.value, one.code, one.hint[:500], one.label, packed(one.cells))
            for one in refusals
        ],
    )


def _said(line: Line) -> dict[str, Any] | RowRefused:
    """The values of the row, or why it says none."""
    try:
        return _values(line)
    except RowRefused as refused:
        return refused


def _compared(kind: ListKind, line: Line, values: dict[str, Any] | RowRefused, seen: dict[str, int]) -> tuple[Any, ...]:
    """Key, label, village, fate, rows, changes, values, before, digest of one row. Raises RowRefused."""
    if isinstance(values, RowRefused):
        raise values
    record, changes = _meant(kind, line, values)
    key, label, village_id = kind.name(record)
    if key in seen:
        raise RowRefused(line, None, "same_row", str(seen[key]))
    seen[key] = line.row
    fate = Fate.CREATED if record.pk is None else Fate.UPDATED if changes else Fate.UNCHANGED
    rows = [[line.plan.sheet, line.row, fate.value, label[:50]]]
    told = {"updates": changes, "conflicts": {}, "persons": []} if fate == Fate.UPDATED else {}
    return key[:80], label[:120], village_id, fate.value, rows, told, packed(values), None, ""


def _values(line: Line) -> dict[str, Any]:
    values = {}
    for column, place, parse in line.plan.parsers:
        try:
            values[column.field] = parse(line.cells[place])
        except CellRefused as reason:
            raise RowRefused(line, column, reason.code, reason.hint) from None
        if column.is_needed and values[column.field] in (None, ""):
            raise RowRefused(line, column, "missing")
    return values


def _meant(kind: ListKind, line: Line, values: dict[str, Any]) -> tuple[Any, dict[str, list[Any]]]:
    try:
        record = kind.record(values)
    except NoVillage as reason:
        raise RowRefused(line, _column(line, reason.field), reason.code, reason.hint) from None
    if not kind.may(record):
        raise RowRefused(line, None, "not_your_row")
    changes = _changes(kind, record)
    if record.pk is None or changes:
        try:
            kind.check(record)
        except ValidationError as error:
            raise RowRefused(line, None, "said", " ".join(error.messages)) from None
    return record, changes


def _changes(kind: ListKind, record: models.Model) -> dict[str, list[Any]]:
    stored = kind.stored(record)
    if stored is None:
        return {}
    pairs = {name: [_shown(stored, name), _shown(record, name)] for name in kind.shown}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _shown(record: Any, name: str) -> Any:
    value = getattr(record, name)
    return audit.as_json(str(value) if isinstance(value, models.Model) else value)


def _column(line: Line, name: str) -> Column | None:
    return line.plan.columns[line.plan.index[name]] if name in line.plan.index else None


def apply(job: RegisterImport, *, on: date, now: datetime, step: Step) -> None:
    """Write every new or changed row by its verb; what the verb refuses now becomes a refused row."""
    kind = KINDS[job.kind](job.confirmed_by, on)
    changing = job.groups.filter(fate__in=(Fate.CREATED, Fate.UPDATED)).order_by("position")  # type: ignore[attr-defined]
    done = 0
    with told_together():
        for batch in in_batches(changing, STEP):
            _write(job, kind, batch)
            done += len(batch)
            step(done)


def _write(job: RegisterImport, kind: ListKind, batch: Sequence[ImportGroup]) -> None:
    """Write a batch, and remember of each row what it was before and what it is now, for undoing."""
    records = _records(job, kind, batch)
    was = stored_rows(MODELS[job.kind], [record.pk for _group, record in records if record.pk])
    told = {key: snapshot(row) for key, row in was.items()}
    before = {group.pk: told.get(record.pk) for group, record in records}
    written = _first_at_once(kind, records)
    for group, record in records:
        if group.pk not in written:
            try:
                with transaction.atomic():
                    kind.save(record)
            except (ValidationError, PermissionDenied, NoVillage) as error:
                _refuse_after_all(job, group, error)
            else:
                written.add(group.pk)
    pieces = [
        (group.pk, packed({"pk": record.pk, "was": before[group.pk], "now": snapshot(record)}))
        for group, record in records
        if group.pk in written
    ]
    rewrite(ImportGroup, ["before"], pieces)


def _records(job: RegisterImport, kind: ListKind, batch: Sequence[ImportGroup]) -> list[tuple[ImportGroup, Any]]:
    """The record each row means; rows that mean none any more are refused."""
    said = [unpacked(group.values) for group in batch]
    kind.know(said)
    records = []
    for group, values in zip(batch, said, strict=True):
        try:
            records.append((group, kind.record(values)))
        except NoVillage as error:
            _refuse_after_all(job, group, error)
    return records


def _first_at_once(kind: ListKind, records: Sequence[tuple[ImportGroup, Any]]) -> set[int]:
    """Write those at once that come first, and return whose rows they are; none where that cannot be, so that each
    is written, or refused, by itself.
    """
    first = [(group, record) for group, record in records if kind.comes_first(record)]
    saved = [copy(record) for _group, record in first]  # which have keys then, also where nothing is written
    try:
        with transaction.atomic():
            kind.save_first(saved)
    except (ValidationError, PermissionDenied, IntegrityError):
        return set()
    for (_group, record), row in zip(first, saved, strict=True):
        record.pk = row.pk
    return {group.pk for group, _record in first}


def _refuse_after_all(job: RegisterImport, group: ImportGroup, error: Exception) -> None:
    said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    code, hint = (error.code, error.hint) if isinstance(error, NoVillage) else ("said", said)
    sheet, row, _fate, label = group.rows[0]
    ImportRefusal.objects.create(job=job, sheet=sheet, row=row, code=code, hint=hint[:500], label=label)
    setattr(job, group.fate, getattr(job, group.fate) - 1)
    job.refused += 1
    group.delete()
