"""The rounds under way beside each other, place by place, with the posts nobody holds and the families nobody met."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from casework import vacancies
from casework.coverage import BY_PLACE, Counts
from casework.last_period import LastPeriod, last_period
from casework.models import Round
from casework.models.rounds import RoundState
from casework.splits import table_by
from casework.unseen import Seen
from casework.unseen_figures import seen_figures
from villages.models import Cadre, Town, Village

NOBODY = Seen()


@dataclass(slots=True)
class Column:
    """One round: its counts by place and in sum, and the period before where there was one."""

    round: Round
    counts: dict[str, Counts]
    total: Counts
    last: LastPeriod | None
    counted_at: datetime | None


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


def rounds_at(cadre: Cadre, place_code: str, day: date) -> QuerySet[Round]:
    """Rounds that owe something at the place, above it or below it; the latest first."""
    above = [place_code[:digits] for digits in (6, 9) if digits <= len(place_code)]
    here = Q(town__in=above) | Q(town=None, district__in=above) | Q(town__code__startswith=place_code)
    visible = Round.objects.visible_to(cadre, day).filter(here).exclude(state=RoundState.OPENING)
    return visible.select_related("district", "town", "previous").order_by("-starts_on", "-pk")


def running_then(rounds: QuerySet[Round], on: date) -> QuerySet[Round]:
    """Those that were under way that day, the one that began first before the others."""
    not_closed_by_then = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    return rounds.filter(not_closed_by_then, starts_on__lte=on).order_by("starts_on", "pk")


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

    What is large may be a minute old: `counted_at` is the earliest moment of all.
    """
    digits = 12 if len(place_code) >= 9 else 9
    asked: dict[str, Any] = {"cadre": cadre, "on": on, "place_code": place_code, "seen_on": seen_on}
    fresh: dict[str, Any] = {"now": now, "is_anew": is_anew}
    columns = [_column(round, **asked, **fresh) for round in rounds]
    seats = vacancies.vacant_seats(**asked)
    posts = vacancies.by_place(seats, digits)
    figures = seen_figures(days=days, **asked, **fresh)
    seen = figures.by_place(digits)
    codes = {*posts, *seen, *(code for column in columns for code in column.counts)}
    model: type[Village] | type[Town] = Village if digits == 12 else Town
    names = dict(model._default_manager.filter(pk__in=codes).values_list("pk", "name"))
    return SideBySide(
        columns,
        [
            Place(code, names[code], posts.get(code, 0), counts.unseen, counts.monitored)
            for code in sorted(codes)
            for counts in (seen.get(code, NOBODY),)
        ],
        min(figures.counted_at, *(column.counted_at or now for column in columns), now),
    )


def _column(round: Round, **asked: Any) -> Column:
    table, last = table_by(BY_PLACE, round, **asked), last_period(round, by=BY_PLACE, **asked)
    moments = [moment for moment in (table.counted_at, last and last.counted_at) if moment]
    return Column(round, {row.key: row.counts for row in table.rows}, table.total, last, min(moments, default=None))
