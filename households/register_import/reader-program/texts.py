"""Rows of a .csv."""

import csv
from collections.abc import Iterator

from order import PIECE, Refused

LONGEST_CELL = 100_000
SEPARATORS = ",\t;"


def texts(path: str) -> Iterator[list[str]]:
    """Rows of a .csv, whichever of the usual encodings and separators it has."""
    encoding = _encoding(path)
    csv.field_size_limit(LONGEST_CELL)
    with open(path, encoding=encoding, newline="") as lines:
        separator = _separator(lines.read(PIECE // 16))
        lines.seek(0)
        try:
            # A quote that is never closed would swallow all rows after it.
            for row in csv.reader(lines, delimiter=separator, strict=True):
                yield [_unwrapped(cell) for cell in row]
        except csv.Error as error:
            raise Refused("damaged") from error


def _encoding(path: str) -> str:
    """UTF-8 when every byte agrees, otherwise GB18030 when every byte agrees with that."""
    for encoding in ("utf-8-sig", "gb18030"):
        with open(path, encoding=encoding, newline="") as lines:
            try:
                while piece := lines.read(PIECE):
                    if "\0" in piece:
                        raise Refused("encoding")
            except UnicodeDecodeError:
                continue
            return encoding
    raise Refused("encoding")


def count_lines(path: str) -> int:
    """How many lines there are, also within cells."""
    with open(path, "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))


def _separator(beginning: str) -> str:
    """What stands most often in the first line that is cut at all: a title above the header is not."""
    cut = (line for line in beginning.splitlines() if any(sign in line for sign in SEPARATORS))
    return max(SEPARATORS, key=next(cut, "").count)


def _unwrapped(cell: str) -> str:
    """Programs write ="0012" into a .csv to keep Excel from reading a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
