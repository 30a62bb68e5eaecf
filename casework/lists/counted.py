"""How many rows a list to act on has: those of a whole district are counted once a minute, with their moment."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from casework.lists.base import ActList, Asked, Key
from casework.shelf import Shelf
from villages import reach
from villages.models import Village


class Rows(NamedTuple):
    """How many rows each village has, and the rows' keys where finding them is counting them, or they are kept.

    The place has at least `villages`, as far as it was looked at.
    """

    counts: Counter[str]
    keys: Sequence[Key] | None
    villages: int


MOST_KEYS = 20_000  # of a longer list only the numbers are kept, and a page reads the villages in which its rows lie
_SHELF: Shelf[Rows] = Shelf(lambda rows: rows.villages >= settings.UNSEEN_KEPT_FROM)


def counted(chosen: ActList, asked: Asked, *, now: datetime, is_anew: bool = False) -> tuple[Rows, datetime]:
    """The numbers and the moment they are of; a large district's may be a minute old, for whoever sees all of it.

    Never those of a file: what leaves the system is counted when it is asked for.
    """

    def count() -> Rows:
        counts, keys = chosen.counted(asked)
        is_large = is_district and _is_large(asked.place)
        if is_large and keys is None and counts.total() <= MOST_KEYS:
            keys = list(chosen.keys(asked))
        return Rows(counts, keys, settings.UNSEEN_KEPT_FROM if is_large else 0)

    is_district = len(asked.place) == reach.DISTRICT_DIGITS and asked.offices is None
    if not is_district or not reach.reaches_all_of(asked.cadre, asked.place, asked.seen_on):
        return count(), now
    question = chosen.key, asked.place, asked.on, asked.seen_on, asked.days, asked.round and asked.round.pk
    return _SHELF.kept_or_counted(question, count, now=now, is_anew=is_anew)


def keys_of(chosen: ActList, asked: Asked, rows: Rows, wanted: range) -> Sequence[Key]:
    """The keys with these numbers."""
    return chosen.part(asked, rows.counts, wanted) if rows.keys is None else rows.keys[wanted.start : wanted.stop]


def _is_large(place: str) -> bool:
    return Village.objects.within(place).order_by()[settings.UNSEEN_KEPT_FROM - 1 :].exists()
