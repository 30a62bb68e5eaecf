"""Record and correct visits: the only writers of Visit."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, UUIDField, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.checks import follow_guarantees
from casework.confirmations import answers_at, problem_with, rows_of
from casework.credit import VisitFact, why_not
from casework.extras import problems_with
from casework.ledger import duties_at, duties_on_visit, tenures_on_visit
from casework.models import Contact, Duty, Outcome, Visit, VisitVisitor
from casework.models.rounds import VISITING_POSTS
from casework.models.visits import REMOTE_CONTACTS
from casework.problem_visits import follow_correction, found_with
from casework.recredit import lock_rows, lock_targets, recredit
from casework.report import VisitReport
from casework.sight import sees
from households.models import HelperPairing, Household
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre, Post, Posting, Village
from villages.personal_numbers import numbers_in
from villages.prepared import PreparedUpdate
from villages.together import Statement, insert_of, run_together


class DifferentContent(Exception):
    """A visit with this id is stored already, with other content. Carries the stored one."""

    def __init__(self, stored: Visit) -> None:
        super().__init__(str(stored.pk))
        self.stored = stored


def can_correct_visit(cadre: Cadre, visit: Visit, on: date) -> bool:
    """Who went, who typed it in, and the office of the place may correct the latest version."""
    if visit.superseded_by_id is not None:
        return False
    if visit.entered_by_id == cadre.pk or VisitVisitor.objects.filter(visit=visit, cadre=cadre).exists():
        return True
    return reach.holds_any(cadre, reach.CLERKS, on, visit.village_id)


def colleagues_of(village_id: str, first: date, last: date) -> QuerySet[Cadre]:
    """Cadres who may be named as visitors there on one of the days: with a post over the village, or a helper in it."""
    posted = Posting.objects.overlapping(first, last).covering(village_id)
    posted = posted.filter(post__in=[*VISITING_POSTS, Post.UNIT_LEADER])
    helping = HelperPairing.objects.overlapping(first, last).filter(household__village=village_id)
    return Cadre.objects.filter(
        Q(pk__in=posted.values("cadre")) | Q(pk__in=helping.values("cadre")), is_active=True
    ).order_by("name", "pk")


def record_visit(report: VisitReport, *, actor: Cadre, now: datetime) -> Visit:
    """Store a visit once and credit the duties it satisfies.

    The same id with the same content returns the visit stored first. Raises ValidationError by field,
    PermissionDenied for a target out of the actor's reach, DifferentContent for a known id.
    """
    try:
        return _record(report, actor=actor, now=now)
    except (IntegrityError, PermissionDenied, ValidationError) as refusal:
        return _stored_already(report, actor, refusal)


def _stored_already(report: VisitReport, actor: Cadre, refusal: Exception) -> Visit:
    """The visit stored when this report was sent first, whatever has changed since; else the refusal stands."""
    stored = Visit.objects.filter(pk=report.id).first()
    if stored is not None and stored.digest == report.digest() and stored.entered_by_id == actor.pk:
        return stored
    if stored is not None and isinstance(refusal, IntegrityError):
        raise DifferentContent(stored) from None
    raise refusal


@transaction.atomic
def _record(report: VisitReport, *, actor: Cadre, now: datetime) -> Visit:
    _lock_target(report, actor, day_of(now))
    check_report(report, actor=actor, on=day_of(now))
    visit = _version(report, actor=actor, now=now)
    entry = audit.entry(actor=actor, verb="visit.recorded", target=visit, village_id=visit.village_id)
    found = found_with(visit, report, actor)
    run_together([*_inserts(visit, report), *found, *_credits(report), insert_of(entry)])
    follow_guarantees(report, actor=actor)
    return _stored(visit)


@transaction.atomic
def record_on_decision(
    report: VisitReport, *, sent_by: Cadre, decided_by: Cadre, received_at: datetime, on: date, reason: str
) -> Visit:
    """Store a visit that waited for a person: reach and colleagues are answered for by who decided, nothing else.

    It counts as entered by who sent it, when it first came in. Raises ValidationError, DifferentContent.
    """
    _lock(report)
    check_report(report, actor=sent_by, on=on, is_vouched_for=True)
    visit = _version(report, actor=sent_by, now=received_at)
    entry = audit.entry(
        actor=decided_by, verb="visit.recorded", target=visit, village_id=visit.village_id, reason=reason
    )
    try:
        with transaction.atomic():
            found = found_with(visit, report, decided_by)
            run_together([*_inserts(visit, report), *found, *_credits(report), insert_of(entry)])
    except IntegrityError:
        raise DifferentContent(Visit.objects.get(pk=report.id)) from None
    follow_guarantees(report, actor=decided_by)
    return _stored(visit)


def correct_visit(
    visit: Visit,
    report: VisitReport,
    *,
    actor: Cadre,
    now: datetime,
    reason: str,
    withdraw: bool = False,
) -> Visit:
    """Store a new version with a reason, keep the old one, and derive the credit again.

    `withdraw` says that the visit did not take place. The target cannot change: withdraw and record anew.
    The same id with the same content returns the version stored first. Raises PermissionDenied, DifferentContent,
    and ValidationError, also when somebody else has corrected this version meanwhile.
    """
    try:
        return _correct(visit, report, actor=actor, now=now, reason=reason, withdraw=withdraw)
    except (IntegrityError, ValidationError) as refusal:
        return _stored_already(report, actor, refusal)


@transaction.atomic
def _correct(visit: Visit, report: VisitReport, *, actor: Cadre, now: datetime, reason: str, withdraw: bool) -> Visit:
    today = day_of(now)
    if not can_correct_visit(actor, visit, today) and visit.superseded_by_id is None:
        raise PermissionDenied(_("Only those who went, who typed it in, or the office can correct this visit."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why the visit is corrected.")})
    household_id = report.household.pk if report.household else None
    if household_id != visit.household_id or (household_id is None and report.target_village_id != visit.village_id):
        raise ValidationError(_("The household cannot be changed. Withdraw this visit and enter it anew."))
    affected = Duty.objects.filter(
        duties_at(visit.household_id, visit.village_id) | duties_at(household_id, report.target_village_id)
    )
    # Villages before households, as everybody does; the visit's own household also when nothing is owed there.
    lock_targets(affected)
    _lock(report)
    if wrong := numbers_in(note=report.note, problem=report.problem):
        raise ValidationError(wrong)
    if not withdraw:  # what did not take place needs no further check
        check_report(report, actor=actor, on=today, known=visit)
    version = _version(report, actor=actor, now=now, corrected=visit, reason=reason.strip(), is_withdrawn=withdraw)
    run_together(_inserts(version, report))
    _stored(version)
    taken = Visit.objects.filter(pk=visit.pk, superseded_by=None).update(superseded_by=version)
    if not taken:
        raise ValidationError(
            _("Somebody has corrected this visit meanwhile. Open it again to see the latest version.")
        )
    recredit(affected)
    follow_guarantees(report, visit, actor=actor)
    follow_correction(visit, version, report, actor=actor, now=now)
    changes = audit.difference(audit.snapshot(visit), audit.snapshot(version))
    said = [[list(answer) for answer in sorted(answers)] for answers in (answers_at(visit), report.confirmations)]
    if said[0] != said[1]:
        changes["confirmations"] = said
    for technical in ("id", "digest", "received_at", "superseded_by", "reason"):
        changes.pop(technical, None)
    verb = "visit.withdrawn" if withdraw else "visit.corrected"
    audit.record(actor=actor, verb=verb, target=version, village_id=version.village_id, reason=reason, changes=changes)
    return version


def check_report(
    report: VisitReport, *, actor: Cadre, on: date, known: Visit | None = None, is_vouched_for: bool = False
) -> None:
    """Refuse what cannot be: raises ValidationError with one message a field.

    `known` is the version being corrected: its visitors stay allowed. So does everybody when the office vouches.
    """
    problems: dict[str, Any] = numbers_in(note=report.note, problem=report.problem)
    household = report.household
    if report.visited_on > on:
        problems["visited_on"] = _("The visit lies in the future. Choose today or an earlier day.")
    elif household and report.visited_on < household.registered_on:
        problems["visited_on"] = _("This household was registered only on %(day)s. Choose that day or a later one.") % {
            "day": date_format(household.registered_on)
        }
    elif household and household.left_on and report.visited_on >= household.left_on:
        problems["visited_on"] = _("This household left the register on %(day)s. Choose an earlier day.") % {
            "day": date_format(household.left_on)
        }
    if report.contact not in Contact.values:
        problems["contact"] = _("Choose how you met.")
    if report.outcome not in Outcome.values:
        problems["outcome"] = _("Choose whom you met.")
    if message := _visitors_problem(report, actor, known, is_vouched_for=is_vouched_for):
        problems["visitors"] = message
    problems |= problems_with(report.extras, is_household=household is not None)
    if message := problem_with(report.confirmations, household, report.outcome):
        problems[NON_FIELD_ERRORS] = message
    if problems:
        raise ValidationError(problems)


def _visitors_problem(report: VisitReport, actor: Cadre, known: Visit | None, *, is_vouched_for: bool) -> str:
    if not report.visitors:
        return _("Name at least one person who went.")
    if is_vouched_for:
        return ""
    others = {cadre.pk for cadre in report.visitors} - {actor.pk}
    if known is not None and others:
        others -= set(VisitVisitor.objects.filter(visit=known).values_list("cadre_id", flat=True))
    if not others:
        return ""
    allowed = (
        colleagues_of(report.target_village_id, report.visited_on, report.visited_on).filter(pk__in=others).count()
    )
    return (
        ""
        if allowed == len(others)
        else _("Name only colleagues who had a post or a household in this village that day.")
    )


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
        _lock(report)
        return
    raise PermissionDenied(_("This household or village is not one of yours."))


def _lock(report: VisitReport) -> None:
    if report.household is not None:
        lock_rows(Household.objects.filter(pk=report.household.pk))
    elif report.village is not None:
        lock_rows(Village.objects.filter(pk=report.village.pk))


def _version(
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


def _inserts(visit: Visit, report: VisitReport) -> Iterator[Statement]:
    yield insert_of(visit)
    for cadre in dict.fromkeys(report.visitors):
        yield insert_of(VisitVisitor(visit=visit, cadre=cadre))
    for confirmation in rows_of(visit, report.confirmations):
        yield insert_of(confirmation)


def _stored(visit: Visit) -> Visit:
    """The version as a row of the database."""
    visit._state.adding, visit._state.db = False, DEFAULT_DB_ALIAS
    return visit


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
