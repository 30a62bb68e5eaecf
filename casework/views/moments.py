"""Of which moment the figures on a page are, and how to have them counted anew."""

from datetime import datetime
from typing import Any, Protocol, TypedDict

from django.http import HttpRequest
from django.utils import timezone

ANEW = "anew"


class Freshness(TypedDict):
    """The part of a question to casework.coverage.figures() that says how old the answer may be."""

    now: datetime
    is_anew: bool


def fresh_enough(request: HttpRequest) -> Freshness:
    """Figures that were kept a moment ago will do, unless the address asks for them anew."""
    return {"now": timezone.now(), "is_anew": ANEW in request.GET}


class Counted(Protocol):
    """Figures that know of which moment they are; None: of this one."""

    @property
    def counted_at(self) -> datetime | None:
        """The moment."""


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known."""
    return min((moment for moment in moments if moment), default=None)


def moment_of(table: Counted, query: str = "") -> dict[str, Any]:
    """What a page says at its head: the moment of the figures it really shows, and the way to newer ones."""
    return moment_at(table.counted_at or timezone.now(), query)


def moment_at(counted_at: datetime, query: str = "") -> dict[str, Any]:
    """The same of a moment that is known."""
    is_kept = (timezone.now() - counted_at).total_seconds() >= 1
    anew = f"{query}&{ANEW}=1" if query else f"{ANEW}=1"
    return {"now": timezone.localtime(counted_at), "anew": anew if is_kept else ""}
