"""The rounds under way beside each other, place by place, with the posts nobody holds and the families nobody met."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from casework.coverage import BY_PLACE, Counts
from casework.last_period import LastPeriod, last_period, same_day_before
from casework.models import Round
from casework.place_sums import Question, Sums, closings, sums_of
from casework.shelf import Shelf
from casework.splits import table_by
from casework.unseen import Seen
from casework.unseen_figures import seen_figures, seen_within
from casework.vacancies import by_place, posts_within, vacant_seats
from villages import reach
from villages.models import Cadre, Town, Village
from villages.prepared import Prepared

TOWN_DIGITS, VILLAGE_DIGITS = 9, 12
SHELVED_FROM = 5_000  # duties and households of a town; those of a smaller one are counted whenever asked
NOBODY = Seen()


@dataclass(slots=True)
class Column:
    """One round: its counts by place and in sum, and the period before where there was one."""

    round: Round
    counts: dict[str, Counts]
    total: Counts
    last: LastPeriod | None


@dataclass(slots=True)
class Place:
    """One line: a town or a village, with what does not depend on a round."""

    key: str
    label: str
    posts: int
    unseen: int
    monitored: int


@dataclass(slots=True)
class SideBySide:
    """The places in order of codes, the rounds beside them, and the earliest moment they are of."""

    columns: list[Column]
    places: list[Place]
    counted_at: datetime | None

    def total(self, name: str) -> int:
        """The sum of one of the numbers that do not depend on a round."""
        return sum(getattr(place, name) for place in self.places)


def side_by_side(
    rounds: list[Round],
    *,
    cadre: Cadre,
    on: date,
    days: int,
    place_code: str,
    seen_on: date,
    now: datetime,
    is_anew: bool = False,
) -> SideBySide:
    """Every round's figures below the place, vacant posts and unseen households, as of a day.

    What is large may be a minute old: `counted_at` is the earliest moment of all. Only who reaches all of the place
    is shown what is counted for everybody; others have theirs counted.
    """
    digits = VILLAGE_DIGITS if len(place_code) >= TOWN_DIGITS else TOWN_DIGITS
    fresh: dict[str, Any] = {"now": now, "is_anew": is_anew}
    if reach.reaches_all_of(cadre, place_code, seen_on):
        found = _whole(rounds, place_code, digits, on, days, **fresh)
    else:
        asked: dict[str, Any] = {"cadre": cadre, "on": on, "place_code": place_code, "seen_on": seen_on}
        found = _in_part(rounds, digits, days, **asked, **fresh)
    names = _names_of(found.codes(), digits)
    places = [
        Place(code, name, found.posts.get(code, 0), counts.unseen, counts.monitored)
        for code, name in names.items()
        for counts in (found.seen.get(code, NOBODY),)
    ]
    return SideBySide(found.columns, places, found.counted_at)


class _Found(NamedTuple):
    """The rounds' columns, and vacant posts and households by the codes of places; all of the moment or later."""

    columns: list[Column]
    posts: dict[str, int]
    seen: dict[str, Seen]
    counted_at: datetime

    def codes(self) -> set[str]:
        """All places of which anything is said."""
        return {*self.posts, *self.seen, *(code for column in self.columns for code in column.counts)}

    def number(self) -> int:
        """So many duties and households were counted."""
        return sum(column.total.total for column in self.columns) + sum(seen.total for seen in self.seen.values())


# Towns' pages: of a district what it consists of is kept, each part for itself.
_SHELF: Shelf[_Found] = Shelf(lambda found: found.number() >= SHELVED_FROM, most=64)


def _whole(
    rounds: list[Round], place_code: str, digits: int, on: date, days: int, *, now: datetime, is_anew: bool
) -> _Found:
    """Whoever may see it: what is kept of it, or counted for all."""

    def counted() -> _Found:
        return _counted(rounds, place_code, digits, on, days, now, is_anew=is_anew)

    if digits == TOWN_DIGITS:
        return counted()
    question = place_code, on, days, tuple((round.pk, round.day_of_figures(on)) for round in rounds)
    found, _moment = _SHELF.kept_or_counted(question, counted, now=now, is_anew=is_anew)
    columns = [replace(column, round=round) for column, round in zip(found.columns, rounds, strict=True)]
    return found._replace(columns=columns)


def _counted(
    rounds: list[Round], place_code: str, digits: int, on: date, days: int, now: datetime, *, is_anew: bool
) -> _Found:
    fresh: dict[str, Any] = {"now": now, "is_anew": is_anew}
    before = {round.pk: round.previous for round in rounds if round.previous}
    questions = [(round, round.day_of_figures(on)) for round in rounds]
    questions += [(round.previous, same_day_before(round, round.previous, on)) for round in rounds if round.previous]
    sums = sums_of(questions, place_code=place_code, **fresh)
    closed = closings(list(before.values()), place_code, digits)
    lasts = dict(zip(before, zip(questions[len(rounds) :], sums[len(rounds) :], strict=True), strict=True))
    columns = []
    for round, its in zip(rounds, sums, strict=False):
        last = _last(*lasts[round.pk], closed, digits) if round.pk in lasts else None
        columns.append(Column(round, its.by(digits), its.total, last))
    posts, posts_at = posts_within(place_code, on, **fresh)
    vacant: Counter[str] = Counter()
    for village_id, number in posts.vacant.items():
        vacant[village_id[:digits]] += number
    seen = seen_within(place_code, on=on, days=days, **fresh)
    moment = min(now, posts_at, seen.counted_at, *(its.counted_at for its in sums))
    return _Found(columns, vacant, seen.by_place(digits), moment)


def _last(question: Question, sums: Sums, closed: dict[int, dict[str, Counts]], digits: int) -> LastPeriod:
    """The period before on the same day, and as it was closed."""
    round, same_day = question
    found = LastPeriod(round, same_day, sums.by(digits), sums.total, closed.get(round.pk, {}))
    for counts in found.closing.values():
        found.closing_total.add(counts)
    return found


def _in_part(rounds: list[Round], digits: int, days: int, *, now: datetime, is_anew: bool, **asked: Any) -> _Found:
    """What one cadre sees of the place, question by question."""
    fresh: dict[str, Any] = {"now": now, "is_anew": is_anew}
    columns, moments = [], [now]
    for round in rounds:
        table, last = table_by(BY_PLACE, round, **asked, **fresh), last_period(round, by=BY_PLACE, **asked, **fresh)
        columns.append(Column(round, {row.key: row.counts for row in table.rows}, table.total, last))
        moments += [table.counted_at or now, (last and last.counted_at) or now]
    seen = seen_figures(days=days, **asked, **fresh)
    posts = by_place(vacant_seats(**asked), digits)
    return _Found(columns, posts, seen.by_place(digits), min(seen.counted_at, *moments))


def _names_of(codes: set[str], digits: int) -> dict[str, str]:
    """The names of places in order of their codes. One statement."""
    if not codes:
        return {}
    names = _NAMES[digits].rows(first=min(codes), last=max(codes))
    return {code: name for code, name in names if code in codes}


def _names(model: type[Village] | type[Town]) -> Prepared:
    def build(first: str, last: str) -> Any:
        return model._default_manager.filter(pk__range=(first, last)).order_by("pk").values_list("pk", "name")

    return Prepared(build)


_NAMES = {TOWN_DIGITS: _names(Town), VILLAGE_DIGITS: _names(Village)}
