"""Who enters measures and benefit links, and for which households.

(ours) The office, whoever works in the village or leads its town's round, and helpers for the households they
help. Leaders of the district and of partner units read; what they bring, the village enters once.
"""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from households.models import BenefitLink, HelperPairing, Household, Measure
from households.models.households import HouseholdQuerySet
from villages import reach
from villages.models import Cadre, Post

ENTERING_POSTS = reach.CLERKS | {
    Post.TOWN_SECRETARY.value,
    Post.VILLAGE_CHIEF.value,
    Post.FIRST_SECRETARY.value,
    Post.VILLAGE_SECRETARY.value,
    Post.TEAM_LEADER.value,
    Post.TEAM_MEMBER.value,
}


def can_enter_measure(cadre: Cadre, village_code: str, on: date) -> bool:
    """Whether the cadre enters for every household of the village."""
    return reach.holds_any(cadre, ENTERING_POSTS, on, village_code)


def helped_by(cadre: Cadre, on: date) -> HouseholdQuerySet:
    """Households the cadre helps that day."""
    mine = HelperPairing.objects.in_force(on).filter(cadre=cadre, household=OuterRef("pk"))
    return Household.objects.filter(Exists(mine))


def households_to_enter(cadre: Cadre, on: date) -> HouseholdQuerySet:
    """Registered households for which the cadre may enter measures and links that day."""
    if cadre.is_superuser:
        return Household.objects.registered(on)
    held = reach.own_postings(cadre, on).filter(post__in=ENTERING_POSTS).exclude(place_code="")
    mine = HelperPairing.objects.in_force(on).filter(cadre=cadre, household=OuterRef("pk"))
    condition = Q(Exists(mine))
    for code in held.order_by("place_code").values_list("place_code", flat=True).distinct():
        condition |= Q(village__code__startswith=code)
    return Household.objects.registered(on).filter(condition)


def can_enter_for(cadre: Cadre, household: Household, on: date) -> bool:
    """Whether the cadre enters and changes measures and links of this household."""
    if can_enter_measure(cadre, household.village_id, on):
        return True
    return HelperPairing.objects.in_force(on).filter(cadre=cadre, household=household).exists()


def can_change(cadre: Cadre, row: Measure | BenefitLink, on: date) -> bool:
    """Whoever may enter for the household corrects and ends its measures and links, and records their years."""
    return can_enter_for(cadre, row.household, on)


def can_remove(cadre: Cadre, row: Measure | BenefitLink, on: date) -> bool:
    """Whoever entered the row, while they may still enter for the household, and the office of the village."""
    if reach.holds_any(cadre, reach.CLERKS, on, row.household.village_id):
        return True
    return row.recorded_by_id == cadre.pk and can_enter_for(cadre, row.household, on)


def lock_households(ids: set[int], *, actor: Cadre, on: date) -> list[Household]:
    """The households, held until the transaction ends. Raises PermissionDenied unless the actor may enter for all."""
    if not ids:
        return []
    allowed = households_to_enter(actor, on).filter(pk__in=ids)
    households = list(allowed.order_by("pk").select_for_update(of=("self",), no_key=True))
    if len(households) < len(ids):
        raise PermissionDenied(_("One of the chosen households is not, or no longer, one of yours. Choose again."))
    return households


def require_enter_for(actor: Cadre, household: Household, on: date) -> None:
    """Raises PermissionDenied unless the actor enters for this household."""
    if not can_enter_for(actor, household, on):
        raise PermissionDenied(_("This household is not one of those you enter for."))
