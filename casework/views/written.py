"""Lines of a coverage table as finished words, for {% rows %}: hundreds of lines of eight links each."""

from collections.abc import Iterable
from typing import NamedTuple

from casework.views.figures import Line, Then


class WrittenCell(NamedTuple):
    """One number: `number` with the address of its list and its look, or `none` for a zero that leads nowhere."""

    look: str
    address: str
    number: str
    none: str


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
    return [
        WrittenLine(
            f"{table}?{line.below}" if line.below else f"{names}?{line.names}",
            line.label,
            line.note,
            [
                WrittenCell(cell.name, f"{names}?{line.names}{cell.tail}", str(cell.number), "")
                if cell.number
                else WrittenCell("", "", "", "0")
                for cell in line.cells
            ],
            line.percent,
            line.before,
        )
        for line in lines
    ]
