"""Enter and correct what the whole district shares: places, units, special days. The office's writers of them."""

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from villages import audit, reach
from villages.models import Cadre, District, PartnerUnit, SpecialDay, Town, Village, VillagerGroup

Row = TypeVar("Row", bound=models.Model)


def can_change_places(actor: Cadre, place_code: str, on: date) -> bool:
    """The district's office changes places: their codes and names are the state's, not a town's."""
    return reach.is_district_office(actor, on, place_code)


def can_change_groups(actor: Cadre, village_code: str, on: date) -> bool:
    """Villager groups are below the state's register: the office of the village or above changes them."""
    return reach.holds_any(actor, reach.CLERKS, on, village_code)


def can_change_shared(actor: Cadre, on: date) -> bool:
    """What no single place owns (units, special days, round templates) is changed by the district's office."""
    return reach.is_district_office(actor, on)


def save_district(district: District, *, actor: Cadre | None, on: date, reason: str = "") -> District:
    """Enter a district or correct its name. Raises ValidationError, PermissionDenied."""
    _require(actor is None or can_change_places(actor, district.pk or "", on))
    return save_told(district, actor=actor, reason=reason)


def save_town(town: Town, *, actor: Cadre | None, on: date, reason: str = "") -> Town:
    """Enter a town or correct it. Raises ValidationError, PermissionDenied."""
    _require(actor is None or can_change_places(actor, town.pk or "", on))
    return save_told(town, actor=actor, reason=reason)


def save_village(village: Village, *, actor: Cadre | None, on: date, reason: str = "") -> Village:
    """Enter a village or correct it. Raises ValidationError, PermissionDenied."""
    _require(actor is None or can_change_places(actor, village.pk or "", on))
    return save_told(village, actor=actor, village_id=village.pk, reason=reason)


@transaction.atomic
def save_group(group: VillagerGroup, *, actor: Cadre | None, on: date, reason: str = "") -> VillagerGroup:
    """Enter a villager group or correct it. Raises ValidationError, PermissionDenied.

    It stays in its village: households point to it there.
    """
    stored = VillagerGroup.objects.filter(pk=group.pk).first() if group.pk else None
    if stored and stored.village_id != group.village_id:
        raise ValidationError({"village": _("A group stays in its village. Enter a new one in the other village.")})
    _require(actor is None or can_change_groups(actor, group.village_id or "", on))
    return save_told(group, actor=actor, village_id=group.village_id, reason=reason)


def save_unit(unit: PartnerUnit, *, actor: Cadre | None, on: date, reason: str = "") -> PartnerUnit:
    """Enter a partner unit or correct it. Raises ValidationError, PermissionDenied."""
    _require(actor is None or can_change_shared(actor, on))
    return save_told(unit, actor=actor, reason=reason)


def save_special_day(day: SpecialDay, *, actor: Cadre | None, on: date, reason: str = "") -> SpecialDay:
    """Enter a holiday or a swapped working day, or correct it. Raises ValidationError, PermissionDenied."""
    _require(actor is None or can_change_shared(actor, on))
    return save_told(day, actor=actor, reason=reason)


@transaction.atomic
def save_told(row: Row, *, actor: Cadre | None, village_id: str | None = None, reason: str = "") -> Row:
    """Check the row, save it and tell the audit trail what changed; for verbs that ask for leave themselves."""
    # Its key stays: whoever points to a place, such as an import that is being written, need not be waited for.
    locked = type(row)._default_manager.select_for_update(of=("self",), no_key=True)
    stored = locked.filter(pk=row.pk).first() if row.pk else None
    row.full_clean()
    row.save()
    before: dict[str, Any] = audit.snapshot(stored) if stored else {}
    if changes := audit.difference(before, audit.snapshot(row)):
        verb = f"{row._meta.model_name}.{'corrected' if before else 'added'}"
        audit.record(actor=actor, verb=verb, target=row, village_id=village_id, reason=reason, changes=changes)
    return row


def _require(has_leave: bool) -> None:
    if not has_leave:
        raise PermissionDenied(_("This is changed by the district's office. Ask a colleague there."))
