"""Pair helpers with households, correct and hand over pairings: the only writers, but for undone imports."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from households.models import HelperPairing
from villages import audit, reach
from villages.facts import FactChange, announce
from villages.models import Cadre


def can_change_pairings(actor: Cadre, village_code: str, on: date) -> bool:
    """Clerks and supervisors change helpers at and below their own place."""
    return reach.holds_any(actor, reach.CLERKS, on, village_code)


@transaction.atomic
def save_helper_pairing(pairing: HelperPairing, *, actor: Cadre | None, on: date, reason: str = "") -> HelperPairing:
    """Enter or correct a pairing, and let credit follow. Raises ValidationError, PermissionDenied."""
    stored = HelperPairing.objects.filter(pk=pairing.pk).first() if pairing.pk else None
    before = audit.snapshot(stored) if stored else {}
    pairing.full_clean()
    for known in filter(None, (stored, pairing)):
        _require(actor, known, on)
    pairing.save()
    _follow(pairing, before, audit.snapshot(pairing), actor, reason)
    return pairing


@transaction.atomic
def start_helpers(first: Sequence[HelperPairing], *, actor: Cadre | None, on: date) -> None:
    """Enter the first pairings of many households, each without a last day, as save_helper_pairing() does one by one.

    Raises ValidationError and PermissionDenied when one of them may not be, IntegrityError when a household has got
    another one meanwhile; then none is entered.
    """
    for code in {pairing.household.village_id for pairing in first}:
        _require_place(actor, code, on)
    for pairing in first:
        check_first(pairing)
    HelperPairing.objects.bulk_create(first)
    audit.record_new(actor=actor, verb="helper.started", rows=[(one, one.household.village_id) for one in first])
    for pairing in first:
        follow({}, audit.snapshot(pairing))


def check_first(pairing: HelperPairing) -> None:
    """full_clean() of a household's first pairing, which lasts: no other one can share a day with it, its last day is
    not before its first, and household and cadre were just read. Asking for each is four statements a row.
    """
    pairing.clean_fields(exclude={"household", "cadre"})
    pairing.clean()


@transaction.atomic
def replace_helper(
    *, pairing: HelperPairing, cadre: Cadre, starts_on: date, actor: Cadre | None, on: date
) -> HelperPairing:
    """End the pairing the day before and start one with the new helper. Raises ValidationError."""
    pairing = HelperPairing.objects.select_for_update(of=("self",)).get(pk=pairing.pk)
    if starts_on <= pairing.starts_on:
        raise ValidationError(
            {
                "starts_on": _("The new helper must start after %(day)s, when the present one started.")
                % {"day": pairing.starts_on}
            }
        )
    if pairing.ends_on is None or pairing.ends_on >= starts_on:
        pairing.ends_on = starts_on - timedelta(days=1)
        save_helper_pairing(pairing, actor=actor, on=on)
    successor = HelperPairing(
        household_id=pairing.household_id, cadre=cadre, is_primary=pairing.is_primary, starts_on=starts_on
    )
    return save_helper_pairing(successor, actor=actor, on=on)


@transaction.atomic
def remove_helper_pairing(*, pairing: HelperPairing, actor: Cadre | None, on: date, reason: str) -> None:
    """Take back a pairing entered by mistake; its values stay in the audit trail."""
    stored = HelperPairing.objects.get(pk=pairing.pk)
    before = audit.snapshot(stored)
    _require(actor, stored, on)
    key = pairing.pk
    pairing.delete()
    pairing.pk = key
    _follow(pairing, before, {}, actor, reason)


def _require(actor: Cadre | None, pairing: HelperPairing, on: date) -> None:
    _require_place(actor, pairing.household.village_id, on)


def _require_place(actor: Cadre | None, village_code: str, on: date) -> None:
    if actor is not None and not can_change_pairings(actor, village_code, on):
        raise PermissionDenied(_("This household is not in one of your places."))


def _follow(
    pairing: HelperPairing, before: dict[str, Any], after: dict[str, Any], actor: Cadre | None, reason: str
) -> None:
    changes = audit.difference(before, after)
    if not changes:
        return
    verb = "helper.removed" if not after else "helper.corrected" if before else "helper.started"
    audit.record(
        actor=actor,
        verb=verb,
        target=pairing,
        village_id=pairing.household.village_id,
        reason=reason,
        changes=changes,
    )
    follow(before, after)


def follow(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Let credit follow a pairing that is now otherwise, new or gone (no values)."""
    days = [date.fromisoformat(values["starts_on"]) for values in (before, after) if values]
    households = {values["household"] for values in (before, after) if values}
    announce(FactChange(since=min(days), household_ids=frozenset(households)))
