"""Tell those who derive from dated facts that one has changed, in the same transaction.

Apps below casework cannot import it. The followers are therefore named once, in
settings.FACT_FOLLOWERS, and called in that order; an error in one undoes the change.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class FactChange:
    """Whose credit may be different now: targets at these places or these households, from a day on.

    `posts` narrows the places to duties of these posts; empty means all.
    """

    since: date
    place_codes: frozenset[str] = field(default_factory=frozenset)
    household_ids: frozenset[int] = field(default_factory=frozenset)
    posts: frozenset[str] = field(default_factory=frozenset)


# Where announcements wait while told_together() is on.
_held: ContextVar[list[FactChange] | None] = ContextVar("held facts", default=None)


def announce(change: FactChange) -> None:
    """Call every follower with the change."""
    held = _held.get()
    if held is not None:
        held.append(change)
        return
    for path in settings.FACT_FOLLOWERS:
        import_string(path)(change)


@contextmanager
def told_together() -> Iterator[None]:
    """Announce at the end of the block, at once, what is announced inside: for lists of thousands of facts.

    Everything happens in the caller's transaction; when the block fails nothing is announced.
    """
    heard: list[FactChange] = []
    token = _held.set(heard)
    try:
        yield
    finally:
        _held.reset(token)
    for change in _summed(heard):
        announce(change)


def _summed(changes: list[FactChange]) -> Iterator[FactChange]:
    """One change for all households, one for all places of the same posts."""
    by_posts: dict[frozenset[str] | None, list[FactChange]] = defaultdict(list)
    for change in changes:
        by_posts[change.posts if change.place_codes else None].append(change)
    for posts, alike in by_posts.items():
        yield FactChange(
            since=min(change.since for change in alike),
            place_codes=frozenset().union(*(change.place_codes for change in alike)),
            household_ids=frozenset().union(*(change.household_ids for change in alike)),
            posts=posts or frozenset(),
        )
