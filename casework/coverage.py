"""What share of a round is done, by village and town, by post and by partner unit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from casework.models import Duty, Round
from casework.models.duties import DutyQuerySet
from casework.models.seats import seat_label
from villages.models import Cadre, Pairing, Town, Village

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
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name) + getattr(other, column.name))

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


def counts_by_village_and_seat(duties: DutyQuerySet) -> dict[tuple[str, str], Counts]:
    """The one grouped query behind every figure; the duties must carry their state."""
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
    round: Round, *, cadre: Cadre, on: date, place_code: str = "", by: str = BY_PLACE, seen_on: date | None = None
) -> CoverageTable:
    """The round's figures as of a day, for what the cadre may see below the place.

    What may be seen follows from the posts of `seen_on`, today in every page: asking for a past day
    must neither bring back a post that was handed over nor hide the past from the new holder.
    `by` is "place" (the towns of a district, the villages of a town, one village), "village" (every
    village below the place, its town as the row's note), "post" or "unit".
    """
    counted = counts_by_village_and_seat(
        duties_behind(round, cadre=cadre, on=on, place_code=place_code, seen_on=seen_on)
    )
    rows = list(_ROWS[by](counted, place_code, on))
    total = Counts()
    for row in rows:
        total.add(row.counts)
    return CoverageTable(rows, total, round.day_of_figures(on))


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
    day = round.day_of_figures(on)
    duties = Duty.objects.visible_to(cadre, seen_on or on).in_round(round).with_state(day)
    if place_code:
        duties = duties.within(place_code)
    if post:
        duties = duties.filter(seat=post)
    if unit:
        led = Pairing.objects.in_force(on).filter(is_lead=True)
        led = led if unit == NO_UNIT else led.filter(unit=unit)  # type: ignore[misc]
        in_unit = Q(village__in=led.values("village"))
        duties = duties.filter(~in_unit if unit == NO_UNIT else in_unit)
    if state:
        duties = duties.filter(state=state)  # type: ignore[misc]  # annotated
    return duties.filter(is_by_phone=True) if by_phone else duties  # type: ignore[misc]  # annotated


def _by_place(counted: dict[tuple[str, str], Counts], place_code: str, on: date) -> Iterator[Row]:
    """A district's towns, or the villages from a town downwards, in order of codes."""
    digits = 12 if len(place_code) >= 9 else 9
    sums = _summed((village_id[:digits], counts) for (village_id, _seat), counts in counted.items())
    model: type[Village] | type[Town] = Village if digits == 12 else Town
    names = dict(model._default_manager.filter(pk__in=sums).values_list("pk", "name"))
    return (Row(code, names[code], sums[code]) for code in sorted(sums))


def _by_village(counted: dict[tuple[str, str], Counts], place_code: str, on: date) -> Iterator[Row]:
    """Every village below the place, in order of codes."""
    sums = _summed((village_id, counts) for (village_id, _seat), counts in counted.items())
    villages = Village.objects.filter(pk__in=sums).values_list("pk", "name", "town__name")
    return (Row(code, name, sums[code], note=town) for code, name, town in villages.order_by("pk"))


def _by_post(counted: dict[tuple[str, str], Counts], place_code: str, on: date) -> Iterator[Row]:
    sums = _summed((seat, counts) for (_village_id, seat), counts in counted.items())
    return (Row(seat, seat_label(seat), sums[seat]) for seat in sorted(sums))


def _by_unit(counted: dict[tuple[str, str], Counts], place_code: str, on: date) -> Iterator[Row]:
    """Every village counts once, under its lead unit, so that the rows add up to the whole."""
    leads = Pairing.objects.in_force(on).filter(is_lead=True).values_list("village_id", "unit_id", "unit__name")
    unit_of = {village_id: (str(unit_id), name) for village_id, unit_id, name in leads}
    names = {key: name for key, name in unit_of.values()} | {NO_UNIT: _("no partner unit")}
    sums = _summed(
        (unit_of.get(village_id, (NO_UNIT, ""))[0], counts) for (village_id, _seat), counts in counted.items()
    )
    return (Row(key, names[key], sums[key]) for key in sorted(sums, key=lambda key: (key == NO_UNIT, names[key])))


def _summed(parts: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    sums: dict[str, Counts] = defaultdict(Counts)
    for key, counts in parts:
        sums[key].add(counts)
    return dict(sums)


_ROWS = {BY_PLACE: _by_place, BY_VILLAGE: _by_village, BY_POST: _by_post, BY_UNIT: _by_unit}
