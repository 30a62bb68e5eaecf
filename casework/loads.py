"""What opening a round would ask of its holders week by week, beside what they owe already, and what to do about it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from django.conf import settings
from django.db.models import Count, Q

from casework.models import Duty, Round
from casework.models.duties import PENDING
from casework.models.rounds import seats_asked
from casework.models.seats import posts_of, seat_label
from casework.targets import Asked, RoundPreview, helpers_on
from casework.trend import HORIZON, digits_below, names_of
from villages.calendar import workdays_in
from villages.models import Cadre, District, Post, SpecialDay, Town, Village
from villages.models.places import short_village_name

WORKDAYS_A_WEEK = 5
LISTED = 200  # so many holders above the limit are named


@dataclass(slots=True)
class HolderLoad:
    """What one holder would have to do. `fresh` counts this round's visits, `owed` what is owed already, a week."""

    cadre_id: int
    seats: set[str] = field(default_factory=set)
    villages: set[str] = field(default_factory=set)
    fresh: float = 0.0
    owed: float = 0.0

    def a_week(self, weeks: float) -> float:
        """Visits a week, this round's and the others'."""
        return self.fresh / weeks + self.owed

    @property
    def place_code(self) -> str:
        """The smallest place all of it lies in: a village, a town, or the district."""
        first, last = min(self.villages), max(self.villages)
        return next((first[:digits] for digits in (12, 9) if first[:digits] == last[:digits]), first[:6])


@dataclass(slots=True)
class PlaceLoad:
    """What one seat would owe in one place below the round's, and how much that is for its holders."""

    code: str
    name: str
    post: str
    visits: int = 0
    vacant: int = 0
    vacant_villages: set[str] = field(default_factory=set)
    holders: set[int] = field(default_factory=set)
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class AboveLimit:
    """A holder above the limit: where, by which post, how much, and what would bring it down to the limit.

    `hands`: so many holders in its place. `until`: the due date that would do; None when no date would,
    because what is owed already is too much by itself.
    """

    place_code: str
    place: str
    post: str
    holder: str
    fresh: int
    fresh_a_week: float
    owed_a_week: float
    a_week: float
    hands: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off of one name inside the period, and how many of them would have been worked."""

    name: str
    first: date
    last: date
    workdays: int


@dataclass(frozen=True, slots=True)
class LoadForecast:
    """The forecast of a round that is about to be opened. `above` is in order of place codes, never of loads."""

    workdays: int
    holidays: list[Holiday]
    swapped: int
    years_unknown: list[int]
    limit: int
    places: list[PlaceLoad]
    holders: int
    above_count: int
    above: list[AboveLimit]
    above_if_any: int | None
    overloaded_already: int
    until: date | None

    @property
    def is_cut(self) -> bool:
        """Whether more are above the limit than are named."""
        return self.above_count > len(self.above)


class _Calendar:
    """The working days of the new period, read once."""

    def __init__(self, round: Round, on: date) -> None:
        self.first = max(round.starts_on, on)
        self.days = workdays_in(self.first, max(round.due_on, self.first) + HORIZON)
        self.workdays = sum(day <= round.due_on for day in self.days)
        # A period without a working day is measured as one: too much for everybody, and said so.
        self.weeks = max(self.workdays, 1) / WORKDAYS_A_WEEK

    def until(self, load: HolderLoad, limit: int) -> date | None:
        """The first due date with which the load is within the limit."""
        room = limit - load.owed
        if room <= 0:
            return None
        needed = max(1, ceil(WORKDAYS_A_WEEK * load.fresh / room - 1e-9))
        return self.days[needed - 1] if needed <= len(self.days) else None


def load_forecast(round: Round, preview: RoundPreview, *, cadre: Cadre, on: date) -> LoadForecast:
    """The loads of an (unsaved) round as its preview found it. A fixed number of grouped queries, nothing written.

    What holders owe already is what `cadre` may see of it. One visit may count for several rounds, so the
    sum is the most it can be.
    """
    calendar, limit = _Calendar(round, on), settings.LOAD_VISITS_A_WEEK
    owed = owed_a_week(round, preview, cadre=cadre, on=on)
    loads = holder_loads(preview.asked, owed)
    above = [load for load in loads.values() if load.a_week(calendar.weeks) > limit]
    above.sort(key=lambda load: (load.place_code, sorted(load.seats), min(load.villages), load.cadre_id))
    untils = [calendar.until(load, limit) for load in above]
    holidays, swapped, years_unknown = _special_days(calendar.first, round.due_on)
    return LoadForecast(
        workdays=calendar.workdays,
        holidays=holidays,
        swapped=swapped,
        years_unknown=years_unknown,
        limit=limit,
        places=_places(round, preview.asked, loads, calendar.weeks),
        holders=len(loads),
        above_count=len(above),
        above=list(_named(above[:LISTED], calendar, limit)),
        above_if_any=_above_if_any(round, preview, owed, calendar.weeks, limit),
        overloaded_already=sum(load.owed >= limit for load in above),
        until=max((until for until in untils if until), default=None) if None not in untils else None,
    )


def holder_loads(asked: Iterable[Asked], owed: dict[int, float]) -> dict[int, HolderLoad]:
    """The load of each holder: what a seat owes is shared evenly by all who hold it."""
    loads: dict[int, HolderLoad] = {}
    for row in asked:
        for cadre_id in row.holders:
            load = loads.setdefault(cadre_id, HolderLoad(cadre_id, owed=owed.get(cadre_id, 0.0)))
            load.seats.add(row.seat)
            load.villages.add(row.village_id)
            load.fresh += row.visits / len(row.holders)
    return loads


def owed_a_week(round: Round, preview: RoundPreview, *, cadre: Cadre, on: date) -> dict[int, float]:
    """What each cadre owes already in running rounds of the district, spread over the weeks until their due dates.

    What is overdue, or due within the week, is to be done within a week.
    """
    running = list(Round.objects.visible_to(cadre, on).running(on).filter(district=round.district_id))
    if not running:
        return {}
    days = workdays_in(on, max(on, *(other.due_on for other in running)))
    weeks = {other.pk: max(1.0, sum(day <= other.due_on for day in days) / WORKDAYS_A_WEEK) for other in running}
    found: dict[int, float] = defaultdict(float)
    for round_id, holders, count in _pending(running, preview, cadre, on):
        for cadre_id in holders:
            found[cadre_id] += count / len(holders) / weeks[round_id]
    return found


def _pending(
    running: Sequence[Round], preview: RoundPreview, cadre: Cadre, on: date
) -> Iterator[tuple[int, frozenset[int], int]]:
    """Round, holders and number of the duties still to do: by seat and village, those of helpers by household."""
    seats = {seat for other in running for seat in other.seats()}
    of_helpers = {seat for seat in seats if Post.HELPER in posts_of(seat)}
    # Whether somebody holds the seat is looked up below, and not asked of each duty. Pending is counted, not
    # filtered by: otherwise the database expects a handful of rows and sorts them on the disk.
    undone = Duty.objects.visible_to(cadre, on).filter(Q(credited_on=None) | Q(credited_on__gt=on), round__in=running)
    duties = undone.with_state(on, are_held=True).order_by()
    tenures = preview.targets.tenures
    by_village = duties.filter(seat__in=seats - of_helpers).values_list("round_id", "seat", "village_id")
    for round_id, seat, village_id, count in by_village.annotate(pending=Count("pk", filter=Q(state__in=PENDING))):
        yield round_id, frozenset(tenures.holders(seat, village_id, None, on)), count
    if not of_helpers:
        return
    helpers = helpers_on(on)
    pending = duties.filter(seat__in=of_helpers, state__in=PENDING)  # type: ignore[misc]  # annotated
    by_household = pending.values_list("round_id", "seat", "village_id", "household_id")
    for round_id, seat, village_id, household_id in by_household:
        posts = tenures.holders(seat, village_id, None, on)
        yield round_id, helpers.get(household_id, frozenset()) | posts, 1


def _places(round: Round, asked: Iterable[Asked], loads: dict[int, HolderLoad], weeks: float) -> list[PlaceLoad]:
    """By place below the round's and by seat, in order of codes."""
    digits = digits_below(round.place_code)
    rows: dict[tuple[str, str], PlaceLoad] = {}
    for row in asked:
        code = row.village_id[:digits]
        place = rows.setdefault((code, row.seat), PlaceLoad(code, code, seat_label(row.seat)))
        place.visits += row.visits
        place.holders |= row.holders
        if not row.holders:
            place.vacant += row.visits
            place.vacant_villages.add(row.village_id)
    names = dict(names_of({code for code, _seat in rows}, digits))
    for place in rows.values():
        place.name = names.get(place.code, place.code)
        loaded = [loads[cadre_id].a_week(weeks) for cadre_id in place.holders]
        place.least, place.most = min(loaded, default=0.0), max(loaded, default=0.0)
    return [rows[key] for key in sorted(rows)]


def _above_if_any(round: Round, preview: RoundPreview, owed: dict[int, float], weeks: float, limit: int) -> int | None:
    """How many would be above the limit if any one of the posts sufficed; None where that is no question."""
    if round.is_any_post or len(round.posts) < 2:
        return None
    asked = preview.targets.asked_of(seats_asked(round.posts, is_any_post=True))
    return sum(load.a_week(weeks) > limit for load in holder_loads(asked, owed).values())


def _named(above: Sequence[HolderLoad], calendar: _Calendar, limit: int) -> Iterator[AboveLimit]:
    cadres = Cadre.objects.in_bulk([load.cadre_id for load in above])
    codes = {load.place_code for load in above}
    names = {
        code: short_village_name(name) if model is Village else name
        for model in (District, Town, Village)
        for code, name in model._default_manager.filter(pk__in=codes).values_list("pk", "name")
    }
    for load in above:
        yield AboveLimit(
            place_code=load.place_code,
            place=names.get(load.place_code, load.place_code),
            post=" · ".join(seat_label(seat) for seat in sorted(load.seats)),
            holder=cadres[load.cadre_id].name,
            fresh=round(load.fresh),
            fresh_a_week=load.fresh / calendar.weeks,
            owed_a_week=load.owed,
            a_week=load.a_week(calendar.weeks),
            hands=ceil(load.a_week(calendar.weeks) / limit) if limit else 0,
            until=calendar.until(load, limit),
        )


def _special_days(first: date, last: date) -> tuple[list[Holiday], int, list[int]]:
    """Holidays inside the period, those of one name in a row together; days off worked instead; years not entered."""
    years = range(first.year, last.year + 1)
    entered = list(
        SpecialDay.objects.filter(day__range=(date(first.year, 1, 1), date(last.year, 12, 31))).order_by("day")
    )
    special = [one for one in entered if first <= one.day <= last]
    found: list[Holiday] = []
    for one in special:
        if one.is_workday:
            continue
        lost = int(one.day.weekday() < WORKDAYS_A_WEEK)
        before = found[-1] if found else None
        if before and before.name == one.name and one.day - before.last == timedelta(days=1):
            found[-1] = Holiday(one.name, before.first, one.day, before.workdays + lost)
        else:
            found.append(Holiday(one.name, one.day, one.day, lost))
    swapped = sum(one.is_workday and one.day.weekday() >= WORKDAYS_A_WEEK for one in special)
    return found, swapped, sorted(set(years) - {one.day.year for one in entered})
