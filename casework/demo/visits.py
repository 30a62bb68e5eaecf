"""Write the trips of the made-up district down as visits: on the day or late, some corrected or withdrawn."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.demo import notes
from casework.demo.chance import BATCH
from casework.demo.district import Demo
from casework.demo.staff import Staff
from casework.demo.trips import Month, Planner, Trip
from casework.models import Contact, Visit, VisitVisitor
from casework.report import VisitReport
from households.models import Household
from villages.models import Post
from villages.pour import pour

VISITOR = ("visit_id", "cadre_id")
LEADERS = (Post.DISTRICT_SECRETARY, Post.DISTRICT_LEADER, Post.TOWN_SECRETARY)


class VisitRow(NamedTuple):
    """A row of the visits' table, column by column."""

    id: UUID
    household_id: int | None
    village_id: str
    visited_on: date
    contact: str
    outcome: str
    note: str
    problem: str
    entered_by_id: int
    received_at: datetime
    is_late: bool
    digest: str
    superseded_by_id: UUID | None
    reason: str
    is_withdrawn: bool


class Written(NamedTuple):
    """A visit and those who went, the reporting one first."""

    visit: VisitRow
    party: tuple[int, ...]


class Scribe:
    """Turns trips into visits; a trip may make two of them, the first and its correction."""

    def __init__(self, demo: Demo, staff: Staff) -> None:
        self.demo, self.staff, self.rng = demo, staff, demo.draws("visits")
        self.cadres = {cadre.pk: cadre for cadre in staff.cadres}
        self.villages = {village.pk: village for village in demo.villages}
        self.zone = ZoneInfo(settings.TIME_ZONE)

    def write(self, trip: Trip, month: Month) -> Iterator[Written]:
        """The visit as first typed in, and its correction if it needed one."""
        rng = self.rng
        report = self._report(trip)
        received_on = self._received_on(trip.day)
        if rng.random() >= 0.015:
            yield self._written(report, trip, received_on)
            return
        # A correction belongs to the same closing as what it corrects.
        last = max(received_on, min(self.demo.on - timedelta(days=1), month.closes_on))
        corrected_on = min(received_on + timedelta(days=rng.randint(1, 6)), last)
        corrected = replace(report, id=self._id())
        is_withdrawn = rng.random() < 0.2
        first, reason = (report, rng.choice(notes.WITHDRAWALS)) if is_withdrawn else self._mistaken(report, trip)
        original = self._written(first, trip, received_on).visit
        version = self._written(corrected, trip, corrected_on, reason=reason, is_withdrawn=is_withdrawn).visit
        received_at = max(version.received_at, original.received_at + timedelta(minutes=5))
        yield Written(original._replace(superseded_by_id=version.id), trip.party)
        yield Written(version._replace(received_at=received_at, entered_by_id=original.entered_by_id), trip.party)

    def _report(self, trip: Trip) -> VisitReport:
        home = trip.home
        return VisitReport(
            id=self._id(),
            visited_on=trip.day,
            contact=str(trip.contact),
            outcome=str(trip.outcome),
            visitors=[self.cadres[cadre_id] for cadre_id in trip.party],
            # The digest asks for its key and no more, and half a million instances would cost a minute.
            household=cast(Household, home),
            village=None if home else self.villages[trip.village_id],
            note=notes.note(self.rng, trip),
            problem=notes.problem(self.rng, trip),
        )

    def _mistaken(self, report: VisitReport, trip: Trip) -> tuple[VisitReport, str]:
        """What was typed in first, and why it was corrected: another day, another contact, or too little text."""
        fault = self.rng.randrange(3)
        if fault == 0:
            earlier = trip.day - timedelta(days=self.rng.randint(1, 3))
            earlier = max(earlier, trip.home.registered_on) if trip.home else earlier
            return replace(report, visited_on=earlier), notes.WRONG_DAY
        if fault == 1:
            other = Contact.HOME if report.contact == Contact.PHONE else Contact.PHONE
            return replace(report, contact=str(other)), notes.WRONG_CONTACT
        return replace(report, note=notes.TOO_SHORT), notes.COMPLETED

    def _written(
        self, report: VisitReport, trip: Trip, received_on: date, *, reason: str = "", is_withdrawn: bool = False
    ) -> Written:
        clock = time(self.rng.randint(17, 21), self.rng.randrange(60), self.rng.randrange(60))
        visit = VisitRow(
            id=report.id,
            household_id=trip.home.pk if trip.home else None,
            village_id=trip.village_id,
            visited_on=report.visited_on,
            contact=report.contact,
            outcome=report.outcome,
            note=report.note,
            problem=report.problem,
            entered_by_id=self._entered_by(trip),
            received_at=datetime.combine(received_on, clock, self.zone),
            is_late=received_on - report.visited_on > timedelta(days=settings.LATE_AFTER_DAYS),
            digest=report.digest(),
            superseded_by_id=None,
            reason=reason,
            is_withdrawn=is_withdrawn,
        )
        return Written(visit, trip.party)

    def _entered_by(self, trip: Trip) -> int:
        """Mostly the one who reports; leaders often let the town's clerk type."""
        if trip.post in LEADERS and self.rng.random() < 0.6:
            return self.staff.holder(Post.CLERK, [trip.village_id[:9]], trip.day) or trip.party[0]
        return trip.party[-1] if self.rng.random() < 0.1 else trip.party[0]

    def _received_on(self, day: date) -> date:
        """The same evening, a day or two later, or late."""
        chance = self.rng.random()
        days = 0 if chance < 0.7 else self.rng.randint(1, 3) if chance < 0.93 else self.rng.randint(4, 14)
        return min(day + timedelta(days=days), self.demo.on - timedelta(days=1))

    def _id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)


def write_visits(demo: Demo, staff: Staff, planner: Planner, months: list[Month]) -> list[Written]:
    """Insert the visits month by month; those that came in after their month was closed are handed back."""
    scribe = Scribe(demo, staff)
    elapsed = sum(month.share for month in months) or 1
    late: list[Written] = []
    made, over = 0, 0.0
    for month in months:
        over += month.share
        wanted = round(demo.size.visits * over / elapsed) - made
        for written in insert_visits(_in_time(scribe, planner.trips(month, wanted), month, late)):
            made += written
    return late


def _in_time(scribe: Scribe, trips: Iterable[Trip], month: Month, late: list[Written]) -> Iterator[Written]:
    for trip in trips:
        for written in scribe.write(trip, month):
            if written.visit.received_at.date() > month.closes_on:
                late.append(written)
            else:
                yield written


def insert_visits(rows: Iterable[Written]) -> Iterator[int]:
    """Insert visits and visitors in batches; yields the size of each."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        pour(Visit, VisitRow._fields, [written.visit for written in batch])
        pour(VisitVisitor, VISITOR, [(visit.id, cadre_id) for visit, party in batch for cadre_id in party])
        yield len(batch)
