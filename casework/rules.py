"""Correct the rules of rounds: templates at any time, an open round only where no credit can change."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casework.models import Round, RoundTemplate
from casework.models.rounds import RoundState
from villages import reach
from villages.models import Cadre
from villages.places import can_change_shared, save_told

# What may change while a round is open. Visitors and targets are frozen with its duties.
OPEN_FIELDS = ("name", "due_on", "grace_days", "repetition", "remind_days_before")


def can_correct_round(cadre: Cadre, round: Round, on: date) -> bool:
    """The office of the round's place or above, while the round is open."""
    return round.state == RoundState.OPEN and reach.holds_any(cadre, reach.CLERKS, on, round.place_code)


def save_template(template: RoundTemplate, *, actor: Cadre | None, on: date, reason: str = "") -> RoundTemplate:
    """Enter a template or correct it; rounds opened from it keep their own rule. Raises ValidationError."""
    if actor is not None and not can_change_shared(actor, on):
        raise PermissionDenied(_("Round templates are changed by the district's office. Ask a colleague there."))
    return save_told(template, actor=actor, reason=reason)


@transaction.atomic
def correct_round(round: Round, *, actor: Cadre | None, on: date, reason: str = "") -> Round:
    """Write the OPEN_FIELDS of an open round. Raises ValidationError, PermissionDenied.

    The last day that counts may move only while it, before and after, is not past: then no visit that
    was made can gain or lose credit, since none lies in the future.
    """
    stored = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if actor is not None and not can_correct_round(actor, stored, on):
        raise PermissionDenied(_("Only the office of the round's place changes it, and only while it is open."))
    last_day = round.due_on + timedelta(days=round.grace_days)
    if last_day != stored.last_credit_on and min(last_day, stored.last_credit_on) < on:
        raise ValidationError({"due_on": _("Past days have been counted already. Choose a day from today on.")})
    for name in OPEN_FIELDS:
        setattr(stored, name, getattr(round, name))
    stored.last_credit_on = last_day
    return save_told(stored, actor=actor, reason=reason)
