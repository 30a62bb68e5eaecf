"""Duties and visits of places, counted by day: all that a trend is made of."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from casework.pace import Sums, monday_of


class DutyGroup(NamedTuple):
    """So many duties of one place that were done on one day (None: not yet) and are no longer owed from one day on."""

    place: str
    credited_on: date | None
    gone_on: date | None
    number: int


class VisitGroup(NamedTuple):
    """So many visits to one place on one day."""

    place: str
    visited_on: date
    number: int


class DutyDays(NamedTuple):
    """The duties of a place: how many there are, done by the end of a day, and excused by then."""

    total: int
    done: Sums
    excused: Sums

    @classmethod
    def of(cls, groups: Iterable[DutyGroup]) -> "DutyDays":
        """All of these duties together."""
        total, done, excused = 0, Counter[date](), Counter[date]()
        for _place, credited_on, gone_on, number in groups:
            total += number
            if credited_on:
                done[credited_on] += number
            # Done before it was excused: never excused. Done later: excused until then.
            if gone_on and not (credited_on and credited_on <= gone_on):
                excused[gone_on] += number
                if credited_on:
                    excused[credited_on] -= number
        return cls(total, Sums(done), Sums(excused))

    def owed_by(self, day: date) -> int:
        """All but those excused by the end of that day, as the coverage page counts them."""
        return self.total - self.excused.by(day)


class VisitWeeks(NamedTuple):
    """Visits by the Monday of their week: of all places, and of each."""

    whole: Counter[date]
    places: dict[str, Counter[date]]

    @classmethod
    def of(cls, groups: Iterable[VisitGroup]) -> "VisitWeeks":
        """All of these visits."""
        whole, places = Counter[date](), defaultdict[str, Counter[date]](Counter)
        for place, visited_on, number in groups:
            monday = monday_of(visited_on)
            whole[monday] += number
            places[place][monday] += number
        return cls(whole, dict(places))


class Days(NamedTuple):
    """The days of a place's duties and visits, and of the places below it by their codes."""

    whole: DutyDays
    parts: dict[str, DutyDays]
    visits: VisitWeeks

    @classmethod
    def of(cls, duties: Iterable[DutyGroup], visits: Iterable[VisitGroup]) -> "Days":
        """Sorted by places once, so that a page only looks days up."""
        groups = list(duties)
        by_place = defaultdict[str, list[DutyGroup]](list)
        for group in groups:
            by_place[group.place].append(group)
        parts = {place: DutyDays.of(its_groups) for place, its_groups in by_place.items()}
        return cls(DutyDays.of(groups), parts, VisitWeeks.of(visits))

    @property
    def total(self) -> int:
        """So many duties and visits were counted."""
        return self.whole.total + self.visits.whole.total()
