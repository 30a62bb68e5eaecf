"""What has changed for a cadre since the last digest, from every source of news."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from itertools import chain

from casework.helper_news import helper_news
from casework.news import NEWS_DAYS, Change, is_news, last_told
from casework.problem_news import problem_news

# Each gives the news of these cadres, or of everybody, of the days after one up to another.
SOURCES: tuple[Callable[[Collection[int] | None, date, date], Iterable[Change]], ...] = (helper_news, problem_news)


def who_has_news(on: date, *, since: date) -> set[int]:
    """Ids of the active cadres for whom something has changed after that day and whom no digest has told of it."""
    news = list(_all(None, on, since))
    last = last_told({change.cadre_id for change in news}, on) if news else {}
    return {change.cadre_id for change in news if is_news(change, last.get(change.cadre_id))}


def news_of(cadre_ids: Collection[int], on: date) -> dict[int, list[Change]]:
    """What has changed for each of them since their last digest before that day. Six queries at most."""
    last = last_told(cadre_ids, on)
    found: dict[int, list[Change]] = defaultdict(list)
    for change in _all(cadre_ids, on, on - timedelta(days=NEWS_DAYS)):
        if is_news(change, last.get(change.cadre_id)):
            found[change.cadre_id].append(change)
    return found


def _all(cadre_ids: Collection[int] | None, on: date, since: date) -> Iterable[Change]:
    return chain.from_iterable(source(cadre_ids, on, since) for source in SOURCES)
