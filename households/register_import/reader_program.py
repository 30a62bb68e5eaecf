"""A program of its own that reads one file within limits, told by JSON on its standard input.

It knows nothing of Django, so that it starts at once and needs little memory. What it finds goes to its standard
output in pieces, each a length and marshalled values: ("rows", sheet, has dates, [(row, cells), ...]), and at last
("end", peak megabytes, rows counted by a check) or ("refused", code, peak megabytes). At a limit of memory or
processor time it ends without a last piece.
"""

import csv
import json
import marshal
import mmap
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO, NamedTuple
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
END_OF_DIRECTORY, END_BYTES, LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
LARGEST_DIRECTORY = 1_000_000  # bytes; a workbook has some dozens of parts
SHARPEST_RATIO = 200  # a sheet of equal rows packs to about a hundredth, an attack to a thousandth
LARGEST_ERROR = 10_000_000  # bytes; a part that is longer than it says by less is damaged, by more it lies
SMALL_PART = 1_000_000  # bytes; below that any ratio is harmless
MOST_SHEETS, ROWS_A_PIECE, PIECE = 200, 2_000, 1 << 20
ROWS_TO_LOOK_AT, MOST_SHARED = 30, 100_000  # a header stands above, and its texts are among the first
LOCAL_HEADER_BYTES, LONGEST_CELL = 30, 100_000
PLAIN = 2  # of marshal: later versions look for values that are the same object, and no two cells are
MACROS = ("vbaproject.bin", "xl/macrosheets/")
A_VALUE, LONGEST_TAG = re.compile(rb"<(\w+:)?(v|t|is)[ >]"), 32
A_ROW_ENDS = b"row>"  # with or without a prefix; one that lies across two pieces may be missed

NOTHING = ("", None)
SEPARATORS = ",\t;"

Rows = list[tuple[int, tuple[Any, ...]]]


class Refused(Exception):
    """The file is refused; `code` says why, see FileRefused."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Order(NamedTuple):
    """What is asked for. `name` is the name the file came with; `packed` and `unpacked` are limits in bytes."""

    path: str
    name: str
    is_check: bool
    packed: int
    unpacked: int
    memory: int
    seconds: int
    most_rows: int


def main() -> int:
    """Read what the order says, within its limits."""
    order = Order(**json.load(sys.stdin))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of this memory would hold personal data
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (order.seconds, order.seconds))
    resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    try:
        counted = check(order) if order.is_check else 0
        for sheet, rows in beginnings(order) if order.is_check else read(order):
            tell_rows(sheet, rows)
    except Refused as refused:
        tell("refused", refused.code, peak_megabytes())
    except MemoryError:
        tell("refused", "too_complex", peak_megabytes())
    else:
        tell("end", peak_megabytes(), counted)
    return 0


def peak_megabytes() -> int:
    """The most memory this program has held; the usual getrusage() also counts whoever started it."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def tell(*values: Any) -> None:
    """One piece to whoever started this program."""
    send(marshal.dumps(values))


def tell_rows(sheet: str, rows: Rows) -> None:
    """Some rows. Where there are dates, each becomes a tuple of numbers and a time of day a text: marshal has none."""
    try:
        payload = marshal.dumps(("rows", sheet, False, rows), PLAIN)
    except ValueError:
        plain = [(number, tuple(map(_plain, cells))) for number, cells in rows]
        payload = marshal.dumps(("rows", sheet, True, plain), PLAIN)
    send(payload)


def send(payload: bytes) -> None:
    """Its length, then itself."""
    sys.stdout.buffer.write(struct.pack("<L", len(payload)) + payload)
    sys.stdout.buffer.flush()


def check(order: Order) -> int:
    """Judge the file without reading its rows; about how many there are."""
    with open(order.path, "rb") as file:
        if archive := _judged(file, order):
            return _count_rows(file, archive.infolist())
    # One row proves that there are any; a text is gone through as a whole to find its encoding.
    for _piece in in_pieces([("", texts(order.path))], 1):
        pass
    return _count_lines(order.path)


def read(order: Order) -> Iterator[tuple[str, Rows]]:
    """Judge the file by its first bytes, then read its rows piece by piece."""
    with open(order.path, "rb") as file:
        if _judged(file, order):
            yield from in_pieces(sheets(order.path), order.most_rows)
        else:
            yield from in_pieces([("", texts(order.path))], order.most_rows)


def _judged(file: BinaryIO, order: Order) -> zipfile.ZipFile | None:
    """The parts of a workbook, None for a .csv. Raises Refused for everything else."""
    size = file.seek(0, 2)
    if not size:
        raise Refused("empty")
    if size > order.packed:
        raise Refused("too_large")
    head, ending = _head(file), order.name.rpartition(".")[2].lower()
    if head.startswith(OLE):
        raise Refused(_old_or_locked(file))
    if head.startswith(ZIP):
        return judge_zip(file, ending, order)
    if ending != "csv":
        raise Refused("not_a_workbook")
    return None


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(len(OLE))


def _old_or_locked(file: BinaryIO) -> str:
    """A workbook with a password is kept in the container of the old format; so is the old format itself."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "password"
        is_old = any(content.find(name.encode("utf-16-le")) >= 0 for name in ("Workbook", "Book"))
    return "old_format" if is_old else "not_a_workbook"


def in_pieces(found: Iterable[tuple[str, Iterable[list[Any]]]], most_rows: int) -> Iterator[tuple[str, Rows]]:
    """Rows that hold anything, with their numbers, some thousands at a time. Refuses a file without any."""
    left = most_rows or sys.maxsize
    for sheet, rows in found:
        filled = (
            (number, tuple(cells))
            for number, cells in enumerate(rows, start=1)
            if (cells and cells[0] not in NOTHING) or any(cell not in NOTHING for cell in cells)
        )
        while left and (piece := list(islice(filled, min(left, ROWS_A_PIECE)))):
            left -= len(piece)
            yield sheet, piece
    if left == (most_rows or sys.maxsize):
        raise Refused("no_rows")


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return (cell.year, cell.month, cell.day, cell.hour, cell.minute, cell.second)
    if isinstance(cell, date):
        return (cell.year, cell.month, cell.day)
    return cell if cell is None or isinstance(cell, (str, int, float)) else str(cell)


# Workbooks ------------------------------------------------------------------------------------


def judge_zip(file: BinaryIO, ending: str, order: Order) -> zipfile.ZipFile:
    """Refuse what is not a plain .xlsx by the directory of its parts."""
    _judge_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    parts = archive.infolist()
    _judge_sizes(parts, file.seek(0, 2), order)
    names = {part.filename.lower() for part in parts}
    if ending == "xlsm" or any(word in name for name in names for word in MACROS):
        raise Refused("macro")
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise Refused("other_format")
    if "xl/workbook.xml" not in names:
        raise Refused("not_a_workbook")
    if ending != "xlsx":
        raise Refused("wrong_extension")
    return archive


def _count_rows(file: BinaryIO, parts: list[zipfile.ZipInfo]) -> int:
    """About how many rows there are; every part is unpacked to the end, because directories lie."""
    contents = [_unpacks_to(file, part) for part in parts]
    if not any(content.has_values for content in contents):
        raise Refused("no_rows")
    return sum(content.rows for content in contents)


def _judge_directory(file: BinaryIO) -> None:
    """The end of the directory, read by hand: a directory of a million parts must not be loaded to be counted."""
    size = file.seek(0, 2)
    tail_length = min(size, END_BYTES + LONGEST_COMMENT)
    file.seek(size - tail_length)
    tail = file.read(tail_length)
    # Programs differ in which of several ends they take, so all of them must be small.
    ends = [at for at in range(len(tail) - END_BYTES + 1) if tail.startswith(END_OF_DIRECTORY, at)]
    lengths = [struct.unpack_from("<L", tail, at + 12)[0] for at in ends]
    if not lengths:
        raise Refused("damaged")
    if max(lengths) > LARGEST_DIRECTORY:
        raise Refused("bomb")


def _judge_sizes(parts: list[zipfile.ZipInfo], size: int, order: Order) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise Refused("damaged")
    is_sharp = any(
        part.file_size > SMALL_PART and part.file_size > SHARPEST_RATIO * max(part.compress_size, 1) for part in parts
    )
    # Parts that lie upon one another would unpack the same bytes again and again.
    is_stacked = packed > size or len({part.header_offset for part in parts}) < len(parts)
    if unpacked > order.unpacked or is_sharp or is_stacked:
        raise Refused("bomb")


class Content(NamedTuple):
    """What a part unpacks to: whether it is a sheet in which any cell has a value, and its rows."""

    has_values: bool = False
    rows: int = 0


def _unpacks_to(file: BinaryIO, part: zipfile.ZipInfo) -> Content:
    """Unpack without keeping anything, and stop as soon as there is more than the directory says."""
    is_sheet, has_values, tail = part.filename.lower().startswith("xl/worksheets/"), False, b""
    count, checksum, rows = 0, 0, 0
    for piece in _unpacked(file, part):
        count += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if count > part.file_size + LARGEST_ERROR:
            raise Refused("bomb")
        if is_sheet:
            rows += piece.count(A_ROW_ENDS)
            has_values = has_values or A_VALUE.search(tail + piece) is not None
            tail = piece[-LONGEST_TAG:]
    if (count, checksum) != (part.file_size, part.CRC):
        raise Refused("damaged")
    return Content(has_values, rows)


def _unpacked(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the bytes of a part unpack to, whatever the directory says about them."""
    file.seek(part.header_offset)
    header = file.read(LOCAL_HEADER_BYTES)
    if len(header) < LOCAL_HEADER_BYTES or not header.startswith(ZIP):
        raise Refused("damaged")
    file.seek(sum(struct.unpack_from("<HH", header, LOCAL_HEADER_BYTES - 4)), 1)
    left = part.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := file.read(min(left, PIECE))):
        left -= len(packed)
        if inflate is None:
            yield packed
        while inflate and packed:
            try:
                yield inflate.decompress(packed, PIECE)
            except zlib.error as error:
                raise Refused("damaged") from error
            packed = inflate.unconsumed_tail


def sheets(path: str) -> Iterator[tuple[str, Iterable[list[Any]]]]:
    """Every visible sheet, one after the other: only one is in memory at a time."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            shown = [sheet.name for sheet in book.sheets_metadata if _is_shown(sheet)]
            if len(shown) > MOST_SHEETS:
                raise Refused("too_complex")
            for name in shown:
                yield name, book.get_sheet_by_name(name).iter_rows()
    except PasswordError as error:
        raise Refused("password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("damaged") from error


def _is_shown(sheet: Any) -> bool:
    return sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible


# The beginnings of sheets, for a check of the columns: a library that reads whole sheets would take too long ----


def beginnings(order: Order) -> Iterator[tuple[str, Rows]]:
    """The texts of the first rows of each sheet, whether it is shown or not; nothing when they cannot be told."""
    with open(order.path, "rb") as file:
        if not zipfile.is_zipfile(file):
            yield from in_pieces([("", texts(order.path))], ROWS_TO_LOOK_AT)
            return
        try:
            found = _first_cells(zipfile.ZipFile(file))
        except (ElementTree.ParseError, ValueError, LookupError, zipfile.BadZipFile, zlib.error):
            return
        yield from found


def _first_cells(archive: zipfile.ZipFile) -> list[tuple[str, Rows]]:
    names = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/") and name.endswith(".xml")]
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
    name = next((name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"), "")
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


# Text -----------------------------------------------------------------------------------------


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


def _count_lines(path: str) -> int:
    with open(path, "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))


def _separator(beginning: str) -> str:
    """What stands most often in the first line that is cut at all: a title above the header is not."""
    cut = (line for line in beginning.splitlines() if any(sign in line for sign in SEPARATORS))
    return max(SEPARATORS, key=next(cut, "").count)


def _unwrapped(cell: str) -> str:
    """Programs write ="0012" into a .csv to keep Excel from reading a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


if __name__ == "__main__":
    sys.exit(main())
