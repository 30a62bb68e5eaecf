"""The lines of a bulletin's tables, from the figures that were kept: the same for page, print, workbook and API."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from casework.bulletin_figures import KEY, OTHER, VILLAGE, counts_in, round_in, unvisited
from casework.bulletin_words import labels_of, remark_of, unit_of
from casework.coverage import Counts
from casework.explained import how_counted
from casework.models.seats import seat_label
from casework.rates import percent


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a village (with its number), the subtotal of a town, or a whole round."""

    number: int | None
    town: str
    village: str
    counts: Counts

    @property
    def unvisited(self) -> int:
        """What is owed and not done."""
        return unvisited(self.counts)

    @property
    def percent(self) -> str:
        """The rate in words."""
        return percent(self.counts)

    @property
    def remark(self) -> str:
        """Vacancies and what is overdue."""
        return remark_of(self.counts)


class LineWords(NamedTuple):
    """A village's line in finished words: a district's bulletin has thousands of them on one page."""

    number: str
    town: str
    village: str
    total: str
    done: str
    by_phone: str
    unvisited: str
    excused: str
    percent: str
    remark: str


@dataclass(frozen=True, slots=True)
class SeatLine:
    """What one post has done: key households, others, or villages, each as (owed, done, new in the period)."""

    post: str
    key: list[int]
    other: list[int]
    villages: list[int]
    vacant_places: int
    vacant: int

    @property
    def new(self) -> int:
        """Done within the period."""
        return self.key[2] + self.other[2] + self.villages[2]

    @property
    def remark(self) -> str:
        """Where nobody holds the post."""
        if not self.vacant_places:
            return ""
        return _("vacant in %(places)s villages, %(visits)s visits") % {
            "places": self.vacant_places,
            "visits": self.vacant,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A town: its villages and, where there are several towns, their subtotal."""

    villages: list[Line]
    subtotal: Line | None

    def said(self) -> list[LineWords]:
        """The villages' lines as a page writes them."""
        return [
            LineWords(
                str(line.number),
                line.town,
                line.village,
                str(line.counts.total),
                str(line.counts.done),
                str(line.counts.by_phone),
                str(line.unvisited),
                str(line.counts.excused),
                line.percent,
                line.remark,
            )
            for line in self.villages
        ]


@dataclass(frozen=True, slots=True)
class Section:
    """One round: its name, what its numbers count, how it is counted, its groups, posts and total."""

    pk: int
    number: int
    name: str
    unit: str
    explained: str
    days: tuple[str, str]
    as_of: str
    groups: list[Group]
    seats: list[SeatLine]
    total: Line


def sections_of(figures: dict[str, Any]) -> list[Section]:
    """The rounds in the order of the bulletin, places in the order of their codes."""
    labels = labels_of(figures)
    return [_section(number, part, labels[part["id"]]) for number, part in enumerate(figures["rounds"], start=1)]


def _section(number: int, part: dict[str, Any], name: str) -> Section:
    return Section(
        pk=part["id"],
        number=number,
        name=name,
        unit=unit_of(part),
        explained=how_counted(round_in(part)),
        days=(part["starts_on"], part["due_on"]),
        as_of=part["as_of"],
        groups=list(_groups(part["towns"])),
        seats=[_seat(seat) for seat in part["seats"]],
        total=Line(None, _("Total"), "", counts_in(part)),
    )


def _groups(towns: list[dict[str, Any]]) -> Iterator[Group]:
    number = 0
    for town in towns:
        lines = []
        for village in town["villages"]:
            number += 1
            lines.append(Line(number, town["name"], village["name"], counts_in(village)))
        subtotal = Line(None, town["name"], _("subtotal"), counts_in(town)) if len(towns) > 1 else None
        yield Group(lines, subtotal)


def _seat(seat: dict[str, Any]) -> SeatLine:
    numbers = {kind: seat["classes"].get(kind, [0, 0, 0]) for kind in (KEY, OTHER, VILLAGE)}
    return SeatLine(
        post=seat_label(seat["seat"]),
        key=numbers[KEY],
        other=numbers[OTHER],
        villages=numbers[VILLAGE],
        vacant_places=seat["vacant_places"],
        vacant=seat["counts"]["vacant"],
    )
