"""Record a visit once, and credit what it satisfies."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, UUIDField, Value, When
from django.utils.translation import gettext as _

from casework.checks import follow_guarantees
from casework.credit import VisitFact, why_not
from casework.ledger import duties_on_visit, tenures_on_visit
from casework.models import Duty, Visit
from casework.models.visits import REMOTE_CONTACTS
from casework.problem_visits import found_with
from casework.report import VisitReport
from casework.report_checks import check_report
from casework.sight import sees
from casework.visit_rows import DifferentContent, as_stored, inserts_of, lock_target_of, stored_already, version_of
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre, Village
from villages.prepared import PreparedUpdate
from villages.together import Statement, insert_of, run_together


def record_visit(report: VisitReport, *, actor: Cadre, now: datetime) -> Visit:
    """Store a visit once and credit the duties it satisfies.

    The same id with the same content returns the visit stored first. Raises ValidationError by field,
    PermissionDenied for a target out of the actor's reach, DifferentContent for a known id.
    """
    try:
        return _record(report, actor=actor, now=now)
    except (IntegrityError, PermissionDenied, ValidationError) as refusal:
        return stored_already(report, actor, refusal)


@transaction.atomic
def _record(report: VisitReport, *, actor: Cadre, now: datetime) -> Visit:
    _lock_target(report, actor, day_of(now))
    check_report(report, actor=actor, on=day_of(now))
    visit = version_of(report, actor=actor, now=now)
    entry = audit.entry(actor=actor, verb="visit.recorded", target=visit, village_id=visit.village_id)
    found = found_with(visit, report, actor)
    run_together([*inserts_of(visit, report), *found, *_credits(report), insert_of(entry)])
    follow_guarantees(report, actor=actor)
    return as_stored(visit)


@transaction.atomic
def record_on_decision(
    report: VisitReport, *, sent_by: Cadre, decided_by: Cadre, received_at: datetime, on: date, reason: str
) -> Visit:
    """Store a visit that waited for a person: reach and colleagues are answered for by who decided, nothing else.

    It counts as entered by who sent it, when it first came in. Raises ValidationError, DifferentContent.
    """
    lock_target_of(report)
    check_report(report, actor=sent_by, on=on, is_vouched_for=True)
    visit = version_of(report, actor=sent_by, now=received_at)
    entry = audit.entry(
        actor=decided_by, verb="visit.recorded", target=visit, village_id=visit.village_id, reason=reason
    )
    try:
        with transaction.atomic():
            found = found_with(visit, report, decided_by)
            run_together([*inserts_of(visit, report), *found, *_credits(report), insert_of(entry)])
    except IntegrityError:
        raise DifferentContent(Visit.objects.get(pk=report.id)) from None
    follow_guarantees(report, actor=decided_by)
    return as_stored(visit)


def _lock_target(report: VisitReport, actor: Cadre, today: date) -> None:
    """Lock the household, or the village, so that a change of posts waits; refuse one out of reach.

    Seen today or seen on the day of the visit: who has handed over a post may still enter late.
    """
    target = report.household or report.village
    if target is None:
        raise ValidationError(_("Choose a household or a village."))
    days = dict.fromkeys((today, report.visited_on))
    if any(sees(actor, target, day, lock=True) for day in days):
        return
    # A household that has moved away since is still theirs for the days before.
    lived_in = Village.objects.filter(pk=report.target_village_id)
    if report.household and any(lived_in.visible_to(actor, day).exists() for day in days):
        lock_target_of(report)
        return
    raise PermissionDenied(_("This household or village is not one of yours."))


def _credits(report: VisitReport) -> Iterator[Statement]:
    """Credit the duties the new visit satisfies, unless an earlier visit has done so."""
    fact = report.fact()
    satisfied = tuple(_satisfied(fact))
    if satisfied:
        is_in_person = fact.contact not in REMOTE_CONTACTS
        yield _CREDIT.statement(duties=satisfied, visit=fact.id, day=fact.visited_on, is_in_person=is_in_person)


def _credit(duties: tuple[int, ...], visit: UUID, day: date, is_in_person: bool) -> tuple[QuerySet[Duty], Any]:
    """The duties to credit, and what to set."""
    is_first = Q(credited_on__isnull=True) | Q(credited_on__gt=day) | Q(credited_on=day, credited_visit__gt=visit)
    is_first_in_person = Q(in_person_on__isnull=True) | Q(in_person_on__gt=day)
    changes = {
        "credited_visit": Case(When(is_first, then=Value(visit, UUIDField())), default=F("credited_visit")),
        "credited_on": Case(When(is_first, then=Value(day)), default=F("credited_on")),
    }
    if is_in_person:
        changes["in_person_on"] = Case(When(is_first_in_person, then=Value(day)), default=F("in_person_on"))
    # Conditions, not values read before: another household's visit may credit the same village duty now.
    changing = is_first | is_first_in_person if is_in_person else is_first
    return Duty.objects.filter(changing, pk__in=duties), changes


_CREDIT = PreparedUpdate(_credit)


def _satisfied(fact: VisitFact) -> Iterable[int]:
    """Ids of the duties the visit satisfies."""
    duties = duties_on_visit(fact.household_id, fact.village_id, fact.visited_on)
    if duties:
        tenures = tenures_on_visit(fact.cadre_ids, fact.household_id, fact.visited_on)
        for duty in duties:
            if why_not(fact, duty, tenures) is None:
                yield duty.id
