"""What is due for a cadre: every target once, overdue first, then by due date, village and group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from casework.models import Duty, Round, Visit
from casework.models.duties import seats_held, seats_of
from casework.models.rounds import seats_asked
from casework.models.seats import seat_label
from households.models import HelperPairing, Household
from villages import reach
from villages.models import Cadre, Post, Village
from villages.prepared import Prepared

COLUMNS = (
    "household_id",
    "village_id",
    "village__name",
    "household__group__number",
    "household__group__name",
    "household__number",
    "household__head_name",
    "household__house",
    "household__is_away",
    "seat",
    "round_id",
)


PLACE = len(COLUMNS) - 2  # so many of them say where, the last two which duty


class Asking(NamedTuple):
    """A running round, as far as it asks for visits."""

    pk: int
    posts: list[str]
    is_any_post: bool
    name: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Owed:
    """What a round asks of a seat, as far as a list shows it; the same for all its targets."""

    label: str
    due_on: date
    is_overdue: bool


@dataclass(slots=True)
class Due:
    """A household, or a village, to which the cadre owes at least one visit. For a village most is None."""

    household_id: int | None
    village_id: str
    village_name: str
    group_number: int | None
    group_name: str | None
    number: str | None
    head_name: str | None
    house: str | None
    is_away: bool | None
    duties: list[Owed]
    due_on: date
    is_overdue: bool
    last_visit_on: date | None = None

    def add(self, duty: Owed) -> None:
        """One more duty of the same target; the earliest due date counts."""
        self.duties.append(duty)
        self.due_on = min(self.due_on, duty.due_on)
        self.is_overdue = self.is_overdue or duty.is_overdue

    @property
    def query(self) -> str:
        """How an address names the target."""
        return f"household={self.household_id}" if self.household_id else f"village={self.village_id}"

    @property
    def name(self) -> str:
        """The household's head, or the village."""
        return self.head_name or self.village_name

    @property
    def corner(self) -> tuple[str, int | None]:
        """Village code and group number: where it lies."""
        return self.village_id, self.group_number

    @property
    def corner_key(self) -> str:
        """The corner as an address names it."""
        return f"{self.village_id}-{self.group_number or 0}"

    @property
    def corner_label(self) -> str:
        """Village and group as people say them."""
        village = Village(name=self.village_name).short_name
        return f"{village} · {self.group_label}" if self.group_label else village

    @property
    def group_label(self) -> str:
        """The group's name or number; empty when there is none."""
        if self.group_name or self.group_number is None:
            return self.group_name or ""
        return _("Group %(number)s") % {"number": self.group_number}

    def sort_key(self) -> tuple:
        """Overdue first, then by due date; within that by village, group and household number."""
        urgency = date.min if self.is_overdue else self.due_on
        return urgency, self.village_id, self.group_number or 0, self.number or ""


class Corner(NamedTuple):
    """A villager group (or a village itself) with how many targets in it are due."""

    key: str
    label: str
    targets: int


class Section(NamedTuple):
    """Targets with the same urgency, by corner. No due date: overdue."""

    due_on: date | None
    corners: list[tuple[Due, list[Due]]]


def posts_held(cadre: Cadre, on: date) -> list[tuple[Any, ...]]:
    """Post and place code of each post the cadre holds on that day."""
    return _HELD.rows(cadre_id=cadre.pk, on=on)


def due_targets(cadre: Cadre, on: date, *, held: list[tuple[Any, ...]] | None = None) -> list[Due]:
    """Every target the cadre owes a visit, in the order of the list. Four small queries.

    `held` are the cadre's posts of that day when the caller has asked for them already.
    """
    found: dict[tuple[Any, ...], Due] = {}
    asked: dict[tuple[Any, ...], Owed] = {}
    rounds, rows = _owed_by(cadre, on, posts_held(cadre, on) if held is None else held)
    for row in rows:
        seat, round_id = asking = row[PLACE:]
        duty = asked.get(asking) or asked.setdefault(asking, _asked(rounds[round_id], seat, on))
        if due := found.get(row[:2]):
            due.add(duty)
        else:
            found[row[:2]] = Due(*row[:PLACE], duties=[duty], due_on=duty.due_on, is_overdue=duty.is_overdue)
    return sorted(found.values(), key=Due.sort_key)


def _asked(round: Asking, seat: str, on: date) -> Owed:
    return Owed(f"{seat_label(seat)} · {round.name}", round.due_on, round.due_on < on)


def _owed_by(cadre: Cadre, on: date, held: list[tuple[Any, ...]]) -> tuple[dict[int, Asking], list[tuple[Any, ...]]]:
    """The rounds that ask for one of the cadre's posts, and the rows owed in them."""
    helped = tuple(pk for (pk,) in _HELPED.rows(cadre_id=cadre.pk, on=on))
    posts = {post for post, _place in held} | ({Post.HELPER.value} if helped else set())
    rounds = {row[0]: Asking(*row) for row in _RUNNING.rows(on=on) if not posts.isdisjoint(row[1])}
    if not rounds:
        return {}, []
    seats = {seat for round in rounds.values() for seat in seats_asked(round.posts, is_any_post=round.is_any_post)}
    sat_in, firsts, lasts = _columns(seats_held(held, seats))
    rows = _OWED.rows(
        on=on,
        rounds=tuple(rounds),
        helped=helped,
        helper_seats=tuple(seats_of(Post.HELPER, seats)),
        sat_in=sat_in,
        firsts=firsts,
        lasts=lasts,
    )
    return rounds, rows


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
    return owed.unfinished(on, are_held=True).order_by().values_list(*COLUMNS)


_OWED = Prepared(_owed)
_HELPED = Prepared(
    lambda cadre_id, on: HelperPairing.objects.in_force(on).filter(cadre=cadre_id).order_by().values_list("household")
)
_HELD = Prepared(
    lambda cadre_id, on: reach.own_postings(Cadre(pk=cadre_id), on).order_by().values_list("post", "place_code")
)
_RUNNING = Prepared(lambda on: Round.objects.running(on).order_by("pk").values_list(*Asking._fields))


def corners_of(targets: Iterable[Due]) -> list[Corner]:
    """Where something is due, and how much, in order of village and group."""
    ordered = sorted(targets, key=lambda due: (due.village_id, due.group_number or 0))
    corners = []
    for _corner, group in groupby(ordered, key=lambda due: due.corner):
        dues = list(group)
        corners.append(Corner(dues[0].corner_key, dues[0].corner_label, len(dues)))
    return corners


def sections_of(targets: Iterable[Due]) -> list[Section]:
    """The targets under their headings: by urgency, then by village and group."""
    by_urgency = groupby(targets, key=lambda due: None if due.is_overdue else due.due_on)
    return [Section(due_on, list(_by_corner(dues))) for due_on, dues in by_urgency]


def _by_corner(dues: Iterable[Due]) -> Iterator[tuple[Due, list[Due]]]:
    for _corner, group in groupby(dues, key=lambda due: due.corner):
        listed = list(group)
        yield listed[0], listed


def add_last_visits(targets: Iterable[Due], on: date) -> None:
    """Add to each target when somebody was last there. One query for households, one for villages."""
    households = {due.household_id: due for due in targets if due.household_id}
    villages = {due.village_id: due for due in targets if not due.household_id}
    for query, dues in ((_LAST_AT_HOUSEHOLDS, households), (_LAST_AT_VILLAGES, villages)):
        if dues:
            for key, day in query.rows(targets=tuple(dues), on=on):
                dues[key].last_visit_on = day


def _last_visits(column: str) -> Prepared:
    def build(targets: tuple[Any, ...], on: date) -> QuerySet[Any, Any]:
        made = Visit.objects.standing().filter(visited_on__lte=on, **{f"{column}__in": targets}).order_by()
        return made.values_list(column).annotate(last=Max("visited_on"))

    return Prepared(build)


_LAST_AT_HOUSEHOLDS, _LAST_AT_VILLAGES = _last_visits("household"), _last_visits("village")


def last_visit_on(on: date, **target: OuterRef) -> Subquery:
    """The day somebody was last at the target, as of a day. A subquery on the visits' index."""
    days = Visit.objects.standing().filter(visited_on__lte=on, **target).order_by("-visited_on")
    return Subquery(days.values("visited_on")[:1])


def next_due(cadre: Cadre, on: date, after: Household) -> Due | None:
    """The next target of the same villager group; the first again after the last."""
    targets = [due for due in due_targets(cadre, on) if due.household_id != after.pk]
    group_number = after.group.number if after.group else None
    beside = [due for due in targets if due.household_id and due.corner == (after.village_id, group_number)]
    later = [due for due in beside if (due.number or "") > after.number]
    return next(iter([*later, *beside]), None)
