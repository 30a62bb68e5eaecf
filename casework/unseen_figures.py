"""How many households nobody has met, by place and by class; a whole district's numbers are kept for a minute."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet

from casework.models import KeptUnseen
from casework.one_counts import GRACE, LEASE, awaited, claimed, kept_as_counted
from casework.splits import CLASSES, class_of
from casework.unseen import Cell, Seen, count_cells, households_behind
from households.models import Household
from villages.models import Cadre, Town, Village

BY_PLACE, BY_CLASS = "place", "class"
DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
# Kept numbers that nobody has asked for since are dropped.
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(slots=True)
class SeenRow:
    """One line: a place or a class."""

    key: str
    label: str
    counts: Seen


class Kept(NamedTuple):
    """A district's numbers as they are kept, and the moment they were counted at."""

    cells: list[list[Any]]
    counted_at: datetime


class SeenFigures(NamedTuple):
    """Numbers by cell, and the moment they were counted at."""

    cells: dict[Cell, Seen]
    counted_at: datetime

    def by_place(self, digits: int) -> dict[str, Seen]:
        """The sums by the place's code of so many digits."""
        found: dict[str, Seen] = defaultdict(Seen)
        for (village_id, _kind, _base), counts in self.cells.items():
            found[village_id[:digits]].add(counts)
        return dict(found)

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
    if len(place_code) > DISTRICT_DIGITS or not (reached := _many_villages(cadre, place_code, seen_on)):
        households = households_behind(cadre=cadre, on=on, days=days, place_code=place_code, seen_on=seen_on)
        return SeenFigures(count_cells(households, on=on, days=days), now)
    kept = _kept_or_counted(place_code, on, days, now, is_anew=is_anew)
    cells = {(village_id, kind, base): Seen(*numbers) for village_id, kind, base, *numbers in kept.cells}
    return SeenFigures({cell: counts for cell, counts in cells.items() if cell[0] in reached}, kept.counted_at)


def _many_villages(cadre: Cadre, place_code: str, on: date) -> set[str]:
    """The villages reached there; none where they are few, or where families are helped outside them."""
    reached = set(Village.objects.visible_to(cadre, on).within(place_code).values_list("pk", flat=True))
    if len(reached) < settings.UNSEEN_KEPT_FROM:
        return set()
    helped = Household.objects.helped_by(cadre, on).within(place_code).values_list("village_id", flat=True)
    return reached if reached.issuperset(helped) else set()


def _kept_or_counted(place_code: str, on: date, days: int, now: datetime, *, is_anew: bool) -> Kept:
    """The district's numbers, counted anew by one reader when they are older than they may be kept."""
    ours = KeptUnseen.objects.filter(district=place_code, day=on, days=days)
    longest = timedelta(seconds=0 if is_anew else settings.UNSEEN_KEPT_SECONDS)
    if kept := _found(ours, now, longest):
        return kept
    if claimed(ours, KeptUnseen(district_id=place_code, day=on, days=days), now):
        return _counted(ours, place_code, on, days, now)
    if not is_anew and (kept := _found(ours, now, longest + GRACE)):
        return kept
    return awaited(ours, lambda: _found(ours, now, longest)) or Kept(_cells(place_code, on, days), now)


def _found(ours: QuerySet[KeptUnseen], now: datetime, longest: timedelta) -> Kept | None:
    """What is kept, unless it is older. A moment that lies ahead is that of a clock which has been put back."""
    fresh = ours.filter(counted_at__gt=now - longest, counted_at__lte=now + LEASE)
    for cells, counted_at in fresh.values_list("cells", "counted_at"):
        return Kept(cells, counted_at)  # type: ignore[arg-type]  # those that were never counted are left out
    return None


def _counted(ours: QuerySet[KeptUnseen], place_code: str, on: date, days: int, now: datetime) -> Kept:
    cells: list[list[Any]] = []

    def count() -> dict[str, Any]:
        cells.extend(_cells(place_code, on, days))
        return {"cells": cells}

    kept_as_counted(ours, now, count)
    long_ago = now - FORGOTTEN_AFTER
    KeptUnseen.objects.filter(Q(counted_at__lt=long_ago) | Q(counted_at=None, claimed_at__lt=long_ago)).delete()
    return Kept(cells, now)


def _cells(place_code: str, on: date, days: int) -> list[list[Any]]:
    counted = count_cells(Household.objects.registered(on).within(place_code), on=on, days=days)
    return [[*cell, counts.total, counts.met, counts.phone, counts.monitored] for cell, counts in counted.items()]


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
