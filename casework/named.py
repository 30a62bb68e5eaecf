"""The named list behind a number: who holds each duty on the day, and when somebody was last there."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import Case, OuterRef, QuerySet, When

from casework.coverage import (
    NO_UNIT,
    TALLIED,
    Cells,
    Counts,
    cells_of,
    counted_cells,
    in_state,
    is_large,
    of_seat,
    villages_led,
)
from casework.credit import Tenures
from casework.due import last_visit_on
from casework.ledger import as_tenures, tenure_rows
from casework.models import Duty, Round, State
from casework.models.duties import DutyQuerySet, seats_held_within, village_codes
from casework.models.seats import posts_of
from casework.parts import villages_of
from casework.splits import BY_CLASS, BY_GROUP, CLASSES, is_of, narrowed, split_by
from households.models import HelperPairing
from villages import reach
from villages.models import Cadre, Post, Posting
from villages.prepared import Prepared, padded


class NamedDuty(NamedTuple):
    """A duty as a list shows it. What only a household has is None for a village."""

    pk: int
    seat: str
    village_id: str
    household_id: int | None
    state: str
    is_by_phone: bool
    credited_on: date | None
    last_visit_on: date | None
    village_name: str
    head_name: str | None
    group_number: int | None
    group_name: str | None


_COLUMNS = (
    *("pk", "seat", "village_id", "household_id", "state", "is_by_phone", "credited_on", "last_visit_on"),
    *("village__name", "household__head_name", "household__group__number", "household__group__name"),
)


@dataclass(frozen=True, slots=True)
class NamedList:
    """The duties behind one number of a round, for what the cadre may see below the place. See duties_behind()."""

    round: Round
    cadre: Cadre
    place_code: str
    on: date
    seen_on: date
    post: str = ""
    unit: str = ""
    state: str = ""
    by_phone: bool = False
    kind: str = ""
    group: str = ""
    is_owed: bool = False

    @property
    def day(self) -> date:
        """The day as of which states are judged."""
        return self.round.day_of_figures(self.on)

    def numbers(self, *, now: datetime, is_anew: bool = False) -> tuple[dict[str, int], datetime]:
        """How many they are in each village, by code, and of which moment: that of the figures the list is behind.

        A whole district's are kept as these are; all others are counted by groups, not duty by duty.
        """
        if not self._is_kept():
            return self._counted(), now
        is_split = bool(self.kind or self.group)
        asked: dict[str, Any] = {"cadre": self.cadre, "on": self.on, "place_code": self.place_code}
        asked |= {"seen_on": self.seen_on, "now": now, "is_anew": is_anew}
        cells, counted_at = self._split(**asked) if is_split else counted_cells(self.round, **asked)
        led = set(villages_led(self.on, self.unit).values_list("village", flat=True)) if self.unit else set()
        numbers: Counter[str] = Counter()
        for (village_id, seat), counts in cells.items():
            if self.post in ("", seat) and (not self.unit or (village_id in led) != (self.unit == NO_UNIT)):
                numbers[village_id] += self._number(counts)
        return dict(sorted(numbers.items())), counted_at

    def _is_kept(self) -> bool:
        """Whether the figures behind which the list is are kept, and in these parts."""
        is_in_part = sum(map(bool, (self.kind, self.group, self.post and (self.kind or self.group)))) > 1
        if is_in_part or len(self.place_code) > reach.DISTRICT_DIGITS:
            return False
        return is_large(self.round) and reach.reaches_all_of(self.cadre, self.place_code, self.seen_on)

    def _split(self, **asked: Any) -> tuple[Cells, datetime]:
        """Of the class or group asked for, by village."""
        split, counted_at = split_by(BY_GROUP if self.group else BY_CLASS, self.round, **asked)
        wanted = {self.group} if self.group else {kind for kind in CLASSES if is_of(kind, self.kind)}
        found = {(village_id, key): counts for (village_id, key), counts in split.cells.items() if key in wanted}
        return found, counted_at or asked["now"]

    def _counted(self) -> dict[str, int]:
        has_helpers = Post.HELPER in self.round.posts
        asked = self._asked(village_codes(self.place_code)) | {"has_helpers": has_helpers}
        groups = list(_counted(**asked)) if self._is_unusual else _of_kind(_counted, asked.pop("kind")).rows(**asked)
        seats = padded(sorted({seat for _village, seat, *_counts in groups}))
        held = [] if has_helpers else _HELD.rows(codes=asked["codes"], seats=seats, day=self.day)
        numbers: Counter[str] = Counter()
        for (village_id, _seat), counts in cells_of(groups, self.round, self.day, set(held)).items():
            numbers[village_id] += self._number(counts)
        return dict(sorted(numbers.items()))

    def rows(self, numbers: Mapping[str, int], wanted: range) -> list[NamedDuty]:
        """The wanted of them, by village, group, household number and post; `numbers` say in which villages those are.

        So that a part of a district's list costs as much as that of a village.
        """
        if not wanted:
            return []
        codes, before = villages_of(numbers, wanted)
        asked = self._asked(codes) | {"state": self.state or None, "by_phone": self.by_phone, "is_owed": self.is_owed}
        if self._is_unusual:
            found = list(_listed(**asked)[before : before + len(wanted)])
        else:
            found = _of_kind(_listed, asked.pop("kind")).part(before, len(wanted), **asked)
        return [NamedDuty(*row) for row in found]

    def _asked(self, codes: tuple[str, str]) -> dict[str, Any]:
        return {
            "round_id": self.round.pk,
            "cadre_id": self.cadre.pk,
            "codes": codes,
            "on": self.on,
            "day": self.day,
            "seen_on": self.seen_on,
            "is_whole": reach.reaches_all_of(self.cadre, self.place_code, self.seen_on),
            "post": self.post or None,
            "unit": self.unit or None,
            "kind": self.kind or None,
            "group": self.group or None,
        }

    @property
    def _is_unusual(self) -> bool:
        """Whether unit or group decide what the query is: it is built each time, not once for all."""
        return bool(self.unit or self.group)

    def _number(self, counts: Counts) -> int:
        """The number of that state and contact among the counts of all states."""
        if (self.by_phone and self.state not in ("", State.DONE)) or (self.is_owed and self.state == State.EXCUSED):
            return 0
        if self.by_phone:
            return counts.by_phone
        if self.state:
            return counts.as_dict()[self.state]
        return counts.owed if self.is_owed else counts.total


def _duties(
    *,
    round_id: int,
    cadre_id: int,
    codes: tuple[str, str],
    on: date,
    day: date,
    seen_on: date,
    is_whole: bool,
    post: str | None,
    unit: str | None,
    kind: str | None,
    group: str | None,
) -> DutyQuerySet:
    """Duties of the place in whatever state."""
    duties = Duty.objects.filter(round=round_id).within(codes)
    duties = duties if is_whole else duties.visible_to(Cadre(pk=cadre_id), seen_on)
    return narrowed(of_seat(duties, on, post=post or "", unit=unit or ""), on=day, kind=kind or "", group=group or "")


def _counted(*, day: date, codes: tuple[str, str], has_helpers: bool, **asked: Any) -> QuerySet[Any, Any]:
    duties = _duties(day=day, codes=codes, **asked)
    return duties.tallied(day, place=codes, has_helpers=has_helpers).values_list(*TALLIED)


def _listed(
    *, day: date, codes: tuple[str, str], state: str | None, by_phone: bool, is_owed: bool, **asked: Any
) -> QuerySet[Any, Any]:
    duties = _duties(day=day, codes=codes, **asked).with_state(day, place=codes)
    duties = narrowed(in_state(duties, state or "", by_phone=by_phone), on=day, is_owed=is_owed)
    return in_order(duties, day).values_list(*_COLUMNS)


def in_order(duties: DutyQuerySet, on: date) -> DutyQuerySet:
    """The duties by village, group, household number and post, with the last visit as of the day."""
    to_household, to_village = (
        last_visit_on(on, household=OuterRef("household")),
        last_visit_on(on, village=OuterRef("village")),
    )
    last = Case(When(household__isnull=True, then=to_village), default=to_household)
    ordered = duties.order_by("village", "household__group__number", "household__number", "seat", "pk")
    return ordered.annotate(last_visit_on=last)


def holders_of(duties: Sequence[NamedDuty], on: date) -> list[list[str]]:
    """For each duty the names of those who hold its post that day. One query, however many duties."""
    posts = {post for duty in duties for post in posts_of(duty.seat)}
    households = {duty.household_id for duty in duties if duty.household_id} if Post.HELPER in posts else ()
    places = {duty.village_id[:digits] for duty in duties for digits in (6, 9, 12)}
    rows = _HOLDERS.rows(
        posts=padded(sorted(posts)), places=padded(sorted(places)), households=padded(sorted(households)), on=on
    )
    names = {cadre_id: name for cadre_id, *_tenure, name in rows}
    tenures = Tenures.of(as_tenures(row[:-1] for row in rows))
    return [
        [names[pk] for pk in sorted(tenures.holders(duty.seat, duty.village_id, duty.household_id, on))]
        for duty in duties
    ]


def _holders(
    posts: Collection[str], places: Collection[str], households: Collection[int], on: date
) -> QuerySet[Any, Any]:
    return tenure_rows(
        Posting.objects.in_force(on).filter(post__in=posts, place_code__in=places),
        HelperPairing.objects.in_force(on).filter(household__in=households),
        "cadre__name",
    )


def _held(codes: tuple[str, str], seats: tuple[str, ...], day: date) -> QuerySet[Any, Any]:
    return seats_held_within(codes, day).filter(name__in=seats).order_by().values_list("village_id", "name")


@lru_cache(maxsize=64)
def _of_kind(build: Callable[..., QuerySet[Any, Any]], kind: str | None) -> Prepared:
    """The query of that class of households, of which there are few: each is built once."""
    return Prepared(partial(build, kind=kind))


_HOLDERS, _HELD = Prepared(_holders), Prepared(_held)
