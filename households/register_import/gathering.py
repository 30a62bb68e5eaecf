"""The rows of a file brought together by household."""

import hashlib
import marshal
import struct
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from households.register_import.cells import Cell, CellRefused, Number
from households.register_import.check import Line
from households.register_import.plan import Plan, Sheets
from households.register_import.progress import Step
from households.register_import.read import FileRefused, Raw

ROWS_A_STEP = 5000  # rows between two looks whether somebody is still waiting for this
HEAD = struct.Struct("<HII")  # number of the sheet, of the row, length of the cells
NUMBER = Number()
PART = "~"


class Scattered(Exception):
    """Rows of a household do not stand together in the file."""


class Gathered(NamedTuple):
    """The rows of one household. `digest` recognises the same cells in another file, wherever they stand there."""

    number: str
    lines: list[Line]
    digest: str


class Gathering:
    """Brings the rows of a file together by household number."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets, self.rows = sheets, 0
        key = next(iter(settings.PERSONAL_DATA_INDEX_KEYS.values()))[:64]
        # Keyed, so that nobody can guess.
        self._blank_digest = hashlib.blake2b(key=key, digest_size=16)

    def as_read(self, raws: Iterable[Raw]) -> Iterator[Gathered]:
        """The households while the file is still being read. Raises Scattered, and as whole() does."""
        seen: set[str] = set()
        last, lines = "", list[Line]()
        for key, line in self._rows(raws):
            if key != last:
                if last:
                    yield Gathered(last, lines, self._digest(lines))
                if key in seen:
                    raise Scattered
                seen.add(key)
                last, lines = key, []
            lines.append(line)
        yield Gathered(last, lines, self._digest(lines))

    def whole(self, raws: Iterable[Raw], step: Step) -> Iterator[Gathered]:
        """The households after the whole file was read, packed: half a million tuples would not fit.

        What was handed out is forgotten. Raises FileRefused when it has no rows, ColumnsRefused.
        """
        packs: dict[str, bytes] = {}
        for key, line in self._rows(raws):
            piece = _marshalled(line.cells)
            packs[key] = packs.get(key, b"") + HEAD.pack(line.plan.number, line.row, len(piece)) + piece
            if not self.rows % ROWS_A_STEP:
                step(self.rows // 2)  # going through the households is the other half
        for key in list(packs):
            yield self._unpacked(key, packs.pop(key))

    def _rows(self, raws: Iterable[Raw]) -> Iterator[tuple[str, Line]]:
        """Household number, and row."""
        for plan, row, cells in self.sheets.rows(raws):
            cell = cells[plan.index["number"]]
            key = cell if cell.__class__ is str and cell.isalnum() and cell.isascii() else _key(cell, plan, row)
            self.rows += 1
            yield key, Line(plan, row, cells)
        if not self.rows:
            raise FileRefused("no_rows")

    def _unpacked(self, number: str, pack: bytes) -> Gathered:
        lines, start = list[Line](), 0
        while start < len(pack):
            sheet, row, length = HEAD.unpack_from(pack, start)
            start += HEAD.size + length
            lines.append(Line(self.sheets.plans[sheet], row, _unmarshalled(pack[start - length : start])))
        return Gathered(number, lines, self._digest(lines))

    def _digest(self, lines: list[Line]) -> str:
        found = self._blank_digest.copy()
        for signature, alike in groupby(lines, _signature):
            found.update(signature + orjson.dumps([line.cells for line in alike]))
        return found.hexdigest()

    def digest_of_part(self, digest: str, numbers: Iterable[str]) -> str:
        """Recognises rows with that digest of which only these persons' were taken in. It is never that of whole ones,
        so that the others are looked at, and refused, again.
        """
        found = self._blank_digest.copy()
        found.update(" ".join([digest, *numbers]).encode())
        return PART + found.hexdigest()[len(PART) :]


def _signature(line: Line) -> bytes:
    return line.plan.signature


def _marshalled(cells: tuple[Any, ...]) -> bytes:
    """The cells; a list where there are days among them, which marshal does not know."""
    try:
        return marshal.dumps(cells, 0)
    except ValueError:
        return marshal.dumps([cell.isoformat().split("T") if isinstance(cell, date) else cell for cell in cells], 0)


def _unmarshalled(piece: bytes) -> tuple[Cell, ...]:
    """The same cells: whether rows are scattered says nothing of how they are read."""
    cells: Any = marshal.loads(piece)
    return tuple(map(_day, cells)) if cells.__class__ is list else cells


def _day(cell: Any) -> Cell:
    if cell.__class__ is not list:
        found: Cell = cell
        return found
    return datetime.fromisoformat("T".join(cell)) if len(cell) > 1 else date.fromisoformat(cell[0])


def _key(cell: Cell, plan: Plan, row: int) -> str:
    """The household's number; a row without a usable one stands alone and is refused later."""
    try:
        return NUMBER.parse(cell) or f"? {plan.number} {row}"
    except CellRefused:
        return f"? {plan.number} {row}"
