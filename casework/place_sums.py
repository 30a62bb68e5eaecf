"""Several rounds' sums below one place, whoever may see them: counted, or as they were kept a moment ago."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Left

from casework import kept
from casework.coverage import TALLIED, Counts, cells_of, whole
from casework.models import ClosingFigure, Duty, Round
from casework.models.duties import seats_held_within, village_codes
from casework.shelf import Remembered
from villages.models import Post
from villages.prepared import Prepared, padded

DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
MOST = 64  # rounds and days whose sums this process remembers

Question = tuple[Round, date]
Groups = list[tuple[Any, ...]]


@dataclass(slots=True)
class Sums:
    """One round as of the end of a day: by village, by town and in all. Readers share it: nobody changes it."""

    villages: dict[str, Counts]
    towns: dict[str, Counts]
    total: Counts
    counted_at: datetime

    @classmethod
    def of(cls, parts: Iterable[tuple[str, Counts]], counted_at: datetime) -> "Sums":
        """The counts of villages, of which each may come several times, added up."""
        villages, towns, total = defaultdict[str, Counts](Counts), defaultdict[str, Counts](Counts), Counts()
        for village_id, counts in parts:
            villages[village_id].add(counts)
        for village_id, counts in villages.items():
            towns[village_id[:TOWN_DIGITS]].add(counts)
            total.add(counts)
        return cls(dict(villages), dict(towns), total, counted_at)

    def by(self, digits: int) -> dict[str, Counts]:
        """By the place's code of so many digits."""
        return self.villages if digits == VILLAGE_DIGITS else self.towns


def sums_of(asked: Sequence[Question], *, place_code: str, now: datetime, is_anew: bool = False) -> list[Sums]:
    """Each question's sums below the place; those of a whole district may be a minute old where they are large."""
    if len(place_code) == DISTRICT_DIGITS and (found := _kept(asked, now, is_anew=is_anew)):
        return found
    return _counted(asked, place_code, now)


def closings(rounds: Sequence[Round], place_code: str, digits: int) -> dict[int, dict[str, Counts]]:
    """The stored figures of closed rounds, by round and by the code of so many digits. One statement."""
    first, last = village_codes(place_code)
    which: dict[str, Any] = {"rounds": padded(round.pk for round in rounds if round.closed_on)}
    stored = _CLOSINGS.rows(**which, first=first, last=last, is_by_village=digits == VILLAGE_DIGITS)
    found: dict[int, dict[str, Counts]] = defaultdict(dict)
    for round_id, code, *numbers in stored:
        found[round_id][code] = Counts(*numbers)
    return found


def _closings(rounds: tuple[int, ...], first: str, last: str, *, is_by_village: bool) -> Any:
    stored = ClosingFigure.objects.filter(round__in=rounds, village__code__range=(first, last))
    code = Left("village_id", VILLAGE_DIGITS if is_by_village else TOWN_DIGITS)
    sums = [f"sum_of_{name}" for name in kept.SUMS]
    grouped = stored.order_by().values("round", code=code)
    grouped = grouped.annotate(**{alias: Sum(name) for alias, name in zip(sums, kept.SUMS, strict=True)})
    return grouped.values_list("round", "code", *sums)


REMEMBERED = Remembered[Sums](MOST)


def _kept(asked: Sequence[Question], now: datetime, *, is_anew: bool) -> list[Sums] | None:
    """As they are kept, counted by one reader where they are too old; None where all together are few."""
    rounds = {round.pk for round, _day in asked}
    moments = kept.moments([(round.pk, day) for round, day in asked], now=now, is_anew=is_anew)
    if not (kept.is_large(sum(total for _moment, total in moments.values())) or _are_many(rounds)):
        return None
    return [_sums(question, moments.get((question[0].pk, question[1])), now, is_anew=is_anew) for question in asked]


def _sums(question: Question, known: tuple[datetime, int] | None, now: datetime, *, is_anew: bool) -> Sums:
    round, day = question
    if known and (found := REMEMBERED.of_moment((round.pk, day), known[0])):
        return found
    figures = kept.kept_or_counted(round, day, count=partial(whole, round, day), now=now, is_anew=is_anew)
    parts = ((village_id, Counts(*numbers)) for village_id, _seat, *numbers in figures.cells)
    return REMEMBERED.remember((round.pk, day), figures.counted_at, Sums.of(parts, figures.counted_at))


def _are_many(rounds: Iterable[int]) -> bool:
    """Whether the rounds have so many duties together; no more of them are looked at."""
    duties = Duty.objects.filter(round__in=sorted(rounds)).order_by()
    return duties[settings.FIGURES_KEPT_FROM - 1 :].exists()


def _counted(asked: Sequence[Question], place_code: str, now: datetime) -> list[Sums]:
    """One statement a day for the rounds with helpers and for those without, and one for the seats that are held."""
    first, last = village_codes(place_code)
    alike: dict[tuple[date, bool], list[int]] = defaultdict(list)
    for round, day in asked:
        alike[day, Post.HELPER in round.posts].append(round.pk)
    held = {day: {*_HELD.rows(first=first, last=last, day=day)} for day, _has_helpers in alike}
    groups: dict[tuple[int, date], Groups] = defaultdict(list)
    for (day, has_helpers), rounds in alike.items():
        which: dict[str, Any] = {"rounds": padded(rounds), "first": first, "last": last, "day": day}
        for round_id, *group in _GROUPS.rows(**which, has_helpers=has_helpers):
            groups[round_id, day].append(tuple(group))
    found = []
    for round, day in asked:
        cells = cells_of(groups[round.pk, day], round, day, held[day])
        found.append(Sums.of(((village_id, counts) for (village_id, _seat), counts in cells.items()), now))
    return found


def _groups(rounds: tuple[int, ...], first: str, last: str, day: date, *, has_helpers: bool) -> Any:
    place = first, last
    duties = Duty.objects.filter(round__in=rounds).within(place)
    tallied = duties.tallied(day, place=place, has_helpers=has_helpers, by=("round_id",))
    return tallied.values_list("round_id", *TALLIED)


def _held(first: str, last: str, day: date) -> Any:
    return seats_held_within((first, last), day).order_by().values_list("village_id", "name")


_GROUPS, _HELD, _CLOSINGS = Prepared(_groups), Prepared(_held), Prepared(_closings)
