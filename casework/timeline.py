"""Who was at a household when, the latest first: one statement."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.utils.translation import gettext as _

from casework.models import Visit
from casework.templatetags.days import short_day
from households.words import in_words
from villages.prepared_rows import PreparedRows, Rows
from villages.ways import way_to

LATEST_FIRST = ("-visited_on", "-received_at", "pk")


class VisitRow(NamedTuple):
    """A visit. What is empty does not hold: not by phone, not late, neither withdrawn nor corrected."""

    address: str
    iso_day: str
    day: str
    by_phone: str
    contact: str
    outcome: str
    late: str
    withdrawn: str
    history: str
    corrected: str
    visitors: str
    struck: str
    note: str
    problem: str
    talk: str
    needs: str
    ideas: str
    results: str


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
    """The latest visits, and how many there are in all."""

    latest: list[Entry]
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
    return timeline_from(visits_query(latest).rows(household=household), latest=latest)


def timeline_from(rows: Rows, *, latest: int) -> Timeline:
    """The timeline by what the query for so many visits has found."""
    entries: dict[Any, Entry] = {}
    total = 0
    for visit, (name, count) in rows:
        entries.setdefault(visit.pk, Entry(visit)).visitors.append(name)
        total = count
    return Timeline(list(entries.values())[:latest], total)


def entries_of(visits: Iterable[Visit]) -> list[Entry]:
    """Visits that were read with their visitors, as entries."""
    return [Entry(visit, [cadre.name for cadre in visit.visitors.all()]) for visit in visits]


def visit_rows(entries: Iterable[Entry], on: date) -> list[VisitRow]:
    """Visits, each with what is peculiar to it."""
    return [_visit_row(entry, on) for entry in entries]


@lru_cache(maxsize=8)
def visits_query(latest: int) -> PreparedRows[Visit]:
    """How many are wanted decides what the query is, so each number has a query of its own."""

    def build(household: int) -> QuerySet[Any]:
        visits = Visit.objects.current().filter(household=household)
        listed = visits.order_by(*LATEST_FIRST).values("pk")[:latest]
        count = visits.order_by().values("household").annotate(number=Count("pk")).values("number")
        counted = visits.annotate(total=Subquery(count, output_field=IntegerField()))
        return counted.filter(pk__in=listed).order_by(*LATEST_FIRST, "visit_visitors__pk")

    return PreparedRows(Visit, build, "visit_visitors__cadre__name", "total")


def _visit_row(entry: Entry, on: date) -> VisitRow:
    visit = entry.visit
    contact, is_corrected = in_words(visit, "contact"), bool(visit.reason) and not visit.is_withdrawn
    return VisitRow(
        address=way_to("visit_receipt", visit.pk),
        iso_day=visit.visited_on.isoformat(),
        day=short_day(visit.visited_on, on),
        by_phone=contact if visit.is_remote else "",
        contact="" if visit.is_remote else contact,
        outcome=in_words(visit, "outcome"),
        late=_("late entry") if visit.is_late else "",
        withdrawn=_("withdrawn") if visit.is_withdrawn else "",
        history=way_to("visit_history", visit.pk) if is_corrected else "",
        corrected=_("corrected") if is_corrected else "",
        visitors=_(", ").join(entry.visitors),
        struck=" struck" if visit.is_withdrawn and visit.note else "",
        note=visit.note,
        problem=visit.problem,
        talk=in_words(visit, "talk") if visit.talk else "",
        needs=visit.needs,
        ideas=visit.ideas,
        results=visit.results,
    )
