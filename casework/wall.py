"""What a village's tile on the wall says besides the round's own figures, and of how many."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings

from casework import vacancies
from casework.problem_figures import problem_counts
from casework.unseen_figures import seen_figures
from villages.models import Cadre, Village

UNSEEN, POSTS, PROBLEMS = "unseen", "posts", "problems"
VILLAGE_DIGITS = 12


class Told(NamedTuple):
    """A village: its code, name and town, the number asked for, and the number it is part of.

    For problems `of` is no denominator but those past their deadline.
    """

    key: str
    label: str
    town: str
    number: int
    of: int


def tiles_of(
    measure: str, *, cadre: Cadre, on: date, place_code: str, seen_on: date, now: datetime, is_anew: bool = False
) -> tuple[list[Told], datetime]:
    """Every village the cadre reaches below the place, in order of codes, with what the measure says of it.

    And of which moment that is: vacant posts and monitored households nobody met may be a minute old.
    """
    counted_at = now
    if measure == UNSEEN:
        numbers, of, counted_at = _unseen(cadre, on, place_code, seen_on, now, is_anew)
    elif measure == POSTS:
        posts, counted_at = vacancies.posts_within(place_code, on, now=now, is_anew=is_anew)
        numbers, of = posts.vacant, posts.asked
    else:
        numbers, of = _problems(cadre, on, place_code)
    villages = Village.objects.visible_to(cadre, seen_on).within(place_code).in_register()
    named = villages.order_by("pk").values_list("pk", "name", "town__name")
    told = [Told(code, name, town, numbers.get(code, 0), of.get(code, 0)) for code, name, town in named]
    return told, counted_at


def _unseen(
    cadre: Cadre, on: date, place_code: str, seen_on: date, now: datetime, is_anew: bool
) -> tuple[dict[str, int], dict[str, int], datetime]:
    """Monitored households nobody has met, of all monitored ones, and the moment of both."""
    asked: dict[str, Any] = {"cadre": cadre, "on": on, "place_code": place_code, "seen_on": seen_on}
    figures = seen_figures(days=settings.UNSEEN_AFTER_DAYS, now=now, is_anew=is_anew, **asked)
    seen = figures.monitored().by_place(VILLAGE_DIGITS)
    unseen, total = ({code: getattr(counts, name) for code, counts in seen.items()} for name in ("unseen", "total"))
    return unseen, total, figures.counted_at


def _problems(cadre: Cadre, on: date, place_code: str) -> tuple[dict[str, int], dict[str, int]]:
    """Open problems of the ledger, and those past their deadline."""
    counts = problem_counts(cadre, on, place_code)
    return {code: count.open for code, count in counts.items()}, {
        code: count.past_deadline for code, count in counts.items()
    }
