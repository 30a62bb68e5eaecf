"""How many households nobody has met, by place and by class; a whole district's numbers are kept for a minute."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from casework.models import KeptUnseen
from casework.one_counts import GRACE, LEASE, awaited, claimed, kept_as_counted
from casework.shelf import Remembered
from casework.splits import CLASSES, class_of
from casework.unseen import Cell, Seen, count_cells, households_behind
from households.models import Household
from villages import reach
from villages.models import Cadre, District, Town, Village
from villages.prepared import Prepared

BY_PLACE, BY_CLASS = "place", "class"
DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
# Kept numbers that nobody has asked for since are dropped.
FORGOTTEN_AFTER = timedelta(hours=1)
NO_TIME = timedelta(0)


@dataclass(slots=True)
class SeenRow:
    """One line: a place or a class."""

    key: str
    label: str
    counts: Seen


@dataclass(slots=True)
class SeenFigures:
    """Numbers by cell, and the moment they were counted at. Readers share them: nobody changes them."""

    cells: dict[Cell, Seen]
    counted_at: datetime
    _by_place: dict[int, dict[str, Seen]] = field(default_factory=dict)

    def by_place(self, digits: int) -> dict[str, Seen]:
        """The sums by the place's code of so many digits; added up once."""
        if digits not in self._by_place:
            found: dict[str, Seen] = defaultdict(Seen)
            for (village_id, _kind, _base), counts in self.cells.items():
                found[village_id[:digits]].add(counts)
            self._by_place[digits] = dict(found)
        return self._by_place[digits]

    def monitored(self) -> "SeenFigures":
        """Only the monitored households."""
        return SeenFigures({cell: counts for cell, counts in self.cells.items() if cell[1]}, self.counted_at)

    def rows(self, by: str, place_code: str) -> list[SeenRow]:
        """The rows below the place in order of codes, or the classes with the monitored first."""
        if by == BY_CLASS:
            return _classes(self.cells)
        return _places(self.by_place(VILLAGE_DIGITS if len(place_code) >= TOWN_DIGITS else TOWN_DIGITS))


def total_of(rows: list[SeenRow]) -> Seen:
    """The sum of the rows' counts."""
    total = Seen()
    for row in rows:
        total.add(row.counts)
    return total


def seen_figures(
    *, cadre: Cadre, on: date, days: int, place_code: str, seen_on: date, now: datetime, is_anew: bool = False
) -> SeenFigures:
    """The numbers below the place for what the cadre may see as of `seen_on`; large ones at most a minute old."""
    asked = _Asked(place_code, on, days, now, is_anew)
    if asked.is_large():
        if reach.reaches_all_of(cadre, place_code, seen_on):
            return asked.kept_or_counted()
        if reached := _many_villages(cadre, place_code, seen_on):
            kept = asked.kept_or_counted()
            seen = {cell: counts for cell, counts in kept.cells.items() if cell[0] in reached}
            return SeenFigures(seen, kept.counted_at)
    households = households_behind(cadre=cadre, on=on, days=days, place_code=place_code, seen_on=seen_on)
    return SeenFigures(count_cells(households, on=on, days=days), now)


def seen_within(place_code: str, *, on: date, days: int, now: datetime, is_anew: bool = False) -> SeenFigures:
    """The numbers below the place, whoever may see them: who asks shows them only to those who reach all of it."""
    asked = _Asked(place_code, on, days, now, is_anew)
    return asked.kept_or_counted() if asked.is_large() else asked.counted()


def _many_villages(cadre: Cadre, place_code: str, on: date) -> set[str]:
    """The villages reached there; none where they are few, or where families are helped outside them."""
    reached = set(Village.objects.visible_to(cadre, on).within(place_code).values_list("pk", flat=True))
    if len(reached) < settings.UNSEEN_KEPT_FROM:
        return set()
    helped = Household.objects.helped_by(cadre, on).within(place_code).values_list("village_id", flat=True)
    return reached if reached.issuperset(helped) else set()


@dataclass(slots=True)
class _Asked:
    """A question about a whole place, whoever may see it, and what is known of a district's kept numbers."""

    code: str
    on: date
    days: int
    now: datetime
    is_anew: bool
    kept: SeenFigures | None = None

    def is_large(self) -> bool:
        """Whether it is a district with so many villages that its numbers are kept."""
        if len(self.code) > DISTRICT_DIGITS:
            return False
        villages, self.kept = self._look()
        return villages >= settings.UNSEEN_KEPT_FROM

    def kept_or_counted(self) -> SeenFigures:
        """The numbers of a large district, counted anew by one reader when they are older than they may be kept."""
        if self.kept:
            return self.kept
        if claimed(self._ours(), KeptUnseen(district_id=self.code, day=self.on, days=self.days), self.now):
            return self._counted_for_all()
        if not self.is_anew and (kept := self._look(GRACE)[1]):
            return kept
        return awaited(self._ours(), lambda: self._look()[1]) or self.counted()

    def counted(self) -> SeenFigures:
        """The numbers of this moment."""
        households = Household.objects.registered(self.on).within(self.code)
        return SeenFigures(count_cells(households, on=self.on, days=self.days), self.now)

    def _look(self, grace: timedelta = NO_TIME) -> tuple[int, SeenFigures | None]:
        """How many villages the district has, and what is kept of it, unless it is older. One statement."""
        longest = grace if self.is_anew else grace + timedelta(seconds=settings.UNSEEN_KEPT_SECONDS)
        for villages, pk, counted_at in _KEPT.rows(district=self.code, day=self.on, days=self.days):
            # A moment that lies ahead is that of a clock which has been put back.
            if counted_at and self.now - longest < counted_at <= self.now + LEASE:
                return villages, REMEMBERED.of_moment((pk, self.on), counted_at) or self._read(pk)
            return villages or 0, None
        return 0, None

    def _ours(self) -> QuerySet[KeptUnseen]:
        return KeptUnseen.objects.filter(district=self.code, day=self.on, days=self.days)

    def _read(self, pk: int) -> SeenFigures | None:
        for cells, counted_at in KeptUnseen.objects.filter(pk=pk).values_list("cells", "counted_at"):
            if counted_at is None:
                continue
            numbers = {(village_id, kind, base): Seen(*found) for village_id, kind, base, *found in cells}
            return REMEMBERED.remember((pk, self.on), counted_at, SeenFigures(numbers, counted_at))
        return None

    def _counted_for_all(self) -> SeenFigures:
        counted = SeenFigures({}, self.now)

        def count() -> dict[str, Any]:
            counted.cells = self.counted().cells
            numbers = [[*cell, of.total, of.met, of.phone, of.monitored] for cell, of in counted.cells.items()]
            return {"cells": numbers}

        kept_as_counted(self._ours(), self.now, count)
        long_ago = self.now - FORGOTTEN_AFTER
        KeptUnseen.objects.filter(Q(counted_at__lt=long_ago) | Q(counted_at=None, claimed_at__lt=long_ago)).delete()
        return counted


def _kept(district: str, day: date, days: int) -> Any:
    # Cast, for a prepared query marks the place of a number by one that is too large for the column.
    wide = KeptUnseen.objects.annotate(wide=Cast("days", BigIntegerField()))
    kept = wide.filter(district=district, day=day, wide=days)
    villages = Village.objects.filter(town__district=district).order_by()
    number = villages.values(one=Value(1)).annotate(number=Count("*")).values("number")
    return District.objects.filter(pk=district).values_list(
        Subquery(number), Subquery(kept.values("pk")), Subquery(kept.values("counted_at"))
    )


_KEPT = Prepared(_kept)
REMEMBERED = Remembered[SeenFigures](16)


def _classes(cells: dict[Cell, Seen]) -> list[SeenRow]:
    found: dict[str, Seen] = defaultdict(Seen)
    for (_village_id, kind, base), counts in cells.items():
        found[class_of(kind, base)].add(counts)
    return [SeenRow(key, str(words), found[key]) for key, words in CLASSES.items() if key in found]


def _places(found: dict[str, Seen]) -> list[SeenRow]:
    digits = max(map(len, found), default=VILLAGE_DIGITS)
    model: type[Village] | type[Town] = Village if digits == VILLAGE_DIGITS else Town
    names = dict(model._default_manager.filter(pk__in=found).values_list("pk", "name"))
    return [SeenRow(code, names[code], found[code]) for code in sorted(found)]
