"""How our workbooks are written: text stays text, numbers that name something stay whole, nothing becomes a formula.

XlsxWriter makes everything but the rows of long tables. Those are streamed into its package, because half a million
rows would otherwise wait, readable, in a temporary file, and take twice as long.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

# What Excel itself is told as well, by whoever writes with XlsxWriter.
PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_FORMAT = 49  # the format's own number for "@": every program takes it for text
MOST_ROWS = 1_048_576  # of one sheet, by the format
ROWS_A_PIECE, A4 = 500, 9
END_OF_ROWS = b"</sheetData>"
DIMENSION = re.compile(rb"<dimension [^>]*/>")
LOSES_BLANKS = re.compile(r"^\s|\s$|[\r\n\t]")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SPECIAL = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|^\\s|\\s$")

Value = str | int | float | Decimal | None


class TooManyRows(Exception):
    """More rows than a sheet can hold."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's title and width in characters; `is_text` keeps long numbers whole."""

    title: str
    width: int = 12
    is_text: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `title` stands over the whole width above the header, as lists for people have it.

    Without a title the sheet begins with its header and can be fed back.
    """

    sheet: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Value]]
    title: str = ""

    @property
    def first_row(self) -> int:
        """The number of the first row below the header, as Excel counts."""
        return 3 if self.title else 2


def stream_tables(out: IO[bytes] | io.RawIOBase, tables: Sequence[Table]) -> None:
    """Write .xlsx to a file that need not be able to seek, the tables' rows one by one. Raises TooManyRows."""
    skeleton, text_style = _skeleton(tables)
    parts = {f"xl/worksheets/sheet{number}.xml": table for number, table in enumerate(tables, start=1)}
    with zipfile.ZipFile(io.BytesIO(skeleton)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for part in made.infolist():
            content = made.read(part)
            if part.filename not in parts:
                book.writestr(part.filename, content)
                continue
            before, mark, after = DIMENSION.sub(b"", content).partition(END_OF_ROWS)
            with book.open(part.filename, "w", force_zip64=True) as target:
                target.write(before)
                for piece in _pieces(parts[part.filename], text_style):
                    target.write(piece)
                target.write(mark + after)


def _skeleton(tables: Sequence[Table]) -> tuple[bytes, int]:
    """A workbook with its headers alone, and the number of its text style."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, **PLAIN_TEXT})
    text = book.add_format({"num_format": TEXT_FORMAT})
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "vcenter"})
    centred = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
    for table in tables:
        _head(book.add_worksheet(table.sheet), table, text, bold, centred)
    book.close()
    return content.getvalue(), text.xf_index


def _head(page: Any, table: Table, text: Any, bold: Any, centred: Any) -> None:
    """Widths, title and header of a sheet, and how it prints: A4 across, the header on every page."""
    header = table.first_row - 2
    for number, heading in enumerate(table.headings):
        page.set_column(number, number, heading.width, text if heading.is_text else None)
    if table.title:
        page.merge_range(0, 0, 0, len(table.headings) - 1, table.title, centred)
        page.set_row(0, 28)
    page.write_row(header, 0, [heading.title for heading in table.headings], bold)
    page.freeze_panes(header + 1, 0)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(header)


def _pieces(table: Table, text_style: int) -> Iterator[bytes]:
    """The rows some hundreds at a time, as the format wants them."""
    letters = [xl_col_to_name(number) for number in range(len(table.headings))]
    style = f' s="{text_style}"'
    written: list[str] = []
    for number, row in enumerate(table.rows, start=table.first_row):
        if number > MOST_ROWS:
            raise TooManyRows
        cells = [_cell(f"{letter}{number}", value, style) for letter, value in zip(letters, row, strict=True)]
        written.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(written) == ROWS_A_PIECE:
            yield "".join(written).encode()
            written.clear()
    yield "".join(written).encode()


def _cell(place: str, value: Value, style: str) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        return f'<c r="{place}"><v>{value}</v></c>'
    if SPECIAL.search(value):
        keep = ' xml:space="preserve"' if LOSES_BLANKS.search(value) else ""
        return f'<c r="{place}"{style} t="inlineStr"><is><t{keep}>{_escaped(value)}</t></is></c>'
    return f'<c r="{place}"{style} t="inlineStr"><is><t>{value}</t></is></c>'


def _escaped(text: str) -> str:
    """For XML; signs that XML has none for are left out."""
    return NOT_XML.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
