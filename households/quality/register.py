"""The register of rules: what each is called, why it matters, what to do; a rule is one function and one line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

# Narrows households, as they are on the day, to those that contradict themselves.
Finder = Callable[[Any, date], Any]
# The condition for the persons concerned, of such a household.
PersonFinder = Callable[[date], Q]


@dataclass(frozen=True, slots=True)
class Rule:
    """A contradiction.

    `persons` says which members it is about, when it is about members; `detail` names their column that says more.
    """

    key: str
    name: Promise
    why: Promise
    remedy: Promise
    find: Finder
    persons: PersonFinder | None
    detail: str


RULES: dict[str, Rule] = {}


def rule(
    *, name: Promise, why: Promise, remedy: Promise, persons: PersonFinder | None = None, detail: str = ""
) -> Callable[[Finder], Finder]:
    """Register the function as a rule under its own name."""

    def register(find: Finder) -> Finder:
        RULES[find.__name__] = Rule(find.__name__, name, why, remedy, find, persons, detail)
        return find

    return register
