"""A program of its own that reads one file within limits, told by JSON on its standard input.

Python is started with this folder (`python -I FOLDER`), where it finds the program's other parts. It knows nothing of
Django, so that it starts at once and needs little memory. What it finds goes to its standard output in pieces, each a
length and values as JSON: ["rows", sheet, has dates, [[row, cells], ...]], and at last ["end", peak megabytes, rows
counted by a check] or ["refused", code, peak megabytes]. At a limit of memory or processor time it ends without a last
piece.
"""

import gc
import json
import resource
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import orjson
from first_rows import ROWS_TO_LOOK_AT, first_rows
from judging import count_rows, judged
from order import MOST_SHEETS, Order, Refused, Rows
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum
from texts import count_lines, texts

ROWS_A_PIECE = 250  # as fit into a processor's cache
AS_TOLD = orjson.OPT_PASSTHROUGH_DATETIME  # dates are told otherwise than texts
NOTHING = ("", None)


def main() -> int:
    """Read what the order says, within its limits."""
    order = Order(**json.load(sys.stdin))
    gc.disable()  # rows die without it, and there are millions of cells to go through
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
    send(orjson.dumps(values))


def tell_rows(sheet: str, rows: Rows) -> None:
    """Some rows. Where there are dates, each becomes a list of numbers and a time of day a text."""
    try:
        payload = orjson.dumps(("rows", sheet, False, rows), option=AS_TOLD)
    except TypeError:
        plain = [(number, [*map(_plain, cells)]) for number, cells in rows]
        payload = orjson.dumps(("rows", sheet, True, plain))
    send(payload)


def send(payload: bytes) -> None:
    """Its length, then itself."""
    sys.stdout.buffer.write(struct.pack("<L", len(payload)) + payload)
    sys.stdout.buffer.flush()


def check(order: Order) -> int:
    """Judge the file without reading its rows; about how many there are."""
    with open(order.path, "rb") as file:
        if archive := judged(file, order):
            return count_rows(file, archive.infolist())
    # One row proves that there are any; a text is gone through as a whole to find its encoding.
    for _piece in in_pieces([("", texts(order.path))], 1):
        pass
    return count_lines(order.path)


def read(order: Order) -> Iterator[tuple[str, Rows]]:
    """Judge the file by its first bytes, then read its rows piece by piece."""
    with open(order.path, "rb") as file:
        if judged(file, order):
            yield from in_pieces(sheets(order.path), order.most_rows)
        else:
            yield from in_pieces([("", texts(order.path))], order.most_rows)


def beginnings(order: Order) -> Iterator[tuple[str, Rows]]:
    """The first rows of each sheet, for a check of the columns."""
    with open(order.path, "rb") as file:
        if zipfile.is_zipfile(file):
            yield from first_rows(file)
        else:
            yield from in_pieces([("", texts(order.path))], ROWS_TO_LOOK_AT)


def in_pieces(found: Iterable[tuple[str, Iterable[list[Any]]]], most_rows: int) -> Iterator[tuple[str, Rows]]:
    """Rows that hold anything, with their numbers, some thousands at a time. Refuses a file without any."""
    left = most_rows or sys.maxsize
    for sheet, rows in found:
        numbered = enumerate(rows, start=1)
        while left and (some := list(islice(numbered, ROWS_A_PIECE))):
            # Nearly every row begins with something, its serial number.
            piece: Rows = [
                (number, cells)
                for number, cells in some
                if (cells and cells[0] not in NOTHING) or any(cell not in NOTHING for cell in cells)
            ][:left]
            left -= len(piece)
            if piece:
                yield sheet, piece
    if left == (most_rows or sys.maxsize):
        raise Refused("no_rows")


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return [cell.year, cell.month, cell.day, cell.hour, cell.minute, cell.second]
    if isinstance(cell, date):
        return [cell.year, cell.month, cell.day]
    return cell if cell is None or isinstance(cell, (str, int, float)) else str(cell)


# Workbooks ------------------------------------------------------------------------------------


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


if __name__ == "__main__":
    sys.exit(main())
