"""Lines of a coverage table as finished words, for {% rows %}: hundreds of lines of eight links each."""

from collections.abc import Iterable
from typing import NamedTuple

from casework.views.figures import Line, Then


class WrittenCell(NamedTuple):
    """One number: `number` with its look and the address of its list, or `none` for a zero that leads nowhere.

    The address is in two parts, of which one is that of the line and the other that of the column: so it costs less.
    """

    look: str
    address: str
    tail: str
    number: str
    none: str


NOTHING = WrittenCell("", "", "", "", "0")


class WrittenLine(NamedTuple):
    """One line: a name that leads on, a note, the numbers, the rate and that of the period before."""

    address: str
    label: str
    note: str
    cells: list[WrittenCell]
    percent: str
    before: tuple[Then, ...]


def written(lines: Iterable[Line], *, table: str, names: str) -> list[WrittenLine]:
    """The lines with the addresses of the table below, or of the lists of names."""
    return [_written(line, f"{names}?{line.names}", table) for line in lines]


def _written(line: Line, names: str, table: str) -> WrittenLine:
    cells = [
        WrittenCell(name, names, tail, str(number), "") if number else NOTHING
        for name, _words, number, tail in line.cells
    ]
    address = f"{table}?{line.below}" if line.below else names
    return WrittenLine(address, line.label, line.note, cells, line.percent, line.before)
