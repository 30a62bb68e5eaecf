"""What share of a round is done, by village and town, by post and by partner unit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from casework import kept
from casework.models import Duty, Round, State
from casework.models.duties import DutyQuerySet, seats_held_within
from casework.models.seats import seat_label
from households.models import HelperPairing
from villages import reach
from villages.models import Cadre, Pairing, Post, Town, Village
from villages.prepared import Prepared

Cells = dict[tuple[str, str], "Counts"]
BY_PLACE, BY_VILLAGE, BY_POST, BY_UNIT = "place", "village", "post", "unit"
NO_UNIT = "none"


@dataclass(slots=True)
class Counts:
    """Duties by state; the states are exclusive and add up to the total. by_phone is part of done."""

    total: int = 0
    done: int = 0
    by_phone: int = 0
    open: int = 0
    overdue: int = 0
    vacant: int = 0
    excused: int = 0

    def add(self, other: "Counts") -> None:
        """Add the other's counts, number by number."""
        # One by one: a loop over the fields took six times as long, and a district adds a thousand cells a page.
        self.total += other.total
        self.done += other.done
        self.by_phone += other.by_phone
        self.open += other.open
        self.overdue += other.overdue
        self.vacant += other.vacant
        self.excused += other.excused

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    @property
    def owed(self) -> int:
        """The rate's denominator: all duties but the excused ones."""
        return self.total - self.excused

    @property
    def rate(self) -> float | None:
        """Done / (total - excused), from 0 to 1; None when nothing is owed."""
        return self.done / self.owed if self.owed else None


@dataclass(slots=True)
class Row:
    """One line of the table: a place, a post or a unit. `key` is what a link asks for."""

    key: str
    label: str
    counts: Counts
    note: str = ""


@dataclass(slots=True)
class CoverageTable:
    """The table of one round: rows in order of codes, and the sum of their counts."""

    rows: list[Row]
    total: Counts
    as_of: date
    counted_at: datetime | None = None  # the moment they are of; None: whenever they were asked for


def counts_by_village_and_seat(duties: DutyQuerySet) -> Cells:
    """Counts of duties that carry their state, whichever they are; figures() asks for whole groups by tallied()."""
    grouped = duties.order_by().values_list("village_id", "seat", "state", "is_by_phone").annotate(count=Count("pk"))
    found: dict[tuple[str, str], Counts] = defaultdict(Counts)
    for village_id, seat, state, is_by_phone, count in grouped:
        counts = found[village_id, seat]
        counts.total += count
        setattr(counts, state, getattr(counts, state) + count)
        if is_by_phone:
            counts.by_phone += count
    return dict(found)


def figures(
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str = "",
    by: str = BY_PLACE,
    seen_on: date | None = None,
    now: datetime | None = None,
    is_anew: bool = False,
) -> CoverageTable:
    """The round's figures as of a day, for what the cadre may see below the place.

    What may be seen follows from the posts of `seen_on`, today in every page: asking for a past day
    must neither bring back a post that was handed over nor hide the past from the new holder.
    `by` is "place" (the towns of a district, the villages of a town, one village), "village" (every
    village below the place, its town as the row's note), "post" or "unit".
    With `now`, those of a large place may be a minute old (`counted_at` says of which moment they are) unless they
    are asked for anew; without, they are always counted: so for what is kept or sent.
    """
    asked = _Asked(round, cadre, round.day_of_figures(on), place_code or round.place_code, seen_on or on)
    counted, counted_at = asked.answered(now, is_anew=is_anew) if now else (asked.counted(), None)
    rows = list(_ROWS[by](counted, place_code, on))
    total = Counts()
    for row in rows:
        total.add(row.counts)
    return CoverageTable(rows, total, asked.day, counted_at)


def counted_cells(
    round: Round, *, cadre: Cadre, on: date, place_code: str, seen_on: date, now: datetime, is_anew: bool = False
) -> tuple[Cells, datetime]:
    """The counts that figures() adds up, and their moment: for lists, which say how many there are of each village."""
    return _Asked(round, cadre, round.day_of_figures(on), place_code, seen_on).answered(now, is_anew=is_anew)


def is_large(round: Round) -> bool:
    """Whether the round has so many duties that its figures are kept; no more of them are looked at, and those once."""
    known = vars(round)
    if "is_large" not in known:
        known["is_large"] = Duty.objects.in_round(round).order_by()[settings.FIGURES_KEPT_FROM - 1 :].exists()
    return bool(known["is_large"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about a round: as of the end of a day, below a place, for what somebody sees on another day."""

    round: Round
    cadre: Cadre
    day: date
    place_code: str
    seen_on: date

    def counted(self) -> Cells:
        """Counted in the database."""
        duties = Duty.objects.in_round(self.round).visible_within(self.place_code, self.cadre, self.seen_on)
        return tallied(duties, self.round, self.day, place_code=self.place_code)

    def answered(self, now: datetime, *, is_anew: bool) -> tuple[Cells, datetime]:
        """From what is kept of the round when the question is as large as a district, otherwise counted."""
        if len(self.place_code) > reach.DISTRICT_DIGITS:
            return self.counted(), now
        found = kept.recent(self.round, self.day, now=now, is_anew=is_anew)
        if not (kept.is_large(found.total) if found else is_large(self.round)):
            return self.counted(), now
        if reach.reaches_all_of(self.cadre, self.place_code, self.seen_on):
            found = found or self._kept_whole(now, is_anew=is_anew)
            return _read(found), found.counted_at
        return self._kept_in_part(now, is_anew=is_anew)

    def _kept_in_part(self, now: datetime, *, is_anew: bool) -> tuple[Cells, datetime]:
        """Of the villages in reach, when they are many; who sees single households of others is always counted for."""
        seen = Village.objects.visible_to(self.cadre, self.seen_on).within(self.place_code)
        codes = set(seen.values_list("pk", flat=True))
        helped = HelperPairing.objects.in_force(self.seen_on).filter(cadre=self.cadre).values("household")
        beside = Duty.objects.in_round(self.round).filter(household__in=helped).exclude(village__in=codes)
        if not codes or beside.exists():
            return self.counted(), now
        found = self._kept_whole(now, is_anew=is_anew)
        cells = {key: counts for key, counts in _read(found).items() if key[0] in codes}
        if kept.is_large(sum(counts.total for counts in cells.values())):
            return cells, found.counted_at
        return self.counted(), now

    def _kept_whole(self, now: datetime, *, is_anew: bool) -> kept.Kept:
        return kept.kept_or_counted(
            self.round, self.day, count=lambda: whole(self.round, self.day), now=now, is_anew=is_anew
        )


def _read(found: kept.Kept) -> Cells:
    return {(village_id, seat): Counts(*numbers) for village_id, seat, *numbers in found.cells}


def whole(round: Round, day: date) -> list[kept.Cell]:
    """All of the round, whoever may see it: for what is kept and then shown in part."""
    cells = tallied(Duty.objects.in_round(round), round, day, place_code=round.place_code)
    return [[*key, *counts.as_dict().values()] for key, counts in cells.items()]


def tallied(duties: DutyQuerySet, round: Round, day: date, *, place_code: str) -> Cells:
    """Counts by village and seat of some of the round's duties, all below the place: the statement behind figures()."""
    groups = duties.tallied(day, place=place_code, has_helpers=Post.HELPER in round.posts).values_list(*TALLIED)
    return cells_of(groups, round, day, seats_held(round, day, place_code=place_code))


def seats_held(round: Round, day: date, *, place_code: str) -> set[tuple[str, str]]:
    """Villages and seats of the round that somebody holds; none where each duty is asked whether it has a helper."""
    if Post.HELPER in round.posts:
        return set()
    seats = seats_held_within(place_code, day).filter(name__in=round.seats()).order_by()
    return set(seats.values_list("village_id", "name"))


# What tallied() counts, in the order in which cells_of() reads it.
TALLIED = ("village_id", "seat", "total", "done", "by_phone", "excused", "vacant")


def cells_of(groups: Iterable[tuple[Any, ...]], round: Round, day: date, held: Collection[tuple[str, str]]) -> Cells:
    """The groups of tallied() with what is left of each: vacant, overdue or open. `held` are villages and seats."""
    has_helpers = Post.HELPER in round.posts
    rest = State.OVERDUE if round.due_on < day else State.OPEN
    found: Cells = {}
    for village_id, seat, total, done, by_phone, excused, vacant in groups:
        left = total - done - excused
        if not has_helpers and (village_id, seat) not in held:
            vacant = left
        counts = Counts(total, done, by_phone, excused=excused, vacant=vacant)
        setattr(counts, rest, left - vacant)
        found[village_id, seat] = counts
    return found


def duties_behind(
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str = "",
    post: str = "",
    unit: str = "",
    state: str = "",
    by_phone: bool = False,
    seen_on: date | None = None,
) -> DutyQuerySet:
    """Exactly the duties behind a number: filter by place, seat, unit, state, contact. With their state."""
    below = place_code or round.place_code
    duties = Duty.objects.in_round(round).visible_within(below, cadre, seen_on or on)
    duties = of_seat(duties, on, post=post, unit=unit).with_state(round.day_of_figures(on), place=below)
    return in_state(duties, state, by_phone=by_phone)


def of_seat(duties: DutyQuerySet, on: date, *, post: str = "", unit: str = "") -> DutyQuerySet:
    """Those of the duties that fall to a seat, and to the villages a unit leads."""
    if post:
        duties = duties.filter(seat=post)
    if unit:
        in_unit = Q(village__in=villages_led(on, unit).values("village"))
        duties = duties.filter(~in_unit if unit == NO_UNIT else in_unit)
    return duties


def villages_led(on: date, unit: str) -> Any:
    """The pairings by which a unit leads villages on that day; those of all units for NO_UNIT."""
    led = Pairing.objects.in_force(on).filter(is_lead=True)
    return led if unit == NO_UNIT else led.filter(unit=unit)  # type: ignore[misc]


def in_state(duties: DutyQuerySet, state: str, *, by_phone: bool = False) -> DutyQuerySet:
    """Those of the duties, which carry their state, that are in it; all for no state."""
    if state:
        duties = duties.filter(state=state)  # type: ignore[misc]  # annotated
    return duties.filter(is_by_phone=True) if by_phone else duties  # type: ignore[misc]  # annotated


def _by_place(counted: Cells, place_code: str, on: date) -> Iterator[Row]:
    """A district's towns, or the villages from a town downwards, in order of codes."""
    digits = 12 if len(place_code) >= 9 else 9
    sums = _summed((village_id[:digits], counts) for (village_id, _seat), counts in counted.items())
    model: type[Village] | type[Town] = Village if digits == 12 else Town
    names = dict(model._default_manager.filter(pk__in=sums).values_list("pk", "name"))
    return (Row(code, names[code], sums[code]) for code in sorted(sums))


def _by_village(counted: Cells, place_code: str, on: date) -> Iterator[Row]:
    """Every village below the place, in order of codes."""
    sums = _summed((village_id, counts) for (village_id, _seat), counts in counted.items())
    villages = _NAMED.rows(first=min(sums), last=max(sums)) if sums else []
    return (Row(code, name, sums[code], note=town) for code, name, town in villages if code in sums)


def _by_post(counted: Cells, place_code: str, on: date) -> Iterator[Row]:
    sums = _summed((seat, counts) for (_village_id, seat), counts in counted.items())
    return (Row(seat, seat_label(seat), sums[seat]) for seat in sorted(sums))


def _by_unit(counted: Cells, place_code: str, on: date) -> Iterator[Row]:
    """Every village counts once, under its lead unit, so that the rows add up to the whole."""
    leads = Pairing.objects.in_force(on).filter(is_lead=True).values_list("village_id", "unit_id", "unit__name")
    unit_of = {village_id: (str(unit_id), name) for village_id, unit_id, name in leads}
    names = {key: name for key, name in unit_of.values()} | {NO_UNIT: _("no partner unit")}
    sums = _summed(
        (unit_of.get(village_id, (NO_UNIT, ""))[0], counts) for (village_id, _seat), counts in counted.items()
    )
    return (Row(key, names[key], sums[key]) for key in sorted(sums, key=lambda key: (key == NO_UNIT, names[key])))


def _named(first: str, last: str) -> Any:
    """Villages from one code to another: two values, where a list of all codes took longer than the answer."""
    return Village.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", "name", "town__name")


def _summed(parts: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    sums: dict[str, Counts] = defaultdict(Counts)
    for key, counts in parts:
        sums[key].add(counts)
    return dict(sums)


_NAMED = Prepared(_named)
_ROWS = {BY_PLACE: _by_place, BY_VILLAGE: _by_village, BY_POST: _by_post, BY_UNIT: _by_unit}
