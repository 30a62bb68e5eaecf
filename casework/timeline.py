"""Who was at a household when, the latest first, and which problems were found there: one statement for both."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery

from casework.models import Visit
from villages.prepared_rows import PreparedRows

MOST_PROBLEMS = 10
LATEST_FIRST = ("-visited_on", "-received_at", "pk")


@dataclass(slots=True)
class Entry:
    """One visit, in its latest version, with the names of those who went."""

    visit: Visit
    visitors: list[str] = field(default_factory=list)

    @property
    def is_standing(self) -> bool:
        """Whether it was not withdrawn."""
        return not self.visit.is_withdrawn


@dataclass(frozen=True, slots=True)
class Timeline:
    """The latest visits, how many there are in all, and the standing visits on which a problem was found."""

    latest: list[Entry]
    problems: list[Entry]
    total: int

    @property
    def standing(self) -> list[Entry]:
        """Those of the latest that were not withdrawn."""
        return [entry for entry in self.latest if entry.is_standing]

    @property
    def last(self) -> Entry | None:
        """The last visit that stands, as far as the latest ones tell."""
        return next(iter(self.standing), None)


def timeline_of(household: int, *, latest: int) -> Timeline:
    """So many of the latest visits to a household the reader sees; who sees a household sees all visits to it."""
    entries: dict[Any, Entry] = {}
    total = 0
    for visit, (name, count) in _query(latest).rows(household=household):
        entries.setdefault(visit.pk, Entry(visit)).visitors.append(name)
        total = count
    # The latest come first, so older ones that are here for their problem stand behind them.
    found = list(entries.values())
    problems = [entry for entry in found if entry.visit.problem and entry.is_standing]
    return Timeline(found[:latest], problems[:MOST_PROBLEMS], total)


def entries_of(visits: Iterable[Visit]) -> list[Entry]:
    """Visits that were read with their visitors, as entries."""
    return [Entry(visit, [cadre.name for cadre in visit.visitors.all()]) for visit in visits]


@lru_cache(maxsize=8)
def _query(latest: int) -> PreparedRows[Visit]:
    """How many are wanted decides what the query is, so each number has a query of its own."""

    def build(household: int) -> QuerySet[Any]:
        visits = Visit.objects.current().filter(household=household)
        found = visits.filter(is_withdrawn=False).exclude(problem="")
        listed = Q(pk__in=visits.order_by(*LATEST_FIRST).values("pk")[:latest])
        pressing = Q(pk__in=found.order_by(*LATEST_FIRST).values("pk")[:MOST_PROBLEMS])
        count = visits.order_by().values("household").annotate(number=Count("pk")).values("number")
        counted = visits.annotate(total=Subquery(count, output_field=IntegerField()))
        return counted.filter(listed | pressing).order_by(*LATEST_FIRST, "visit_visitors__pk")

    return PreparedRows(Visit, build, "visit_visitors__cadre__name", "total")
