"""Turn an uploaded file into rows: judged first, then read by a process of its own with limits."""

import json
import logging
import signal
import struct
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from households.register_import.taken_off import TakenOff

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("reader-program")
MEGABYTE = 1 << 20
CHECK_SECONDS = 30  # of processor time; a file within its limits is judged in two
LENGTH_BYTES, DAY_LENGTH = 4, 3

Cell = str | int | float | bool | date | datetime | None


class FileRefused(Exception):
    """The file cannot be read. The text is one sentence for the clerk that says what to do; `code` names the reason.

    `megabytes` is the most memory that the program which judged it has held, where it could say so.
    """

    def __init__(self, code: str, megabytes: int = 0) -> None:
        super().__init__(_sentence(code))
        self.code, self.megabytes = code, megabytes


class Raw(NamedTuple):
    """One row as the file has it: nothing is repaired, numbers stay numbers. `row` counts from 1, as Excel shows it.

    `sheet` is empty for a .csv. Rows without any value are left out.
    """

    sheet: str
    row: int
    cells: tuple[Cell, ...]


def _sentence(code: str) -> str:
    size = {"size": settings.IMPORT_FILE_MEGABYTES}
    return {
        "empty": _("The file is empty. Export or save it again, then upload it."),
        "too_large": _(
            "The file is larger than %(size)s MB. Split it into several files by town and upload them one by one."
        ),
        "password": _(
            "The workbook is protected by a password. Open it in Excel or WPS, remove the password, "
            "save it and upload it again."
        ),
        "old_format": _(
            "This is a workbook of the old format (.xls). Open it in Excel or WPS, save it as .xlsx and upload that."
        ),
        "other_format": _(
            "This format cannot be read. Open the file in Excel or WPS, save it as .xlsx and upload that."
        ),
        "macro": _("The workbook contains macros and is refused for safety. Save it as a plain .xlsx and upload that."),
        "bomb": _(
            "The file would grow far too large when opened and is refused for safety. Copy the rows you "
            "need into a new workbook."
        ),
        "not_a_workbook": _(
            "This is neither an Excel workbook (.xlsx) nor a .csv file. Choose the file that the "
            "national system exported."
        ),
        "wrong_extension": _(
            "This is an Excel workbook, but its name does not end in .xlsx. Save it as .xlsx in Excel "
            "or WPS and upload that."
        ),
        "damaged": _("The file is damaged or incomplete. Download or save it again, then upload it."),
        "encoding": _(
            "The characters of this .csv cannot be read. Save it as “CSV UTF-8” in Excel or WPS and upload it again."
        ),
        "no_rows": _(
            "There are no rows in this file. Check that you chose the right file and that its sheet is not hidden."
        ),
        "too_complex": _(
            "The workbook needs too much memory. Copy the rows alone into new sheets of at most 100,000 "
            "rows each and upload that."
        ),
        "too_slow": _("Reading the file takes too long. Copy the rows alone into a new workbook and upload that."),
    }[code] % size


class Judged(NamedTuple):
    """A file that can be read: about how many rows it has, and the texts of the first rows of each sheet.

    `first` is empty when they could not be told without reading whole sheets.
    """

    rows: int
    first: list[Raw]


class _AtWork:
    """The program that reads, at work on its order from now on, until it is over or somebody closes this."""

    def __init__(self, order: dict[str, Any]) -> None:
        with ExitStack() as stack:
            self._process = stack.enter_context(_process(order))
            stop = self._process.kill
            # It goes on reading while its rows are used.
            self._pieces = stack.enter_context(TakenOff(partial(_payload, self._process), stop=stop))
            self._leaving = stack.pop_all()

    def close(self) -> None:
        """End the program, wherever it is."""
        self._leaving.close()

    def _next(self) -> list[Any]:
        """The next piece; when the program was ended by a limit, by which."""
        payload = self._pieces.next()
        piece: list[Any] = _why_ended(self._process) if payload is None else orjson.loads(payload)
        return piece


class Judging(_AtWork):
    """A file just uploaded that is being judged, within two seconds, without reading its rows.

    `name` is the name it came with, when it is kept under another. The caller's own memory does not grow.
    """

    def __init__(self, path: Path, *, name: str = "") -> None:
        super().__init__(_order(path, name=name, is_check=True))

    @property
    def is_over(self) -> bool:
        """Whether the verdict is there, so that nobody would wait for it."""
        return self._process.poll() is not None

    @cached_property
    def verdict(self) -> Judged:
        """What was found, when it is. Raises FileRefused."""
        first: list[Raw] = []
        while (piece := self._next())[0] == "rows":
            first += [Raw(piece[1], row, tuple(cells)) for row, cells in piece[3]]
        return Judged(_ended(piece), first)


class Reading(_AtWork):
    """A file of which rows are being read, before anybody asks for them: as many as may wait."""

    def __init__(self, path: Path, *, name: str = "", most_rows: int = 0) -> None:
        super().__init__(_order(path, name=name, most_rows=most_rows))

    def rows(self) -> Generator[Raw]:
        """Every row, once. Leaving early ends the program. Raises FileRefused."""
        with closing(self):
            while (piece := self._next())[0] == "rows":
                _kind, sheet, has_dates, rows = piece
                for row, cells in rows:
                    yield Raw(sheet, row, tuple(map(_cell, cells)) if has_dates else tuple(cells))
        _ended(piece)


def check_file(path: Path, *, name: str = "") -> Judged:
    """Judge a file without reading its rows; see Judging. Raises FileRefused."""
    with closing(Judging(path, name=name)) as judging:
        return judging.verdict


def first_rows(path: Path, *, name: str = "", count: int = 30) -> list[Raw]:
    """The first rows that hold anything, to look for the header. Raises FileRefused."""
    return list(Reading(path, name=name, most_rows=count).rows())


def read_rows(path: Path, *, name: str = "") -> Generator[Raw]:
    """Every row of every visible sheet, in order, as the file is being read. Raises FileRefused.

    At no time more than some ten thousand rows are in the caller's memory. Leaving early ends the process that reads.
    """
    yield from Reading(path, name=name).rows()


def _order(path: Path, *, name: str, is_check: bool = False, most_rows: int = 0) -> dict[str, Any]:
    return {
        "path": str(path),
        "name": name or path.name,
        "is_check": is_check,
        "packed": settings.IMPORT_FILE_MEGABYTES * MEGABYTE,
        "unpacked": settings.IMPORT_UNPACKED_MEGABYTES * MEGABYTE,
        "memory": settings.IMPORT_MEMORY_MEGABYTES * MEGABYTE,
        "seconds": CHECK_SECONDS if is_check else settings.IMPORT_SECONDS,
        "most_rows": most_rows,
    }


def _ended(piece: list[Any]) -> int:
    """What the program's last piece says: about how many rows it has counted. Raises FileRefused."""
    if piece[0] == "refused":
        raise FileRefused(*piece[1:])
    logger.info("A file was read with at most %s MB.", piece[1])
    return int(piece[2])


@contextmanager
def _process(order: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """The program that reads. However the caller leaves, it is over afterwards."""
    command = [sys.executable, "-I", str(PROGRAM)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, bufsize=MEGABYTE, **pipes) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode())
            process.stdin.close()
            yield process
        finally:
            process.kill()


def _payload(process: subprocess.Popen[bytes]) -> bytes | None:
    """The next piece as it came; None when there is no whole one any more."""
    assert process.stdout is not None
    length = process.stdout.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    payload = process.stdout.read(struct.unpack("<L", length)[0])
    return payload if len(payload) == struct.unpack("<L", length)[0] else None


def _why_ended(process: subprocess.Popen[bytes]) -> list[Any]:
    ended = process.wait()
    logger.warning("The program that reads files ended with status %s.", ended)
    if ended in {-signal.SIGXCPU, -signal.SIGKILL}:
        return ["refused", "too_slow"]
    return ["refused", "too_complex" if ended == -signal.SIGABRT else "damaged"]


def _cell(value: Any) -> Cell:
    """A value as the program told it: a day is three whole numbers, a moment six."""
    if not isinstance(value, list):
        return value
    return date(*value) if len(value) == DAY_LENGTH else datetime(*value)
