"""Of all who ask for the same kept numbers one counts, in whatever process; the others wait for what comes of it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

# While somebody counts anew, the others are shown the last figures up to so much older than they may be kept.
GRACE = timedelta(seconds=15)
# Whoever has counted for so long has died: the next one counts.
LEASE = timedelta(seconds=15)
LOOK_EVERY = 0.05  # seconds, while somebody else counts

Found = TypeVar("Found")


def claimed(ours: QuerySet[Any], row: Model, now: datetime) -> bool:
    """Whether it is ours to count: one conditional UPDATE, so that of any number of processes one is told yes.

    `ours` is the row that holds the numbers, and `row` what it is made from when it is missing.
    """
    if not ours.exists():
        type(row)._default_manager.bulk_create([row], ignore_conflicts=True)
    is_free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE) | Q(claimed_at__gt=now + LEASE)
    return ours.filter(is_free).update(claimed_at=now) == 1


def kept_as_counted(ours: QuerySet[Any], now: datetime, count: Callable[[], dict[str, Any]]) -> None:
    """Count, and keep it unless somebody has kept later numbers meanwhile. The moment is that before the counting."""
    try:
        counted = count()
        is_newer = Q(counted_at=None) | Q(counted_at__lt=now) | Q(counted_at__gt=now + LEASE)
        ours.filter(is_newer).update(counted_at=now, **counted)
    finally:
        ours.filter(claimed_at=now).update(claimed_at=None)


def awaited(ours: QuerySet[Any], find: Callable[[], Found | None]) -> Found | None:
    """What somebody else is counting; None when it does not come, or whoever counted has failed."""
    for _look in range(int(LEASE.total_seconds() / LOOK_EVERY)):
        if found := find():
            return found
        if not ours.filter(claimed_at__isnull=False).exists():
            return find()
        time.sleep(LOOK_EVERY)
    return None
