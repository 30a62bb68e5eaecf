"""Figures of a large place: counted by one reader, kept for a minute, shown to all with the moment they are of."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from casework.models import KeptFigures, Round
from villages.calendar import day_of

SUMS = ("total", "done", "by_phone", "open", "overdue", "vacant", "excused")
# While somebody counts anew, the others are shown the last figures up to so much older than they may be kept.
GRACE = timedelta(seconds=15)
# Whoever has counted for so long has died: the next one counts.
LEASE = timedelta(seconds=15)
# Pressing "count anew" twice counts once.
JUST_NOW = timedelta(seconds=3)
LOOK_EVERY = 0.05  # seconds, while somebody else counts

# Village, seat, and from FIRST on the numbers in the order of SUMS.
Cell = Sequence[Any]
FIRST = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """Cells as they were counted at a moment. Whatever happened before that moment is in them."""

    cells: Iterable[Cell]
    counted_at: datetime
    total: int


def is_large(total: int) -> bool:
    """Whether counting so many duties takes so long that the figures are worth keeping."""
    return total >= settings.FIGURES_KEPT_FROM


def kept_or_counted(
    round: Round, day: date, *, count: Callable[[], list[Cell]], now: datetime, is_anew: bool = False
) -> Kept:
    """The round's figures as of the end of the day, at most a minute old; `is_anew` asks for those of this moment.

    One reader counts, in whatever process; the others are shown the last figures while these are hardly too old,
    and wait for the new ones otherwise. When none come in time they count by themselves.
    """
    if kept := recent(round, day, now=now, is_anew=is_anew):
        return kept
    if _claim(round, day, now):
        return _counted(round, day, count, now)
    longest = _longest(is_anew=is_anew)
    if not is_anew and (kept := _figures(round, day, now, longest + GRACE)):
        return kept
    return _awaited(round, day, now, longest) or _kept(count(), now)


def recent(round: Round, day: date, *, now: datetime, is_anew: bool = False) -> Kept | None:
    """The figures as they are kept, when they are new enough for whoever asks; nobody counts for it."""
    return _figures(round, day, now, _longest(is_anew=is_anew))


def forget_figures(*, now: datetime) -> None:
    """Drop the figures of past days that nobody has asked for in the last hour."""
    of_the_past = KeptFigures.objects.filter(day__lt=day_of(now) - timedelta(days=1))
    of_the_past.filter(Q(counted_at=None) | Q(counted_at__lt=now - timedelta(hours=1))).delete()


def _longest(*, is_anew: bool) -> timedelta:
    return JUST_NOW if is_anew else timedelta(seconds=settings.FIGURES_KEPT_SECONDS)


def _kept(cells: list[Cell], counted_at: datetime) -> Kept:
    return Kept(cells, counted_at, sum(cell[FIRST] for cell in cells))


def _figures(round: Round, day: date, now: datetime, longest: timedelta) -> Kept | None:
    """What is kept, unless it is older. A moment that lies ahead is that of a clock which has been put back."""
    rows = KeptFigures.objects.filter(round=round, day=day, counted_at__range=(now - longest, now + LEASE))
    for cells, counted_at, total in rows.values_list("cells", "counted_at", "total"):
        return Kept(cells, counted_at, total)  # type: ignore[arg-type]  # those that were never counted are left out
    return None


def _claim(round: Round, day: date, now: datetime) -> bool:
    """Whether it is ours to count: one conditional UPDATE, so that of any number of processes one is told yes."""
    if not KeptFigures.objects.filter(round=round, day=day).exists():
        KeptFigures.objects.bulk_create([KeptFigures(round=round, day=day)], ignore_conflicts=True)
    is_free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE) | Q(claimed_at__gt=now + LEASE)
    return KeptFigures.objects.filter(is_free, round=round, day=day).update(claimed_at=now) == 1


def _counted(round: Round, day: date, count: Callable[[], list[Cell]], now: datetime) -> Kept:
    """Count, and keep it unless somebody has kept later figures meanwhile. The moment is that before the counting."""
    ours = KeptFigures.objects.filter(round=round, day=day)
    try:
        cells = count()
        sums = dict(zip(SUMS, map(sum, zip(*(cell[FIRST:] for cell in cells), strict=True)), strict=False))
        is_newer = Q(counted_at=None) | Q(counted_at__lt=now) | Q(counted_at__gt=now + LEASE)
        ours.filter(is_newer).update(cells=cells, counted_at=now, **dict.fromkeys(SUMS, 0) | sums)
    finally:
        ours.filter(claimed_at=now).update(claimed_at=None)
    return _kept(cells, now)


def _awaited(round: Round, day: date, now: datetime, longest: timedelta) -> Kept | None:
    """The figures that somebody else is counting; None when they do not come, or whoever counted has failed."""
    for _look in range(int(LEASE.total_seconds() / LOOK_EVERY)):
        if kept := _figures(round, day, now, longest):
            return kept
        if not KeptFigures.objects.filter(round=round, day=day, claimed_at__isnull=False).exists():
            return _figures(round, day, now, longest)
        time.sleep(LOOK_EVERY)
    return None
