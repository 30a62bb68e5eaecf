"""Whom the digest is for on a day, who is not to be disturbed at the moment, and on which channels by the policies."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from casework import heartbeat
from casework.changes import who_has_news
from casework.policies import IN_THE_WINDOW
from casework.pressing import muted, owing, pressing_on
from villages.calendar import day_of


def told_today(on: date, now: datetime) -> set[int]:
    """Who is told of pressing duties or of news; what was missed while nobody swept is made up for."""
    last = heartbeat.last_beat(heartbeat.PREPARED)
    pressing = pressing_on(on, since=day_of(last) if last else None)
    found = owing(pressing.told, on)
    if pressing.days.is_worked:
        found |= who_has_news(on, since=pressing.days.since) - muted(on)
    return found


def asleep_now(on: date, now: datetime) -> set[int]:
    """Who owes something under a policy whose hours it is not. Nobody, and no more queries, without such policies."""
    asleep = pressing_on(on).posts(IN_THE_WINDOW, hour=timezone.localtime(now).hour)
    return owing(asleep, on) if asleep else set()


def channels_named(on: date) -> dict[int, Sequence[int]]:
    """The channels that the policies of what presses name, by cadre; what is due first decides."""
    pressing = pressing_on(on)
    named: dict[tuple[date, tuple[int, ...]], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for round_id, posts in pressing.in_the_window.items():
        for post in posts:
            if channels := pressing.rules[round_id, post].channels:
                named[pressing.rounds[round_id].due_on, channels][round_id].add(post)
    found: dict[int, Sequence[int]] = {}
    for (_due_on, channels), of in sorted(named.items()):
        found |= {cadre_id: channels for cadre_id in owing(of, on) if cadre_id not in found}
    return found
