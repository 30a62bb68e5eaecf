"""Lines of the rounds side by side as finished words, for {% rows %}: a district has hundreds of links."""

from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext

from casework.coverage import Counts
from casework.side_by_side import Column, Place
from casework.views.figures import before_of, percent
from casework.views.sorting import Head

NOT_OWED = "–"


class Number(NamedTuple):
    """A number with the address of its list, or a zero that leads nowhere."""

    address: str
    number: str
    none: str


class Cell(NamedTuple):
    """A round at a place: the rate, done of owed, what is overdue and vacant, and the periods before."""

    name: str
    none: str
    percent: str
    done: Number
    owed: Number
    overdue: Number
    vacant: Number
    before: list[str]


class Line(NamedTuple):
    """One place: `label` leads on, or `name` does not; its rounds, and the numbers no round asks for."""

    look: str
    address: str
    label: str
    name: str
    cells: list[Cell]
    posts: Number
    unseen: Number
    monitored: Number


class Sort(NamedTuple):
    """What sorts by a column: where it leads, its words, and how the table is sorted by it now."""

    address: str
    words: str
    mark: str


NOTHING = Number("", "", "")
_MARKS = {"descending": " ▼", "ascending": " ▲"}


class Writer:
    """Writes the lines of one page: the addresses of its lists are looked up once."""

    def __init__(self, columns: list[Column]) -> None:
        self._columns = [(column, reverse("coverage_list", args=[column.round.pk])) for column in columns]
        self._posts, self._unseen = reverse("coverage_vacant"), reverse("coverage_unseen_list")

    def line(self, place: Place, names: str, *, label: str, address: str) -> Line:
        """A place below; `names` is what its lists are asked for. Without an address its label leads nowhere."""
        cells = [
            _cell(column, column.counts.get(place.key, Counts()), place.key, f"{path}?{names}")
            for column, path in self._columns
        ]
        link, name = (label, "") if address else ("", label)
        return Line("", address, link, name, cells, *self._numbers(place, names))

    def sum(self, sums: Place, names: str) -> Line:
        """The sums of the counts."""
        cells = [_cell(column, column.total, "", f"{path}?{names}") for column, path in self._columns]
        return Line("plain", "", "", gettext("Sum"), cells, *self._numbers(sums, names))

    def _numbers(self, place: Place, names: str) -> tuple[Number, Number, Number]:
        unseen = f"{self._unseen}?{names}"
        posts = _number(place.posts, f"{self._posts}?{names}")
        return posts, _number(place.unseen, unseen), _number(place.monitored, unseen)


def _cell(column: Column, counts: Counts, key: str, names: str) -> Cell:
    name = column.round.name
    if not counts.total:
        return Cell(name, NOT_OWED, "", NOTHING, NOTHING, NOTHING, NOTHING, [])
    done, owed = _number(counts.done, names), _number(counts.owed, names)
    overdue, vacant = (_number(number, names) if number else NOTHING for number in (counts.overdue, counts.vacant))
    return Cell(name, "", percent(counts), done, owed, overdue, vacant, _before(column, counts, key))


def _number(number: int, address: str) -> Number:
    return Number(address, str(number), "") if number else Number("", "", "0")


def _before(column: Column, counts: Counts, key: str) -> list[str]:
    """The period before on the same day, and as it was closed."""
    said = gettext("last period, same day"), gettext("at its closing")
    then = zip(said, before_of(counts, column.last, key), strict=False)
    return [f"{words} {was.percent} ({was.short})" if was.short else f"{words} {was.percent}" for words, was in then]


def sorts_of(heads: Iterable[Head], path: str) -> list[Sort]:
    """What stands in the head of a column."""
    return [Sort(f"{path}?{head.address}", str(head.words), _MARKS.get(head.order, "")) for head in heads]


def order_of(heads: Iterable[Head]) -> str:
    """How the table is sorted by one of these, as browsers call it; "" when it is not."""
    return next((head.order for head in heads if head.order), "")
