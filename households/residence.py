"""Where a household lives and lived: register it, move it, let it leave. The only writers."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.models import Household, HouseholdMove, Relation
from villages import audit, reach
from villages.facts import FactChange, announce
from villages.models import Cadre, Village


def can_change_household(actor: Cadre, village_code: str, on: date) -> bool:
    """Clerks and supervisors change households at and below their own place."""
    return reach.holds_any(actor, reach.CLERKS, on, village_code)


def village_on(household: Household, day: date) -> str:
    """Code of the village in which the household lived that day."""
    if household.moved_on is None or day >= household.moved_on:
        return household.village_id
    later = household.moves.filter(moved_on__gt=day).order_by("moved_on").first()
    return later.from_village_id if later else household.village_id


@transaction.atomic
def save_household(
    household: Household, *, actor: Cadre | None, on: date, moved_on: date | None = None, reason: str = ""
) -> Household:
    """Register a household or correct its record; a change of village is a move, from today on unless a day is given.

    Raises ValidationError for what must never be true, PermissionDenied outside the actor's places.
    """
    stored = Household.objects.select_for_update(of=("self",)).filter(pk=household.pk).first() if household.pk else None
    before = audit.snapshot(stored) if stored else {}
    if stored and stored.village_id != household.village_id:
        _require(actor, stored.village_id, on)
        moved_on = moved_on or on
        if stored.moved_on and moved_on < stored.moved_on:
            raise ValidationError({"village": _("The household moved later than that already. Check the day.")})
        household.moved_on = moved_on
    household.full_clean()
    _require(actor, household.village_id, on)
    if stored and moved_on and stored.village_id != household.village_id:
        note_move(household, stored.village_id, moved_on)
    if stored and stored.head_name != household.head_name:
        _agree_with_members(household, on)
        household.initials = ""
    household.save()
    _follow(household, before, actor, reason)
    return household


def move_household(
    *, household: Household, to_village: Village, moved_on: date, actor: Cadre | None, on: date
) -> Household:
    """The household lives in another village from that day on. Raises ValidationError when nothing moves yet.

    Whether the actor may is asked as of today (`on`), not of the day of the move.
    """
    if moved_on > on:
        raise ValidationError({"moved_on": _("This day lies in the future. Enter the move when it has happened.")})
    if household.village_id == to_village.pk:
        raise ValidationError(_("The household already lives in this village."))
    household.village = to_village
    household.group = None
    return save_household(household, actor=actor, on=on, moved_on=moved_on)


def note_move(household: Household, from_village_id: str, moved_on: date) -> HouseholdMove | None:
    """Note that the household lives in another village, set already, from that day on; it is not saved here.

    Whoever moves twice on a day has moved once: a wrong village can be corrected the day it was entered. Returns
    the move of that day as it was before; no later one may be known.
    """
    household.moved_on = moved_on
    moves = HouseholdMove.objects.filter(household=household)
    had = moves.filter(moved_on=moved_on).first()
    if had is None:
        moves.create(
            household=household,
            from_village_id=from_village_id,
            to_village_id=household.village_id,
            moved_on=moved_on,
        )
    elif had.from_village_id != household.village_id:
        moves.filter(pk=had.pk).update(to_village=household.village_id)
    else:
        moves.filter(pk=had.pk).delete()
        household.moved_on = moves.aggregate(last=Max("moved_on"))["last"]
    return had


def _agree_with_members(household: Household, on: date) -> None:
    heads = household.persons.registered(on).filter(relation=Relation.HEAD)  # type: ignore[attr-defined]
    head = heads.order_by("pk").values_list("name", flat=True).first()
    if head is not None and head != household.head_name:
        raise ValidationError(
            {"head_name": _("By the list of members the head is %(name)s. Correct it there.") % {"name": head}}
        )


def _require(actor: Cadre | None, village_code: str, on: date) -> None:
    if actor is not None and not can_change_household(actor, village_code, on):
        raise PermissionDenied(_("This village is not one of yours."))


def _follow(household: Household, before: dict[str, Any], actor: Cadre | None, reason: str) -> None:
    changes = audit.difference(before, audit.snapshot(household))
    changes.pop("initials", None)
    if not changes:
        return
    audit.record(
        actor=actor,
        verb="household.corrected" if before else "household.registered",
        target=household,
        village_id=household.village_id,
        reason=reason,
        changes=changes,
    )
    if before and {"village", "left_on"} & set(changes):
        # Since ever: leaving excuses what is overdue in rounds that ended long before.
        announce(FactChange(since=date.min, household_ids=frozenset({household.pk})))
