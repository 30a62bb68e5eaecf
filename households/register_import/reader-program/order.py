"""What the program is asked for, and how it refuses a file."""

from collections.abc import Sequence
from typing import Any, NamedTuple

PIECE = 1 << 20  # bytes
MOST_SHEETS = 200

Rows = Sequence[tuple[int, Sequence[Any]]]


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


def plain(name: str) -> str:
    """The name of a part of a workbook as the standard writes it: some programs write it with backslashes."""
    return name.lower().replace("\\", "/")
