"""The beginnings of a workbook's sheets, read by hand: a library that reads whole sheets would take too long."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO
from xml.etree import ElementTree

from order import MOST_SHEETS, Rows, plain

A_SHEET = re.compile(r"xl/worksheets/.*\.xml")
ROWS_TO_LOOK_AT, MOST_SHARED = 30, 100_000  # a header stands above, and its texts are among the first


def first_rows(file: BinaryIO) -> list[tuple[str, Rows]]:
    """The texts of the first rows of each sheet, whether it is shown or not; nothing when they cannot be told."""
    try:
        return _first_cells(zipfile.ZipFile(file))
    except (ElementTree.ParseError, ValueError, LookupError, zipfile.BadZipFile, zlib.error):
        return []


def _first_cells(archive: zipfile.ZipFile) -> list[tuple[str, Rows]]:
    names = [name for name in archive.namelist() if A_SHEET.fullmatch(plain(name))]
    sheets = [(name, list(islice(_rows_of(archive, name), ROWS_TO_LOOK_AT))) for name in names[:MOST_SHEETS]]
    wanted = {int(text) for _name, rows in sheets for cells in rows for kind, text in cells if kind == "s"}
    shared = _shared_texts(archive, max(wanted, default=-1) + 1)
    return [
        (
            name,
            [(at, tuple(shared[int(text)] if kind == "s" else text for kind, text in cells)) for at, cells in numbered],
        )
        for name, numbered in ((name, list(enumerate(rows, start=1))) for name, rows in sheets)
        if numbered
    ]


def _rows_of(archive: zipfile.ZipFile, name: str) -> Iterator[list[tuple[str, str]]]:
    """Kind and text of the cells of each row that has any; the kind "s" means the text's place among the shared."""
    for row in _elements(archive, name, "row"):
        cells = [(cell.get("t", ""), _text_in(cell)) for cell in row if _tag(cell) == "c"]
        if filled := [(kind, text) for kind, text in cells if text]:
            yield filled


def _shared_texts(archive: zipfile.ZipFile, count: int) -> list[str]:
    """The first so many of the texts that cells share. Raises ValueError when that is too far to go."""
    if count > MOST_SHARED:
        raise ValueError(count)
    name = next((name for name in archive.namelist() if plain(name) == "xl/sharedstrings.xml"), "")
    return [_text_in(one) for one in islice(_elements(archive, name, "si"), count)] if name and count else []


def _elements(archive: zipfile.ZipFile, name: str, tag: str) -> Iterator[ElementTree.Element]:
    with archive.open(name) as part:
        for _event, element in ElementTree.iterparse(part):
            if _tag(element) == tag:
                yield element
                element.clear()


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text_in(element: ElementTree.Element) -> str:
    """The text, also of several fonts, without the phonetic guide that may stand above it."""
    if _tag(element) in {"t", "v"}:
        return element.text or ""
    return "".join(_text_in(one) for one in element if _tag(one) != "rPh")
