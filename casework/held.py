"""Visits that wait for a person: accept or decline them, with a reason. What was sent is never changed."""

import uuid
from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.corrections import correct_visit
from casework.models import HeldState, HeldVisit, Visit
from casework.report import VisitReport
from casework.sent import Sent, read
from casework.sync import Facts, Hold
from casework.visit_rows import DifferentContent
from casework.visits import record_on_decision
from households.models import Household
from villages import audit, reach
from villages.calendar import day_of
from villages.models import Cadre
from villages.personal_numbers import numbers_in


def can_decide_held(cadre: Cadre, held: HeldVisit, on: date) -> bool:
    """The office of the place, and never who sent it; without any place the district's office."""
    if held.sent_by_id == cadre.pk:
        return False
    if held.village_id is None:
        return reach.is_district_office(cadre, on)
    return reach.holds_any(cadre, reach.CLERKS, on, held.village_id)


def sent_in(held: HeldVisit) -> Sent:
    """The visit as it was sent, read by what the system understands today. Raises Unreadable."""
    return read(held.content)


@transaction.atomic
def accept_held(
    *, held_id: uuid.UUID, actor: Cadre, now: datetime, words: str, household: Household | None = None
) -> HeldVisit:
    """Store the visit after all: as its own, or, where other content stands under its id, as a correction of that.

    `household` says which one was meant when the one sent is not in the register. Raises HeldVisit.DoesNotExist,
    PermissionDenied, and ValidationError for what can never be and for what somebody has decided meanwhile.
    """
    held = _to_decide(held_id, actor, now, words)
    report = _report(held, household)
    try:
        visit = record_on_decision(
            report, sent_by=held.sent_by, decided_by=actor, received_at=held.received_at, on=day_of(now), reason=words
        )
    except DifferentContent as known:
        visit = _as_correction(held, known.stored, report, actor=actor, now=now, words=words)
    return _decide(held, HeldState.ACCEPTED, actor=actor, now=now, words=words, visit=visit)


@transaction.atomic
def decline_held(*, held_id: uuid.UUID, actor: Cadre, now: datetime, words: str) -> HeldVisit:
    """Leave the visit out; its content stays to be read, and its sender is told why.

    Raises HeldVisit.DoesNotExist, PermissionDenied, ValidationError.
    """
    held = _to_decide(held_id, actor, now, words)
    return _decide(held, HeldState.DECLINED, actor=actor, now=now, words=words, visit=None)


def _to_decide(held_id: uuid.UUID, actor: Cadre, now: datetime, words: str) -> HeldVisit:
    on = day_of(now)
    rows = HeldVisit.objects.visible_to(actor, on).select_for_update(of=("self",))
    held = rows.select_related("sent_by").get(pk=held_id)
    if not can_decide_held(actor, held, on):
        raise PermissionDenied(_("The office of the place decides, and never who sent the visit."))
    if held.state != HeldState.WAITING:
        raise ValidationError(_("Somebody has decided this meanwhile."))
    if not words.strip():
        raise ValidationError({"words": _("Say in a few words why.")})
    if wrong := numbers_in(words=words):
        raise ValidationError(wrong)
    return held


def _report(held: HeldVisit, household: Household | None) -> VisitReport:
    sent = sent_in(held)
    facts = Facts.about([sent], held.sent_by)
    if household is not None:
        sent = replace(sent, household_id=household.pk, village_code=None)
        facts.households[household.pk] = household
    try:
        return facts.report(sent, without_strangers=True)
    except Hold:
        raise ValidationError(
            {"household": _("This household is not in the register. Name the one that was meant.")}
        ) from None


def _as_correction(
    held: HeldVisit, stored: Visit, report: VisitReport, *, actor: Cadre, now: datetime, words: str
) -> Visit:
    """The held content as a new version of what stands under the id."""
    latest = stored
    while latest.superseded_by is not None:
        latest = latest.superseded_by
    # The same decision taken twice is the same version.
    version = replace(report, id=uuid.uuid5(held.visit_key, held.digest))
    return correct_visit(latest, version, actor=actor, now=now, reason=words)


def _decide(
    held: HeldVisit, state: HeldState, *, actor: Cadre, now: datetime, words: str, visit: Visit | None
) -> HeldVisit:
    held.state, held.decided_by, held.decided_at, held.words, held.visit = state, actor, now, words.strip(), visit
    held.save(update_fields=["state", "decided_by", "decided_at", "words", "visit"])
    changes = {"state": [HeldState.WAITING.value, state.value], "visit": [None, str(visit.pk) if visit else None]}
    audit.record(
        actor=actor,
        verb=f"held.{state.value}",
        target=held,
        village_id=held.village_id,
        reason=held.words,
        changes=changes,
    )
    return held
