"""Figures of a large place: counted by one reader, kept for a minute, shown to all with the moment they are of."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from casework.models import KeptFigures, Round
from casework.one_counts import GRACE, LEASE, awaited, claimed, kept_as_counted
from villages.calendar import day_of
from villages.prepared import Prepared, padded

SUMS = ("total", "done", "by_phone", "open", "overdue", "vacant", "excused")
# Pressing "count anew" twice counts once.
JUST_NOW = timedelta(seconds=3)

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
    ours = KeptFigures.objects.filter(round=round, day=day)
    if claimed(ours, KeptFigures(round=round, day=day), now):
        return _counted(ours, count, now)
    longest = _longest(is_anew=is_anew)
    if not is_anew and (kept := _figures(round, day, now, longest + GRACE)):
        return kept
    return awaited(ours, lambda: _figures(round, day, now, longest)) or _kept(count(), now)


def recent(round: Round, day: date, *, now: datetime, is_anew: bool = False) -> Kept | None:
    """The figures as they are kept, when they are new enough for whoever asks; nobody counts for it."""
    return _figures(round, day, now, _longest(is_anew=is_anew))


def moments(
    asked: Collection[tuple[int, date]], *, now: datetime, is_anew: bool = False
) -> dict[tuple[int, date], tuple[datetime, int]]:
    """Of which moment the figures of these rounds and days are, and how many duties they count. One statement.

    Those that are missing or too old for whoever asks are left out.
    """
    longest, wanted = _longest(is_anew=is_anew), set(asked)
    rounds, days = zip(*wanted, strict=True) if wanted else ((), ())
    return {
        (round_id, day): (counted_at, total)
        for round_id, day, counted_at, total in _MOMENTS.rows(rounds=padded(set(rounds)), days=padded(set(days)))
        if (round_id, day) in wanted and counted_at and now - longest <= counted_at <= now + LEASE
    }


def forget_figures(*, now: datetime) -> None:
    """Drop the figures of past days that nobody has asked for in the last hour."""
    of_the_past = KeptFigures.objects.filter(day__lt=day_of(now) - timedelta(days=1))
    of_the_past.filter(Q(counted_at=None) | Q(counted_at__lt=now - timedelta(hours=1))).delete()


def _moments(rounds: tuple[int, ...], days: tuple[date, ...]) -> Any:
    rows = KeptFigures.objects.filter(round__in=rounds, day__in=days)
    return rows.values_list("round", "day", "counted_at", "total")


_MOMENTS = Prepared(_moments)


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


def _counted(ours: QuerySet[KeptFigures], count: Callable[[], list[Cell]], now: datetime) -> Kept:
    cells: list[Cell] = []

    def with_sums() -> dict[str, Any]:
        cells.extend(count())
        sums = dict(zip(SUMS, map(sum, zip(*(cell[FIRST:] for cell in cells), strict=True)), strict=False))
        return {"cells": cells, **dict.fromkeys(SUMS, 0), **sums}

    kept_as_counted(ours, now, with_sums)
    return _kept(cells, now)
