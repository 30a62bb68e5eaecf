"""Labels with a QR code for the doors of a village: an opaque token each, worthless without a login."""

from dataclasses import dataclass
from datetime import date

import segno
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from households.entering import can_enter_measure
from households.models import Household, HouseholdLabel
from households.models.labels import new_token
from villages import audit
from villages.models import Cadre, Village


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label of the sheet: which household, and the code that leads to it."""

    household: Household
    code: SafeString


def can_make_labels(cadre: Cadre, village_code: str, on: date) -> bool:
    """The office, and who works in the village."""
    return can_enter_measure(cadre, village_code, on)


def labels_of(village: Village, on: date, *, only: str = "") -> list[HouseholdLabel]:
    """The labels of the households on the register, in walking order; `only` is the key of one household."""
    households = Household.objects.registered(on).filter(village=village)
    if only.isdecimal():
        households = households.filter(pk=only)
    rows = HouseholdLabel.objects.filter(household__in=households)
    ordered = rows.order_by("household__group__number", "household__number")
    return list(ordered.select_related("household__group"))


def without_label(village: Village, on: date) -> int:
    """How many households have none yet."""
    return Household.objects.registered(on).filter(village=village, label=None).count()


def printed(label: HouseholdLabel, address: str) -> PrintedLabel:
    """The label with its QR code as an SVG picture."""
    picture = segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2)
    return PrintedLabel(label.household, mark_safe(picture))


@transaction.atomic
def make_labels(*, village: Village, actor: Cadre, on: date, anew: bool = False) -> int:
    """Give a label to each household without one; `anew` replaces all, when a sheet was lost. Twice is once.

    Returns how many were made. Raises PermissionDenied.
    """
    if not can_make_labels(actor, village.pk, on):
        raise PermissionDenied(_("Labels are made by the office and by who works in the village."))
    households = Household.objects.registered(on).filter(village=village).select_for_update(of=("self",), no_key=True)
    wanted = households if anew else households.filter(label=None)
    ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    if anew:
        HouseholdLabel.objects.filter(household__in=ids).delete()
    HouseholdLabel.objects.bulk_create(
        HouseholdLabel(household_id=pk, token=new_token(), made_on=on, made_by=actor) for pk in ids
    )
    if ids:
        verb = "labels.made_anew" if anew else "labels.made"
        audit.record(
            actor=actor, verb=verb, target=village, village_id=village.pk, changes={"labels": [None, len(ids)]}
        )
    return len(ids)


@transaction.atomic
def replace_label(*, household: Household, actor: Cadre, on: date) -> None:
    """Give one household another label: the one that was lost leads nowhere then. Raises PermissionDenied."""
    if not can_make_labels(actor, household.village_id, on):
        raise PermissionDenied(_("Labels are made by the office and by who works in the village."))
    Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household.pk)
    fresh = {"token": new_token(), "made_on": on, "made_by": actor}
    HouseholdLabel.objects.update_or_create(household=household, defaults=fresh)
    audit.record(actor=actor, verb="label.replaced", target=household, village_id=household.village_id)
