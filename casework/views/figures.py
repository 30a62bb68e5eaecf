"""How a coverage table becomes lines of numbers, each a link to the named list behind it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework import rates
from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, Counts, CoverageTable
from casework.forms.coverage import CoverageQuery
from casework.models import Round
from villages.models import District, Town, Village

DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12

# Name of the count, its words, and what its list is asked for.
COLUMNS: list[tuple[str, Promise, str]] = [
    ("total", _("total"), ""),
    ("done", _("done"), "&state=done"),
    ("by_phone", _("of it by phone"), "&by_phone=on"),
    ("open", _("open"), "&state=open"),
    ("overdue", _("overdue"), "&state=overdue"),
    ("vacant", _("vacant"), "&state=vacant"),
    ("excused", _("excused"), "&state=excused"),
]


class Cell(NamedTuple):
    """One number and what its named list is asked for beside the line's own question."""

    name: str
    words: Promise
    number: int
    tail: str


class Line(NamedTuple):
    """One line of the table. `names` asks for all its duties, `below` for the next level (or is empty)."""

    label: str
    note: str
    cells: list[Cell]
    percent: str
    names: str
    below: str


class Crumb(NamedTuple):
    """A place above the figures, and the address of its own figures."""

    name: str
    address: str


def lines_of(table: CoverageTable, query: CoverageQuery, place: str, by: str) -> list[Line]:
    """The rows of the table with their links."""
    key = {BY_PLACE: "place", BY_VILLAGE: "place", BY_POST: "post", BY_UNIT: "unit"}[by]
    base = query.address(by="", place="" if key == "place" else place)
    lines = []
    for row in table.rows:
        below = query.address(place=row.key) if by == BY_PLACE and len(row.key) == TOWN_DIGITS else ""
        address = _joined(base, f"{key}={row.key.replace('+', '%2B')}")
        lines.append(Line(row.label, row.note, cells_of(row.counts), percent(row.counts), address, below))
    return lines


def sum_of(table: CoverageTable, query: CoverageQuery, place: str) -> Line:
    """The last line: the sum of the counts, never a mean of rates."""
    address = query.address(by="", place=place)
    return Line("", "", cells_of(table.total), percent(table.total), address, "")


def cells_of(counts: Counts) -> list[Cell]:
    """The numbers of a line in the order of the columns."""
    return [Cell(name, words, getattr(counts, name), tail) for name, words, tail in COLUMNS]


def percent(counts: Counts) -> str:
    """Done of what is owed, with two decimals; a dash when nothing is owed."""
    return rates.percent(counts)


def crumbs_of(round: Round, place: str, query: CoverageQuery) -> list[Crumb]:
    """From the round's place down to the place asked for: district, town, village."""
    return crumbs_between(round.place_code, place, query)


def crumbs_between(top: str, place: str, query: CoverageQuery) -> list[Crumb]:
    """The same from any place downwards; "" stands above them all."""
    levels = range(len(top), len(place) + 1)
    codes = [place[:digits] for digits in (DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS) if digits in levels]
    names: dict[str, str] = {}
    for model, digits in ((District, DISTRICT_DIGITS), (Town, TOWN_DIGITS), (Village, VILLAGE_DIGITS)):
        if place[:digits] in codes:
            names |= dict(model._default_manager.filter(pk=place[:digits]).values_list("pk", "name"))
    return [Crumb(names.get(code, code), query.address(place=code)) for code in codes]


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)
