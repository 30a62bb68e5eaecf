"""How much the holder of a post still owes in a place and round, and who is longest without a visit."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from heapq import nsmallest
from itertools import chain
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Aggregate, Count, Max, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.db.models.sql.compiler import SQLCompiler

from casework import reasons
from casework.models import Duty, Round, Visit
from casework.models.duties import PENDING
from casework.models.rounds import VISITING_POSTS
from casework.models.seats import ANY, posts_of
from households.models import Household
from villages.models import Posting, Village

# So many are named, the longest without a visit first.
NAMED = 3
# Villages to visit are listed one by one up to so many in a round, above that by town.
LISTED = 10
CHUNK = 5000
# Stands in a list of household ids where the village itself is to be visited.
THE_VILLAGE = 0

Longest = list[tuple[str, date | None]]


class Held(NamedTuple):
    """A post held at a place since a day."""

    cadre_id: int
    post: str
    place: str
    since: date


@dataclass(slots=True)
class Owed:
    """What one seat still owes in one village and round: households, or the village itself."""

    round: Round
    seat: str
    village: Village
    total: int
    households: list[int]
    longest: Longest = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str, str]:
        """Round, seat and village: unique."""
        return self.round.pk, self.seat, self.village.pk

    @property
    def is_for_village(self) -> bool:
        """Whether the village itself is to be visited."""
        return self.round.is_for_villages


@dataclass(slots=True)
class Workload:
    """What one holder owes in one round at one place: a village, or a town where many villages are to be visited.

    `left` counts households, or villages when is_for_villages; total is what the round asked for there.
    """

    held: Held
    seat_place: str
    round: Round
    village: Village
    left: int
    total: int
    longest: Longest
    is_for_villages: bool = False
    is_by_town: bool = False

    @property
    def place(self) -> str:
        """Code of the village, or of the town."""
        return self.village.town_id if self.is_by_town else self.village.pk

    @property
    def heading(self) -> str:
        """Under which place the line stands."""
        return self.village.town.name if self.is_by_town else reasons.heading(self.village)


def workloads_of(
    cadre_ids: Collection[int], rounds: dict[int, Round], posts: Mapping[int, Collection[str]], on: date
) -> Iterator[Workload]:
    """What each holder of these posts owes in these rounds, one row a place. Six queries, however many cadres."""
    postings = Posting.objects.in_force(on).filter(cadre__in=cadre_ids, post__in=VISITING_POSTS).order_by("pk")
    held = [Held(*row) for row in postings.values_list("cadre_id", "post", "place_code", "starts_on")]
    if not held:
        return
    villages = villages_under({posting.place for posting in held})
    owed = _owed(held, villages, rounds, on)
    _name_the_longest(owed, on)
    by_seat: dict[tuple[str, str], list[Owed]] = defaultdict(list)
    for row in owed:
        for post in posts_of(row.seat):
            by_seat[post, row.village.pk].append(row)
    told: set[tuple[int, tuple[int, str, str]]] = set()
    for posting in held:
        mine = [row for village in villages[posting.place] for row in by_seat.get((posting.post, village.pk), ())]
        mine = [row for row in mine if posting.post in posts[row.round.pk]]
        # Somebody with two of the posts of an "any:" seat hears of it once.
        fresh = [row for row in mine if (posting.cadre_id, row.key) not in told]
        told.update((posting.cadre_id, row.key) for row in fresh)
        yield from _of_holder(posting, _place_name(posting.place, villages[posting.place]), fresh)


def villages_under(places: set[str]) -> dict[str, list[Village]]:
    """The villages at or below each place, by the place's code."""
    below = Q(pk__in=places) | Q(town__in=places) | Q(town__district__in=places)
    found: dict[str, list[Village]] = defaultdict(list)
    for village in Village.objects.filter(below).select_related("town__district").order_by("pk"):
        for code in (village.pk, village.town_id, village.town.district_id):
            found[code].append(village)
    return found


def _place_name(code: str, villages: list[Village]) -> str:
    """What the village, town or district of that code is called."""
    if not villages:
        return code
    village = villages[0]
    names = {village.pk: village.short_name, village.town_id: village.town.name}
    return names.get(code, village.town.district.name)


class IdList(Aggregate):
    """The values of a group as one text with commas: a tenth of the price of a row each."""

    function = "string_agg"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        """SQLite's name for it."""
        return self.as_sql(compiler, connection, function="group_concat")


def _owed(held: list[Held], villages: dict[str, list[Village]], rounds: dict[int, Round], on: date) -> list[Owed]:
    """What is pending for the seats of these posts, by round, seat and village."""
    by_code = {village.pk: village for below in villages.values() for village in below}
    duties = Duty.objects.filter(of_seats(held, villages), round__in=list(rounds)).with_state(on).order_by()
    groups = duties.values_list("round", "village", "seat").annotate(
        total=Count("pk"),
        pending=IdList(Cast(Coalesce("household", THE_VILLAGE), TextField()), filter=Q(state__in=PENDING)),
    )
    return [
        Owed(rounds[round_id], seat, by_code[code], total, [int(pk) for pk in pending.split(",")])
        for round_id, code, seat, total, pending in groups
        if pending
    ]


def of_seats(held: list[Held], villages: dict[str, list[Village]]) -> Q:
    """The condition that a duty's seat is one of these posts at one of its villages."""
    codes: dict[str, set[str]] = defaultdict(set)
    for posting in held:
        codes[posting.post].update(village.pk for village in villages[posting.place])
    return reduce(
        or_,
        (
            Q(village__in=sorted(of_post)) & (Q(seat=post) | Q(seat__startswith=ANY, seat__contains=post))
            for post, of_post in codes.items()
        ),
    )


def _name_the_longest(owed: list[Owed], on: date) -> None:
    """Fill in who is longest without a visit by anybody, those never visited first."""
    visits = Visit.objects.standing().filter(visited_on__lte=on).order_by()
    of_households = [row for row in owed if not row.is_for_village]
    seen = _households_seen(visits, {row.village.pk for row in of_households})

    def longest(row: Owed) -> list[int]:
        return nsmallest(NAMED, row.households, key=lambda pk: (seen.get(pk, date.min), pk))

    chosen = [(row, longest(row)) for row in of_households]
    wanted = {pk for _row, pks in chosen for pk in pks}
    names = dict(Household.objects.filter(pk__in=wanted).order_by().values_list("pk", "head_name"))
    for row, pks in chosen:
        row.longest = [(names[pk], seen.get(pk)) for pk in pks]
    of_village = [row for row in owed if row.is_for_village]
    near = visits.filter(village__in={row.village.pk for row in of_village})
    there = dict(near.values_list("village").annotate(last=Max("visited_on")))
    for row in of_village:
        row.longest = [(row.village.short_name, there.get(row.village.pk))]


def _households_seen(visits: QuerySet[Visit], villages: set[str]) -> dict[int, date]:
    """The day of the last visit to each household of these villages that was ever visited."""
    if not villages:
        return {}
    # Who moved in may have been visited where they lived before.
    moved_in = Household.objects.filter(village__in=villages, moved_on__isnull=False).order_by().values("pk")
    near = visits.filter(Q(village__in=villages) | Q(household__in=moved_in), household__isnull=False)
    return dict(near.values_list("household").annotate(last=Max("visited_on")).iterator(chunk_size=CHUNK))


def _of_holder(held: Held, seat_place: str, owed: list[Owed]) -> Iterator[Workload]:
    """Households by village; villages one by one when they are few, otherwise by town."""
    villages: dict[tuple[int, str], list[Owed]] = defaultdict(list)
    for row in owed:
        if row.is_for_village:
            villages[row.round.pk, row.seat].append(row)
        else:
            yield Workload(held, seat_place, row.round, row.village, len(row.households), row.total, row.longest)
    for rows in villages.values():
        is_by_town = len(rows) > LISTED
        here: dict[str, list[Owed]] = defaultdict(list)
        for row in rows:
            here[row.village.town_id if is_by_town else row.village.pk].append(row)
        for together in here.values():
            yield _of_villages(held, seat_place, together, is_by_town)


def _of_villages(held: Held, seat_place: str, rows: list[Owed], is_by_town: bool) -> Workload:
    longest = sorted(chain.from_iterable(row.longest for row in rows), key=lambda pair: pair[1] or date.min)
    first, left = rows[0], len(rows)
    return Workload(held, seat_place, first.round, first.village, left, left, longest[:NAMED], True, is_by_town)
