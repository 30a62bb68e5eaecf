"""The rows of a visit: locked for, made of a report, inserted, and found again when the report is sent twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError

from casework.confirmations import rows_of
from casework.models import Visit, VisitVisitor
from casework.recredit import lock_rows
from casework.report import VisitReport
from households.models import Household
from villages.calendar import day_of
from villages.models import Cadre, Village
from villages.together import Statement, insert_of


class DifferentContent(Exception):
    """A visit with this id is stored already, with other content. Carries the stored one."""

    def __init__(self, stored: Visit) -> None:
        super().__init__(str(stored.pk))
        self.stored = stored


def stored_already(report: VisitReport, actor: Cadre, refusal: Exception) -> Visit:
    """The visit stored when this report was sent first, whatever has changed since; else the refusal stands."""
    stored = Visit.objects.filter(pk=report.id).first()
    if stored is not None and stored.digest == report.digest() and stored.entered_by_id == actor.pk:
        return stored
    if stored is not None and isinstance(refusal, IntegrityError):
        raise DifferentContent(stored) from None
    raise refusal


def lock_target_of(report: VisitReport) -> None:
    """Lock the household or the village, so that a change of posts waits for the visit, or the visit sees it."""
    if report.household is not None:
        lock_rows(Household.objects.filter(pk=report.household.pk))
    elif report.village is not None:
        lock_rows(Village.objects.filter(pk=report.village.pk))


def version_of(
    report: VisitReport,
    *,
    actor: Cadre,
    now: datetime,
    corrected: Visit | None = None,
    reason: str = "",
    is_withdrawn: bool = False,
) -> Visit:
    """The new version of the visit, not stored yet."""
    # Correcting a word of an old visit does not make its entry late.
    is_same_day = corrected is not None and corrected.visited_on == report.visited_on
    is_late = day_of(now) - report.visited_on > timedelta(days=settings.LATE_AFTER_DAYS)
    return Visit(
        id=report.id,
        household=report.household,
        village_id=report.target_village_id,
        visited_on=report.visited_on,
        contact=report.contact,
        outcome=report.outcome,
        note=report.note,
        problem=report.problem,
        **report.extras.columns(),
        entered_by=actor,
        received_at=now,
        is_late=corrected.is_late if corrected and is_same_day else is_late,
        digest=report.digest(),
        reason=reason,
        is_withdrawn=is_withdrawn,
    )


def inserts_of(visit: Visit, report: VisitReport) -> Iterator[Statement]:
    """The visit, who went, and what the family answered."""
    yield insert_of(visit)
    for cadre in dict.fromkeys(report.visitors):
        yield insert_of(VisitVisitor(visit=visit, cadre=cadre))
    for confirmation in rows_of(visit, report.confirmations):
        yield insert_of(confirmation)


def as_stored(visit: Visit) -> Visit:
    """The version as a row of the database."""
    visit._state.adding, visit._state.db = False, DEFAULT_DB_ALIAS
    return visit
