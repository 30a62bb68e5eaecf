"""A phone's batch: each visit is new, stored already, or held for a person and why. None is dropped.

The order of visits and of batches does not matter, and every visit has a transaction of its own: what was
answered is in the database, and what was not answered can be sent again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.counting import Counting, counts_for
from casework.models import HeldReason, HeldState, HeldVisit, Visit
from casework.report import VisitReport
from casework.sent import Sent, Unreadable, names_in, read
from casework.versions import report_of
from casework.visit_rows import DifferentContent
from casework.visits import record_visit
from households.models import HelperPairing, Household
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre, Village

MOST_AT_ONCE = 50
STORED, REFUSED, UNKNOWN = "stored", "refused", "unknown"
STATES = {HeldState.WAITING: "held", HeldState.ACCEPTED: STORED, HeldState.DECLINED: "declined"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one visit. A stored one carries the row and what it counts for."""

    id: str
    digest: str
    state: str
    code: str = ""
    words: str = ""
    visit: Visit | None = None
    counts: list[Counting] = field(default_factory=list)


class Hold(Exception):
    """A person must look at this visit before it is stored."""

    def __init__(self, reason: HeldReason, detail: str = "") -> None:
        super().__init__(str(reason.label))
        self.reason, self.detail = reason, detail


@dataclass(slots=True)
class Facts:
    """The rows a batch names, read once: households, villages, cadres, and what was stored or held before.

    What was stored before saves the work of storing it again; that nothing is stored twice, the database sees to.
    """

    households: dict[int, Household]
    villages: dict[str, Village]
    cadres: dict[int, Cadre]
    stored: dict[UUID, Visit]
    held: dict[tuple[UUID, str], HeldVisit]

    @classmethod
    def about(cls, visits: list[Sent], sender: Cadre) -> "Facts":
        """Five queries at most, however many visits."""
        keys = {sent.household_id for sent in visits if sent.household_id}
        codes = {sent.village_code for sent in visits if sent.village_code}
        people = {pk for sent in visits for pk in sent.visitor_ids}
        ids = [sent.id for sent in visits]
        before = HeldVisit.objects.filter(sent_by=sender, visit_key__in=ids)
        return cls(
            Household.objects.in_bulk(keys),
            Village.objects.in_bulk(codes),
            Cadre.objects.in_bulk(people),
            Visit.objects.filter(entered_by=sender).in_bulk(ids),
            {(held.visit_key, held.digest): held for held in before.select_related("visit", "decided_by")},
        )

    def report(self, sent: Sent, *, without_strangers: bool = False) -> VisitReport:
        """The visit as the verbs take it. Raises Hold for rows that are not there."""
        household = self.households.get(sent.household_id) if sent.household_id else None
        village = self.villages.get(sent.village_code) if sent.village_code else None
        if household is None and village is None:
            raise Hold(HeldReason.UNKNOWN_TARGET)
        visitors = [self.cadres[pk] for pk in sent.visitor_ids if pk in self.cadres]
        if len(visitors) < len(sent.visitor_ids) and not without_strangers:
            raise Hold(HeldReason.UNKNOWN_VISITOR)
        return VisitReport(
            id=sent.id,
            household=household,
            village=village,
            visited_on=sent.visited_on,
            contact=sent.contact,
            outcome=sent.outcome,
            visitors=visitors,
            note=sent.note,
            problem=sent.problem,
            confirmations=sent.confirmations,
            extras=sent.extras,
        )


def receive(items: Iterable[Any], *, sender: Cadre, now: datetime, imported_by: Cadre | None = None) -> list[Answer]:
    """Store what can be stored, hold what a person must see, refuse what nobody can read: one answer each, in order."""
    read_items = [_read(item) for item in items]
    facts = Facts.about([sent for sent in read_items if isinstance(sent, Sent)], sender)
    return [
        item if isinstance(item, Answer) else _receive(item, facts, sender=sender, now=now, imported_by=imported_by)
        for item in read_items
    ]


def _read(item: Any) -> Sent | Answer:
    try:
        return read(item)
    except Unreadable as why:
        return Answer(*names_in(item), REFUSED, why.code, why.words)


def _receive(sent: Sent, facts: Facts, *, sender: Cadre, now: datetime, imported_by: Cadre | None) -> Answer:
    held = facts.held.get((sent.id, sent.digest))
    if held is not None:
        return answer_of_held(held)
    try:
        report = _report(sent, facts)
        stored = facts.stored.get(sent.id)
        is_known = stored is not None and stored.digest == report.digest()
        visit = stored if stored is not None and is_known else _record(report, sender, now)
    except Hold as why:
        held = _hold(sent, facts, why, sender=sender, now=now, imported_by=imported_by)
        facts.held[sent.id, sent.digest] = held  # it may be twice in one batch
        return answer_of_held(held)
    return _stored(sent.digest, visit, report)


def _report(sent: Sent, facts: Facts) -> VisitReport:
    """The report, when everything in it is understood. Raises Hold."""
    if sent.unknown_fields:
        raise Hold(HeldReason.UNKNOWN_FIELD, ", ".join(sent.unknown_fields))
    return facts.report(sent)


def _record(report: VisitReport, sender: Cadre, now: datetime) -> Visit:
    """Record it by the same verb as everybody. Raises Hold instead of what the verb raises."""
    try:
        return record_visit(report, actor=sender, now=now)
    except PermissionDenied:
        raise Hold(HeldReason.OUT_OF_REACH) from None
    except DifferentContent:
        raise Hold(HeldReason.OTHER_CONTENT) from None
    except ValidationError as refusal:
        raise _hold_for(refusal, report, day_of(now)) from None


def _hold_for(refusal: ValidationError, report: VisitReport, today: date) -> Hold:
    problems = refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
    detail = " ".join(message for messages in problems.values() for message in messages)
    if "visited_on" in problems:
        is_future = report.visited_on > today
        return Hold(HeldReason.FUTURE_DAY if is_future else HeldReason.NOT_REGISTERED, detail)
    return Hold(HeldReason.UNKNOWN_VISITOR if [*problems] == ["visitors"] else HeldReason.NOT_ACCEPTABLE, detail)


def _hold(sent: Sent, facts: Facts, why: Hold, *, sender: Cadre, now: datetime, imported_by: Cadre | None) -> HeldVisit:
    """Keep it for a person, once, however often and from how many tabs it comes."""
    household = facts.households.get(sent.household_id or 0)
    held = HeldVisit(
        visit_key=sent.id,
        digest=sent.digest,
        content=sent.content,
        sent_by=sender,
        imported_by=imported_by,
        household=household,
        village_id=_decided_in(sent, household, facts, sender, day_of(now)),
        visited_on=sent.visited_on,
        received_at=now,
        reason=why.reason,
        detail=why.detail[:300],
    )
    with transaction.atomic():
        HeldVisit.objects.bulk_create([held], ignore_conflicts=True)
        kept = HeldVisit.objects.get(visit_key=sent.id, digest=sent.digest, sent_by=sender)
        if kept.pk == held.pk:
            actor = imported_by or sender
            changes = {"visit": [None, str(sent.id)], "reason": [None, str(why.reason)]}
            audit.record(actor=actor, verb="visit.held", target=kept, village_id=kept.village_id, changes=changes)
    return kept


def _decided_in(sent: Sent, household: Household | None, facts: Facts, sender: Cadre, on: date) -> str | None:
    """The village of the target; of an unknown one a village of the sender, so that somebody is asked."""
    if household is not None:
        return household.village_id
    if sent.village_code in facts.villages:
        return sent.village_code
    helped = HelperPairing.objects.in_force(on).filter(cadre=sender).order_by("pk")
    found = helped.values_list("household__village", flat=True).first()
    return found or reach.villages_of(sender, on).order_by("code").values_list("code", flat=True).first()


def _stored(digest: str, visit: Visit, report: VisitReport) -> Answer:
    return Answer(str(visit.pk), digest, STORED, visit=visit, counts=counts_for(report))


def answer_of_held(held: HeldVisit) -> Answer:
    """How a visit that was held stands today."""
    is_waiting = held.state == HeldState.WAITING
    words = str(held.get_reason_display()) if is_waiting else held.words
    if is_waiting and held.detail:
        words = _("%(reason)s: %(detail)s") % {"reason": words, "detail": held.detail}
    state = STATES[HeldState(held.state)]
    code = "" if state == STORED else held.reason
    counts = counts_for(report_of(held.visit)) if held.visit else []
    return Answer(str(held.visit_key), held.digest, state, code, words, held.visit, counts)


def present_state(keys: list[UUID], *, sender: Cadre) -> list[Answer]:
    """How one's own visits of these ids stand today, held before stored; of others' nothing is said."""
    held = HeldVisit.objects.filter(visit_key__in=keys, sent_by=sender).select_related("visit").order_by("received_at")
    found = {one.visit_key: answer_of_held(one) for one in held}
    stored = Visit.objects.filter(pk__in=keys, entered_by=sender).select_related("household", "village")
    for visit in stored.prefetch_related("visitors"):
        found.setdefault(visit.pk, Answer(str(visit.pk), "", STORED, visit=visit, counts=counts_for(report_of(visit))))
    return [found.get(key) or Answer(str(key), "", UNKNOWN) for key in keys]
