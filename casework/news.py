"""What a piece of news is, and whether somebody has been told of it already."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from casework.models import Kind, Reminder
from villages.calendar import day_of
from villages.models import Village

# What happened longer ago is no news any more.
NEWS_DAYS = 14


class Heard(NamedTuple):
    """That somebody has a piece of news, without its words. `at` as in Change."""

    cadre_id: int
    on: date
    at: datetime | None


class Change(NamedTuple):
    """One piece of news for one cadre. `at` is when it was entered, None for what was known before its day."""

    cadre_id: int
    on: date
    at: datetime | None
    village: Village
    key: int
    text: str
    why: str
    url: str


def last_told(cadre_ids: Collection[int], on: date) -> dict[int, datetime]:
    """When each was delivered the last digest before that day."""
    earlier = Reminder.objects.filter(kind=Kind.DIGEST, delivered_at__isnull=False, recipient__in=cadre_ids)
    recent = earlier.filter(for_day__range=(on - timedelta(days=NEWS_DAYS), on - timedelta(days=1)))
    return dict(recent.order_by().values_list("recipient").annotate(last=Max("delivered_at")))


def is_news(change: Change | Heard, told_at: datetime | None) -> bool:
    """Whether it came after the last digest: entered after it, or of a day after its day."""
    if told_at is None:
        return True
    return change.on > day_of(told_at) or (change.at is not None and change.at > told_at)
