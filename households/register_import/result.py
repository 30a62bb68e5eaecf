"""What became of every row of a file: a sheet of fates for reading, and the refused rows to correct and bring in again.

The sheet of fates shows personal numbers masked. The refused rows stand in full only in the file of whoever brought
them in: that person gave them to us and needs them to correct the mistake, and nobody learns anything new. Everybody
else gets them masked (Personal Information Protection Law, article 6: no more than the purpose needs).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Fate, ImportKind, ImportRefusal, RegisterImport
from households.register_import.cells import REMEDIES
from households.register_import.check import masked_cell
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.columns import Column
from households.register_import.packing import unpacked
from households.workbooks import Heading, Table, Value

ROWS_AT_ONCE = 2_000
WHY = "退回原因"  # no column of ours, so that bringing the sheet in again passes over it
FATES, TO_CORRECT = gettext_lazy("Result"), gettext_lazy("To correct")


def result_tables(job: RegisterImport, *, in_full: bool) -> list[Table]:
    """The sheets of the result: first what everybody reads, then what has to be corrected, if anything."""
    tables = [Table(str(FATES), _fate_headings(), _fates(job), title=in_one_line(job))]
    columns = _columns(job)
    refused = job.refusals.exclude(cells=None)  # type: ignore[attr-defined]
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
        Heading(_("What to do"), 70),
    ]


def _fates(job: RegisterImport) -> Iterator[list[Value]]:
    """Every row of the file once: those that somebody must do something about, then the others in their order."""
    serial = 0
    refused = str(Fate.REFUSED.label)
    for refusal in _in_steps(job.refusals.defer("cells")):  # type: ignore[attr-defined]
        serial += 1
        found = [refusal.sheet, refusal.row, refused, "", refusal.label, refusal.column, refusal.value]
        yield [serial, *found, remedy_of(refusal)]
    words = {fate.value: str(fate.label) for fate in Fate}
    for group in _in_steps(job.groups.exclude(fate=Fate.GONE).only("key", "rows", "job_id")):  # type: ignore[attr-defined]
        for sheet, row, fate, name in group.rows:
            serial += 1
            yield [serial, sheet, row, words[fate], group.key, name, "", "", ""]


def _in_steps(rows: Any) -> Iterator[Any]:
    """All of them by their key, some thousands at a time."""
    last = 0
    while step := list(rows.filter(pk__gt=last).order_by("pk")[:ROWS_AT_ONCE]):
        yield from step
        last = step[-1].pk


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
