"""How a household lives, as the office records it: income of a year, check of a guarantee. The only writers."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from households.models import Guarantee, Household, Income
from households.residence import can_change_household
from villages import audit
from villages.models import Cadre

CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 10  # what the columns hold; above that the check of the row speaks


def can_change_living(actor: Cadre, village_code: str, on: date) -> bool:
    """Whoever changes the household changes what is known of its living."""
    return can_change_household(actor, village_code, on)


@transaction.atomic
def save_income(income: Income, *, actor: Cadre | None, on: date, reason: str = "") -> Income:
    """Enter or correct the income of a year, in yuan. Net income per head, left empty, is net by members.

    Raises ValidationError for what cannot be true, PermissionDenied outside the actor's places.
    """
    household = _household_of(income, actor, on)
    if income.year and income.year > on.year:
        raise ValidationError({"year": _("This year has not begun yet. Correct the year.")})
    if income.as_of and income.as_of > on:
        raise ValidationError({"as_of": _("This day lies in the future. Correct it.")})
    if income.per_head is None and income.net is not None and household.members:
        income.per_head = (income.net / household.members).quantize(CENT, ROUND_HALF_UP)
    return _save(income, "income", household, actor, reason)


@transaction.atomic
def record_guarantee(guarantee: Guarantee, *, actor: Cadre | None, on: date, reason: str = "") -> Guarantee:
    """Enter or correct one check of one guarantee. Raises ValidationError, PermissionDenied."""
    household = _household_of(guarantee, actor, on)
    if guarantee.checked_on and guarantee.checked_on > on:
        raise ValidationError({"checked_on": _("This day lies in the future. Correct it.")})
    return _save(guarantee, "guarantee", household, actor, reason)


@transaction.atomic
def remove_income(*, income: Income, actor: Cadre | None, on: date, reason: str) -> None:
    """Take back an income entered by mistake; its values stay in the audit trail."""
    _remove(income, "income", actor, on, reason)


@transaction.atomic
def remove_guarantee(*, guarantee: Guarantee, actor: Cadre | None, on: date, reason: str) -> None:
    """Take back a check entered by mistake; its values stay in the audit trail."""
    _remove(guarantee, "guarantee", actor, on, reason)


def _household_of(row: Income | Guarantee, actor: Cadre | None, on: date) -> Household:
    """The row's household, locked until the transaction ends; a stored row stays with its household."""
    if row.household_id is None:
        raise ValidationError({"household": _("Choose the household.")})
    household = Household.objects.select_for_update(of=("self",)).get(pk=row.household_id)
    if actor is not None and not can_change_living(actor, household.village_id, on):
        raise PermissionDenied(_("This household is not in one of your places."))
    stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    if stored and stored.household_id != row.household_id:
        raise ValidationError(_("A record stays with its household. Remove it here and enter it there."))
    return household


def _save(row: Any, word: str, household: Household, actor: Cadre | None, reason: str) -> Any:
    stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    if stored is None:
        row.recorded_by = actor
    _to_cents(row)
    row.full_clean(exclude={"recorded_by"})
    row.save()
    before: dict[str, Any] = audit.snapshot(stored) if stored else {}
    if changes := audit.difference(before, audit.snapshot(row)):
        audit.record(
            actor=actor,
            verb=f"{word}.{'corrected' if before else 'recorded'}",
            target=row,
            village_id=household.village_id,
            reason=reason,
            changes=changes,
        )
    return row


def _to_cents(row: Any) -> None:
    """Amounts as the database gives them back, so that the trail tells no change from 1000.00 to 1000."""
    for field in row._meta.concrete_fields:
        amount = getattr(row, field.attname)
        if isinstance(amount, Decimal) and amount.is_finite() and abs(amount) < LARGEST:
            setattr(row, field.attname, amount.quantize(CENT, ROUND_HALF_UP))


def _remove(row: Income | Guarantee, word: str, actor: Cadre | None, on: date, reason: str) -> None:
    household = _household_of(row, actor, on)
    stored = type(row)._default_manager.get(pk=row.pk)
    changes = audit.difference(audit.snapshot(stored), {})
    audit.record(
        actor=actor,
        verb=f"{word}.removed",
        target=stored,
        village_id=household.village_id,
        reason=reason,
        changes=changes,
    )
    stored.delete()
