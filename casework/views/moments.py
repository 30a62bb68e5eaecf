"""Of which moment the figures on a page are, and how to have them counted anew."""

from datetime import datetime
from typing import Any, TypedDict

from django.http import HttpRequest
from django.utils import timezone

from casework.coverage import CoverageTable

ANEW = "anew"


class Freshness(TypedDict):
    """The part of a question to casework.coverage.figures() that says how old the answer may be."""

    now: datetime
    is_anew: bool


def fresh_enough(request: HttpRequest) -> Freshness:
    """Figures that were kept a moment ago will do, unless the address asks for them anew."""
    return {"now": timezone.now(), "is_anew": ANEW in request.GET}


def moment_of(table: CoverageTable, query: str = "") -> dict[str, Any]:
    """What a page says at its head: the moment of the figures it really shows, and the way to newer ones."""
    counted_at = table.counted_at or timezone.now()
    is_kept = (timezone.now() - counted_at).total_seconds() >= 1
    anew = f"{query}&{ANEW}=1" if query else f"{ANEW}=1"
    return {"now": timezone.localtime(counted_at), "anew": anew if is_kept else ""}
