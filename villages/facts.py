"""Tell those who derive from dated facts that one has changed, in the same transaction.

Apps below casework cannot import it. The followers are therefore named once, in
settings.FACT_FOLLOWERS, and called in that order; an error in one undoes the change.
"""

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


def announce(change: FactChange) -> None:
    """Call every follower with the change."""
    for path in settings.FACT_FOLLOWERS:
        import_string(path)(change)
