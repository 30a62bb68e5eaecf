"""What is due for a cadre: every target once, overdue first, then by due date, village and group."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from casework.mine import Asking, Mine
from casework.models import Duty, Visit
from casework.models.duties import seats_held, seats_of
from casework.models.rounds import seats_asked
from casework.models.seats import seat_label
from households.models import Household
from villages.models import Post, Village
from villages.models.places import short_village_name
from villages.prepared import Prepared

OVERDUE = date.min  # as the urgency of a target: before every due date


@dataclass(frozen=True, slots=True)
class Owed:
    """What a round asks of a seat, as far as a list shows it; the same for all its targets."""

    label: str
    due_on: date
    urgency: date

    @property
    def is_overdue(self) -> bool:
        """Whether the visit should have been made already."""
        return self.urgency == OVERDUE


class Spot(NamedTuple):
    """Where a target lies: a villager group of a village, or the village as a whole (0, no name)."""

    village_id: str
    group_number: int
    village_name: str
    group_name: str

    @property
    def key(self) -> str:
        """The spot as an address names it."""
        return f"{self.village_id}-{self.group_number}"

    @property
    def group_label(self) -> str:
        """The group's name or number; empty when there is none."""
        if self.group_name or not self.group_number:
            return self.group_name
        return _("Group %(number)s") % {"number": self.group_number}

    @property
    def label(self) -> str:
        """Village and group as people say them."""
        village, group = short_village_name(self.village_name), self.group_label
        return f"{village} · {group}" if group else village


class Target(NamedTuple):
    """What order and counting need of a household, or a village, to which the cadre owes at least one visit.

    Targets sort as the list does: overdue first, then by due date; within that by village, group and household
    number. A village has no number and no household (0).
    """

    urgency: date
    spot: Spot
    number: str
    household_id: int
    duties: list[Owed]

    @property
    def is_overdue(self) -> bool:
        """Whether one of the visits should have been made already."""
        return self.urgency == OVERDUE


class Due(NamedTuple):
    """A target as the list shows it. What only a household has is empty for a village."""

    target: Target
    head_name: str
    house: str
    is_away: bool
    last_visit_on: date | None

    @property
    def query(self) -> str:
        """How an address names the target."""
        household_id = self.target.household_id
        return f"household={household_id}" if household_id else f"village={self.target.spot.village_id}"

    @property
    def name(self) -> str:
        """The household's head, or the village."""
        return self.head_name or self.target.spot.village_name


class Corner(NamedTuple):
    """A villager group (or a village itself) with how many targets in it are due."""

    key: str
    label: str
    targets: int


class Section(NamedTuple):
    """Targets with the same urgency, by corner. No due date: overdue."""

    due_on: date | None
    corners: list[tuple[Due, list[Due]]]


def due_targets(mine: Mine, on: date) -> list[Target]:
    """Every target the cadre owes a visit, in the order of the list. Two queries."""
    rows = _owed_by(mine, on)
    spots = _spots({row[1] for row in rows})
    asked = {(seat, pk): _asked(mine.rounds[pk], seat, on) for seat, pk in {row[4:] for row in rows}}
    found: defaultdict[tuple[Any, ...], list[Owed]] = defaultdict(list)
    for row in rows:
        found[row[:4]].append(asked[row[4:]])
    return sorted(
        # A group of another village than the duty's says nothing of where the duty is to be done.
        Target(_urgency(duties), spots.get((village, group)) or spots[village, None], number or "", pk or 0, duties)
        for (pk, village, group, number), duties in found.items()
    )


def _spots(villages: set[str]) -> dict[tuple[str, int | None], Spot]:
    """The villages and their groups, by village code and the group's id; no id: the village as a whole."""
    spots: dict[tuple[str, int | None], Spot] = {}
    for code, name, group, number, group_name in _SPOTS.rows(villages=tuple(sorted(villages))):
        spots[code, None] = Spot(code, 0, name, "")
        if group:
            spots[code, group] = Spot(code, number, name, group_name)
    return spots


_SPOTS = Prepared(
    lambda villages: (
        Village.objects.filter(pk__in=villages)
        .order_by()
        .values_list("code", "name", "groups__pk", "groups__number", "groups__name")
    )
)


def _asked(round: Asking, seat: str, on: date) -> Owed:
    urgency = OVERDUE if round.due_on < on else round.due_on
    return Owed(f"{seat_label(seat)} · {round.name}", round.due_on, urgency)


def _urgency(duties: list[Owed]) -> date:
    # Nearly every target owes one visit, and there are hundreds of targets.
    return duties[0].urgency if len(duties) == 1 else min(duty.urgency for duty in duties)


def _owed_by(mine: Mine, on: date) -> list[tuple[Any, ...]]:
    """Household, village, group and household number, seat and round of every duty owed."""
    if not mine.rounds:
        return []
    seats = {seat for round in mine.rounds.values() for seat in seats_asked(round.posts, is_any_post=round.is_any_post)}
    sat_in, firsts, lasts = _columns(seats_held(mine.posts, seats))
    return _OWED.rows(
        on=on,
        rounds=tuple(mine.rounds),
        helped=mine.helped,
        helper_seats=tuple(seats_of(Post.HELPER, seats)),
        sat_in=sat_in,
        firsts=firsts,
        lasts=lasts,
    )


def _columns(places: list[tuple[str, str, str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(zip(*places, strict=True)) if places else ((), (), ())


def _owed(
    on: date,
    rounds: tuple[int, ...],
    helped: tuple[int, ...],
    helper_seats: tuple[str, ...],
    sat_in: tuple[str, ...],
    firsts: tuple[str, ...],
    lasts: tuple[str, ...],
) -> QuerySet[Any, Any]:
    """The rows owed; the home page asks for them each time, so that the query is compiled once."""
    owed = Duty.objects.owed_at(helped, helper_seats, zip(sat_in, firsts, lasts, strict=True)).filter(round__in=rounds)
    return (
        owed.unfinished(on, are_held=True)
        .order_by()
        .values_list("household_id", "village_id", "household__group_id", "household__number", "seat", "round_id")
    )


_OWED = Prepared(_owed)


def corners_of(targets: Iterable[Target]) -> list[Corner]:
    """Where something is due, and how much, in order of village and group."""
    counts = Counter(target.spot for target in targets)
    return [Corner(spot.key, spot.label, count) for spot, count in sorted(counts.items())]


def sections_of(targets: Iterable[Due]) -> list[Section]:
    """The targets under their headings: by urgency, then by village and group."""
    by_urgency = groupby(targets, key=lambda due: due.target.urgency)
    return [Section(None if day == OVERDUE else day, list(_by_corner(dues))) for day, dues in by_urgency]


def _by_corner(dues: Iterable[Due]) -> Iterator[tuple[Due, list[Due]]]:
    for _corner, group in groupby(dues, key=lambda due: due.target.spot):
        listed = list(group)
        yield listed[0], listed


def described(targets: Sequence[Target], on: date) -> list[Due]:
    """The targets as the list shows them, with the day somebody was last there. One query for each kind of target."""
    households = tuple(target.household_id for target in targets if target.household_id)
    villages = tuple(target.spot.village_id for target in targets if not target.household_id)
    known: dict[int | str, tuple[Any, ...]] = {}
    if households:
        known |= {pk: shown for pk, *shown in _HOUSEHOLDS.rows(targets=households, on=on)}
    if villages:
        known |= {code: ("", "", False, last) for code, last in _VILLAGES.rows(targets=villages, on=on)}
    return [Due(target, *known[target.household_id or target.spot.village_id]) for target in targets]


def _described_households(targets: tuple[int, ...], on: date) -> QuerySet[Any, Any]:
    last = last_visit_on(on, household=OuterRef("pk"))
    return Household.objects.filter(pk__in=targets).order_by().values_list("pk", "head_name", "house", "is_away", last)


def _described_villages(targets: tuple[str, ...], on: date) -> QuerySet[Any, Any]:
    last = last_visit_on(on, village=OuterRef("pk"))
    return Village.objects.filter(pk__in=targets).order_by().values_list("pk", last)


def last_visit_on(on: date, **target: OuterRef) -> Subquery:
    """The day somebody was last at the target, as of a day. A subquery on the visits' index."""
    days = Visit.objects.standing().filter(visited_on__lte=on, **target).order_by("-visited_on")
    return Subquery(days.values("visited_on")[:1])


_HOUSEHOLDS, _VILLAGES = Prepared(_described_households), Prepared(_described_villages)


def next_due(mine: Mine, on: date, after: Household) -> Due | None:
    """The next target of the same villager group; the first again after the last."""
    here = after.village_id, after.group.number if after.group else 0
    beside = [
        target
        for target in due_targets(mine, on)
        if target.spot[:2] == here and target.household_id and target.household_id != after.pk
    ]
    later = [target for target in beside if target.number > after.number]
    return next(iter(described([*later, *beside][:1], on)), None)
