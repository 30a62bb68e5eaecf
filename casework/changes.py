"""What has changed for a cadre since the last digest, from every source of news."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import IntegerField, QuerySet, Value

from casework.held_news import fresh_held, held_news
from casework.helper_news import helper_news
from casework.news import NEWS_DAYS, Change, is_news, last_told
from casework.problem_news import fresh_problems, problem_news


class Source(NamedTuple):
    """`news` gives the news of these cadres, or of everybody, of the days after one up to another.

    `fresh` are the rows without which it has none. All sources are asked for theirs in one message, so that a day
    without news costs the same however many there are.
    """

    news: Callable[[Collection[int] | None, date, date], Iterable[Change]]
    fresh: Callable[[date, date], QuerySet[Any]]


# Pairings are few and their news is found in as few queries.
ALWAYS = (helper_news,)
SOURCES = (Source(problem_news, fresh_problems), Source(held_news, fresh_held))


def who_has_news(on: date, *, since: date) -> set[int]:
    """Ids of the active cadres for whom something has changed after that day and whom no digest has told of it."""
    news = list(_all(None, on, since))
    last = last_told({change.cadre_id for change in news}, on) if news else {}
    return {change.cadre_id for change in news if is_news(change, last.get(change.cadre_id))}


def news_of(cadre_ids: Collection[int], on: date) -> dict[int, list[Change]]:
    """What has changed for each of them since their last digest before that day. Eight queries at most."""
    last = last_told(cadre_ids, on)
    found: dict[int, list[Change]] = defaultdict(list)
    for change in _all(cadre_ids, on, on - timedelta(days=NEWS_DAYS)):
        if is_news(change, last.get(change.cadre_id)):
            found[change.cadre_id].append(change)
    return found


def _all(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterable[Change]:
    sources = (*ALWAYS, *_with_news(on, since))
    return chain.from_iterable(source(cadre_ids, on, since) for source in sources)


def _with_news(on: date, since: date) -> list[Callable[[Collection[int] | None, date, date], Iterable[Change]]]:
    """The sources that have anything at all. One query."""
    asked = [
        source.fresh(on, since).order_by().values_list(Value(number, output_field=IntegerField()))
        for number, source in enumerate(SOURCES)
    ]
    there = {number for (number,) in asked[0].union(*asked[1:])}
    return [source.news for number, source in enumerate(SOURCES) if number in there]
