"""What became of every row of a file: a sheet of fates for reading, and the refused rows to correct and bring in again.

The sheet of fates shows personal numbers masked. The refused rows stand in full only in the file of whoever brought
them in: that person gave them to us and needs them to correct the mistake, and nobody learns anything new. Everybody
else gets them masked (Personal Information Protection Law, article 6: no more than the purpose needs).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Fate, ImportGroup, ImportKind, ImportRefusal, RegisterImport
from households.register_import.cells import REMEDIES
from households.register_import.check import masked_cell
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.columns import Column
from households.register_import.differences import comers, family, family_left, homes_left
from households.register_import.packing import unpacked
from households.workbooks import Heading, Table, Value
from villages.models import Cadre

ROWS_AT_ONCE = 2_000
WHY = "退回原因"  # no column of ours, so that bringing the sheet in again passes over it
FATES, TO_CORRECT = gettext_lazy("Result"), gettext_lazy("To correct")


def result_tables(job: RegisterImport, *, reader: Cadre, on: date, in_full: bool) -> list[Table]:
    """The sheets of the result: first what everybody reads, then what has to be corrected, if anything.

    Households are named as far as the reader reaches on that day.
    """
    tables = [Table(str(FATES), _fate_headings(), _fates(job, reader, on), title=in_one_line(job))]
    columns = _columns(job)
    refused = ImportRefusal.objects.of(job).exclude(cells=None)
    if refused.exists():
        headings = [Heading(column.title, 18 if column.is_sealed else 12, column.kind.is_text) for column in columns]
        tables.append(Table(str(TO_CORRECT), [*headings, Heading(WHY, 60)], _to_correct(refused, columns, in_full)))
    return tables


def remedy_of(refusal: ImportRefusal) -> str:
    """Why the row was refused and what to do, in the reader's language."""
    return _(REMEDIES[refusal.code]) % {"hint": refusal.hint}


def in_one_line(job: RegisterImport) -> str:
    """What the file is, and how many of its rows had which fate."""
    counts = {"rows": job.rows, "created": job.created, "updated": job.updated}
    return _(
        "%(kind)s, as of %(day)s, %(state)s: %(rows)s rows = %(created)s new + %(updated)s changed + "
        "%(unchanged)s unchanged + %(refused)s refused"
    ) % {
        **counts,
        "unchanged": job.unchanged,
        "refused": job.refused,
        "kind": job.get_kind_display(),
        "state": job.get_state_display(),
        "day": job.as_of,
    }


def _fate_headings() -> list[Heading]:
    return [
        Heading(_("No."), 8, is_text=False),
        Heading(_("Sheet"), 14),
        Heading(_("Row"), 8, is_text=False),
        Heading(_("What became of it"), 12),
        Heading(_("Number in the file"), 24),
        Heading(_("Name"), 14),
        Heading(_("Column"), 16),
        Heading(_("Value"), 24),
        Heading(_("What to do, or to know"), 70),
    ]


def _fates(job: RegisterImport, reader: Cadre, on: date) -> Iterator[list[Value]]:
    """Every row of the file once: those that somebody must do something about, then the others in their order."""
    serial = 0
    refused = str(Fate.REFUSED.label)
    for refusal in _in_steps(ImportRefusal.objects.of(job).defer("cells")):
        serial += 1
        found = [refusal.sheet, refusal.row, refused, "", refusal.label, refusal.column, refusal.value]
        yield [serial, *found, remedy_of(refusal)]
    words = {fate.value: str(fate.label) for fate in Fate}
    for group, homes in _taken_in(job, reader, on):
        coming = _coming(group, homes)
        for sheet, row, fate, name in group.rows:
            serial += 1
            told = coming[name].pop(0) if coming.get(name) and fate == Fate.UPDATED else ""
            yield [serial, sheet, row, words[fate], group.key, name, "", "", told]


def _taken_in(job: RegisterImport, reader: Cadre, on: date) -> Iterator[tuple[ImportGroup, dict[int, str]]]:
    """Households of which a row was taken in, and the names of those from which persons come to them."""
    groups = ImportGroup.objects.filter(job=job).exclude(fate=Fate.GONE)
    last = 0
    while step := list(groups.filter(pk__gt=last).defer("values", "before").order_by("pk")[:ROWS_AT_ONCE]):
        homes = homes_left(step, reader=reader, on=on)
        yield from ((group, homes) for group in step)
        last = step[-1].pk


def _coming(group: ImportGroup, homes: dict[int, str]) -> dict[str, list[str]]:
    """By name: from which household to which one somebody goes. Namesakes stand in the file's order."""
    told: dict[str, list[str]] = {}
    for name, key in comers(group):
        families = {"before": family_left(homes, key), "now": family(group.label, group.key)}
        told.setdefault(name, []).append(_("Moved from %(before)s to %(now)s.") % families)
    return told


def _in_steps(rows: Any) -> Iterator[Any]:
    """All of them in their order, some thousands at a time."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), ROWS_AT_ONCE):
        step = keys[start : start + ROWS_AT_ONCE]
        found = rows.in_bulk(step)
        yield from (found[key] for key in step if key in found)


def _columns(job: RegisterImport) -> Sequence[Column]:
    """Those that the file had, in our order."""
    known = set(job.titles.get("known", []))
    columns = list(COLUMN_SETS[ImportKind(job.kind)])
    return [column for column in columns if column.title in known] or columns


def _to_correct(refused: Any, columns: Sequence[Column], in_full: bool) -> Iterator[list[Value]]:
    for refusal in _in_steps(refused):
        cells = unpacked(refusal.cells)
        yield [*(_cell(column, cells.get(column.title), in_full) for column in columns), remedy_of(refusal)]


def _cell(column: Column, value: Any, in_full: bool) -> Value:
    if value is None or isinstance(value, bool):
        return None if value is None else "是" if value else "否"
    return value if in_full or not column.is_sealed else masked_cell(column, str(value))
