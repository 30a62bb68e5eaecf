"""Read the official register of divisions; one wrong line refuses the whole file."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from villages.models.places import DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS

COLUMNS = ("code", "name", "township_code", "township_name")
NAME_LENGTH = 50
# 居委会 and 虚拟社区 stand in the same register but are no administrative villages.
VILLAGE_ENDINGS = ("村委会", "村民委员会")


class Entry(NamedTuple):
    """One line of the register: a village's or residents' committee and its town."""

    line: int
    code: str
    name: str
    town_code: str
    town_name: str

    @property
    def is_village(self) -> bool:
        """Whether the committee is one of an administrative village."""
        return self.name.endswith(VILLAGE_ENDINGS)

    @property
    def district_code(self) -> str:
        """Code of the district."""
        return self.code[:DISTRICT_DIGITS]


class BadLine(NamedTuple):
    """A line that cannot be accepted, and why."""

    line: int
    reason: str


class BadRegister(Exception):
    """The file is refused; `bad` lists every bad line in order."""

    def __init__(self, bad: Iterable[BadLine]) -> None:
        self.bad = sorted(bad)
        super().__init__("\n".join(self.messages()))

    def messages(self) -> list[str]:
        """One sentence per reason, with the lines it concerns: "Lines 2–4, 9: …"."""
        lines_of: dict[str, list[int]] = {}
        for line, reason in self.bad:
            lines_of.setdefault(reason, []).append(line)
        return [
            _("Line %(lines)s: %(reason)s") % {"lines": spans(lines), "reason": reason}
            for reason, lines in lines_of.items()
        ]


def read_register(raw: bytes) -> list[Entry]:
    """The entries of a register file (CSV, UTF-8). Raises BadRegister with every bad line."""
    entries, bad = _read(_decode(raw))
    bad += _contradictions(entries)
    if not entries and not bad:
        bad = [BadLine(1, _("The file has no entries."))]
    if bad:
        raise BadRegister(bad)
    return entries


def spans(numbers: list[int]) -> str:
    """Line numbers as people write them: 2–4, 9."""
    runs = [
        [number for _position, number in run]
        for _key, run in groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = _("The text is not UTF-8. Save the file as “CSV UTF-8” and load it again.")
        raise BadRegister(
            BadLine(number, reason) for number, line in enumerate(raw.split(b"\n"), start=1) if not _is_utf8(line)
        ) from None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read(text: str) -> tuple[list[Entry], list[BadLine]]:
    """The lines that can be read as entries, and those that cannot."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries, bad = [], []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        positions = _positions(header)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                reason = _("The line has %(found)s columns instead of %(expected)s.")
                bad.append(BadLine(reader.line_num, reason % {"found": len(row), "expected": len(header)}))
                continue
            entries.append(Entry(reader.line_num, *(row[position].strip() for position in positions)))
    except csv.Error:
        bad.append(BadLine(reader.line_num, _("The line is not CSV. Check its quotation marks.")))
    return entries, bad


def _positions(header: list[str]) -> list[int]:
    missing = [column for column in COLUMNS if column not in header]
    if missing and any(header):
        reason = _("The column %(name)s is missing. The file needs %(all)s.")
        raise BadRegister(BadLine(1, reason % {"name": name, "all": ", ".join(COLUMNS)}) for name in missing)
    if missing:
        raise BadRegister([BadLine(1, _("The file is empty."))])
    return [header.index(column) for column in COLUMNS]


def _contradictions(entries: list[Entry]) -> list[BadLine]:
    """What is wrong with each entry by itself, and beside the others."""
    bad = [BadLine(entry.line, reason) for entry in entries for reason in _faults(entry)]
    most = Counter(entry.district_code for entry in entries).most_common(1)
    codes: dict[str, Entry] = {}
    towns: dict[str, Entry] = {}
    for entry in entries:
        first = codes.setdefault(entry.code, entry)
        if first is not entry:
            bad.append(BadLine(entry.line, _("The code stands on line %(line)s already.") % {"line": first.line}))
        town = towns.setdefault(entry.town_code, entry)
        if town.town_name != entry.town_name:
            reason = _("The town %(code)s is called %(here)s here, but %(there)s on line %(line)s.")
            words = {"code": entry.town_code, "here": entry.town_name, "there": town.town_name, "line": town.line}
            bad.append(BadLine(entry.line, reason % words))
        if entry.district_code != most[0][0]:
            reason = _("The code does not begin with %(code)s, the district of the other lines.")
            bad.append(BadLine(entry.line, reason % {"code": most[0][0]}))
    return bad


def _faults(entry: Entry) -> Iterable[str]:
    if not _is_code(entry.code, VILLAGE_DIGITS):
        yield _("The code must have exactly %(digits)s digits.") % {"digits": VILLAGE_DIGITS}
    if not _is_code(entry.town_code, TOWN_DIGITS):
        yield _("The town's code must have exactly %(digits)s digits.") % {"digits": TOWN_DIGITS}
    elif not entry.code.startswith(entry.town_code):
        yield _("Unknown town: the code does not begin with the code of its town.")
    for name in (entry.name, entry.town_name):
        if not name or not name.isprintable() or len(name) > NAME_LENGTH:
            yield _("A name is missing, too long or unreadable.")


def _is_code(text: str, digits: int) -> bool:
    # isdigit() alone would accept full-width digits, which look like others and are not.
    return len(text) == digits and text.isascii() and text.isdigit()
