"""How a coverage table becomes lines of numbers, each a link to the named list behind it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework import rates
from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, Counts, CoverageTable, Row
from casework.forms.coverage import CoverageQuery
from casework.last_period import LastPeriod
from casework.models import Round
from casework.splits import BY_CLASS, BY_GROUP
from casework.views.sorting import in_order_asked
from villages.models import District, Town, Village

DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
SMALLEST_DIFFERENCE = 0.005  # points; less is written 0.00

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
OWED: tuple[str, Promise, str] = ("owed", _("required, without the excused"), "&owed=on")
KEY_OF_WAY = {
    BY_PLACE: "place",
    BY_VILLAGE: "place",
    BY_POST: "post",
    BY_UNIT: "unit",
    BY_CLASS: "kind",
    BY_GROUP: "group",
}


class Cell(NamedTuple):
    """One number and what its named list is asked for beside the line's own question."""

    name: str
    words: Promise
    number: int
    tail: str


class Then(NamedTuple):
    """A rate of the period before, and in words how today's differs from it."""

    percent: str
    difference: str
    short: str


class Line(NamedTuple):
    """One line of the table. `names` asks for all its duties, `below` for the next level (or is empty).

    `before` holds the period before on the same day and at its closing, as far as it is shown.
    """

    label: str
    note: str
    cells: list[Cell]
    percent: str
    names: str
    below: str
    before: tuple[Then, ...] = ()


class Crumb(NamedTuple):
    """A place above the figures, and the address of its own figures."""

    name: str
    address: str


def lines_of(
    table: CoverageTable, query: CoverageQuery, place: str, by: str, last: LastPeriod | None = None
) -> list[Line]:
    """The rows of the table with their links, in the order asked for."""
    key = KEY_OF_WAY[by]
    base = query.address(by="", sort="", place="" if key == "place" else place)
    lines = []
    for row in in_order_asked(table.rows, query.asked()["sort"], value_of):
        below = query.address(place=row.key) if by == BY_PLACE and len(row.key) == TOWN_DIGITS else ""
        address = _joined(base, f"{key}={row.key.replace('+', '%2B')}")
        before = before_of(row.counts, last, row.key)
        lines.append(Line(row.label, row.note, cells_of(row.counts), percent(row.counts), address, below, before))
    return lines


def value_of(row: Row, column: str) -> float | None:
    """The number of a row by which the table is sorted; nothing for a column it does not have."""
    return row.counts.rate if column == "rate" else row.counts.as_dict().get(column)


def sum_of(table: CoverageTable, query: CoverageQuery, place: str, last: LastPeriod | None = None) -> Line:
    """The last line: the sum of the counts, never a mean of rates."""
    address = query.address(by="", sort="", place=place)
    return Line("", "", cells_of(table.total), percent(table.total), address, "", before_of(table.total, last))


def before_of(counts: Counts, last: LastPeriod | None, key: str = "") -> tuple[Then, ...]:
    """The period before, for the row of that key, or for the sum."""
    if last is None:
        return ()
    same_day = last.counts.get(key, Counts()) if key else last.total
    closing = (last.closing.get(key, Counts()) if key else last.closing_total,) if last.closing else ()
    return tuple(
        Then(percent(then), difference(counts, then), difference(counts, then, is_short=True))
        for then in (same_day, *closing)
    )


def difference(now: Counts, then: Counts, *, is_short: bool = False) -> str:
    """By how many percentage points the rate is above or below the other, with its sign; "" without either."""
    if now.rate is None or then.rate is None:
        return ""
    points = 100 * (now.rate - then.rate)
    if abs(points) < SMALLEST_DIFFERENCE:
        return gettext("equal")
    if is_short:
        words = gettext("+%(points)s up") if points > 0 else gettext("−%(points)s down")
    else:
        words = gettext("+%(points)s points, higher") if points > 0 else gettext("−%(points)s points, lower")
    return words % {"points": f"{abs(points):.2f}"}


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
        if digits in levels:
            names |= dict(model._default_manager.filter(pk=place[:digits]).values_list("pk", "name"))
    return [Crumb(names.get(code, code), query.address(place=code)) for code in codes]


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)
