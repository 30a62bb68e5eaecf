"""What has changed for a cadre since the last digest, from every source of news."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import IntegerField, QuerySet, Value

from casework.held_news import fresh_held, held_news
from casework.helper_news import helper_news, who_has_helper_news
from casework.news import NEWS_DAYS, Change, Heard, is_news, last_told
from casework.problem_news import fresh_problems, problem_news, who_has_problem_news


class Source(NamedTuple):
    """`what` gives the news of these cadres of the days after one up to another; `whom` only who has any.

    Whom is asked every ten minutes and needs no words; what, for those whose digest is being written. `fresh` are the
    rows without which there is none: all sources are asked for theirs in one message, so that a day without news
    costs the same however many there are. Without it, finding none is cheap.
    """

    what: Callable[[Collection[int], date, date], Iterable[Change]]
    whom: Callable[[date, date], Iterable[Heard | Change]]
    fresh: Callable[[date, date], QuerySet[Any]] | None = None


SOURCES = (
    Source(helper_news, who_has_helper_news),
    Source(problem_news, who_has_problem_news, fresh_problems),
    Source(held_news, lambda on, since: held_news(None, on, since), fresh_held),
)


def who_has_news(on: date, *, since: date) -> set[int]:
    """Ids of the active cadres for whom something has changed after that day and whom no digest has told of it."""
    news = [heard for source in _with_news(on, since) for heard in source.whom(on, since)]
    last = last_told({heard.cadre_id for heard in news}, on) if news else {}
    return {heard.cadre_id for heard in news if is_news(heard, last.get(heard.cadre_id))}


def news_of(cadre_ids: Collection[int], on: date) -> dict[int, list[Change]]:
    """What has changed for each of them since their last digest before that day. Eight queries at most."""
    last = last_told(cadre_ids, on)
    found: dict[int, list[Change]] = defaultdict(list)
    since = on - timedelta(days=NEWS_DAYS)
    for source in _with_news(on, since):
        for change in source.what(cadre_ids, on, since):
            if is_news(change, last.get(change.cadre_id)):
                found[change.cadre_id].append(change)
    return found


def _with_news(on: date, since: date) -> list[Source]:
    """The sources that may have anything at all. One query."""
    asked = [
        source.fresh(on, since).order_by().values_list(Value(number, output_field=IntegerField()))
        for number, source in enumerate(SOURCES)
        if source.fresh
    ]
    there = {number for (number,) in asked[0].union(*asked[1:])}
    return [source for number, source in enumerate(SOURCES) if not source.fresh or number in there]
