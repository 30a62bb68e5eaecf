"""Show one personal number in full: who may, how many a day, and the entry it leaves in the audit trail."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Household, Person
from households.models.sealed import SealedField
from households.sealed import Sealed
from households.sensitive import works_with
from villages import audit
from villages.models import AuditEntry, Cadre

VERBS = ("person.revealed", "household.revealed")
Bearer = Person | Household


@dataclass(frozen=True, slots=True)
class Revealed:
    """A number as it goes into the one answer, and how many the cadre may still see that day."""

    label: str
    kind: str
    number: str
    left_today: int


def can_reveal(cadre: Cadre, household: Household, on: date) -> bool:
    """Who works with the family: its helpers, the posts of its village, and the office that keeps the record."""
    return works_with(cadre, household, on)


def numbers_of(bearer: Bearer) -> dict[str, Sealed]:
    """The sealed numbers that are entered, by field."""
    fields = [field.name for field in bearer._meta.concrete_fields if isinstance(field, SealedField)]
    return {name: getattr(bearer, name) for name in fields if getattr(bearer, name)}


def left_today(cadre: Cadre, on: date) -> int:
    """How many numbers the cadre may still see in full that day."""
    begins = timezone.make_aware(datetime.combine(on, datetime.min.time()))
    seen = AuditEntry.objects.filter(actor=cadre, verb__in=VERBS, at__gte=begins, at__lt=begins + timedelta(days=1))
    return max(0, settings.REVEALS_A_DAY - seen.count())


@transaction.atomic
def reveal(bearer: Bearer, *, field: str, reason: str, actor: Cadre, on: date) -> Revealed:
    """The number in full, and one entry in the trail: who, whose, which village, why.

    Raises PermissionDenied for who may not, ValidationError without a reason or over the day's number.
    """
    household = bearer if isinstance(bearer, Household) else bearer.household
    if not can_reveal(actor, household, on):
        raise PermissionDenied(_("Only who works with this family sees its numbers in full."))
    number = numbers_of(bearer).get(field)
    if number is None:
        raise ValidationError({"field": _("This number is not entered. Choose another one.")})
    if not reason.strip():
        raise ValidationError({"purpose": _("Say what the number is needed for.")})
    # One after the other, so that two devices of one cadre cannot both take the last one of the day.
    Cadre.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    left = left_today(actor, on)
    if not left:
        raise ValidationError(_over_the_limit())
    changes: dict[str, list[Any]] = {field: [None, number.as_json()]}
    verb = "household.revealed" if isinstance(bearer, Household) else "person.revealed"
    village_id = household.village_id
    audit.record(actor=actor, verb=verb, target=bearer, village_id=village_id, reason=reason.strip(), changes=changes)
    label = str(bearer._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return Revealed(label, number.kind, number.reveal(), left - 1)


def _over_the_limit() -> str:
    return _(
        "You have seen %(number)s numbers in full today; that is the most for one day. "
        "Go on tomorrow, or ask the office for a list with the reason."
    ) % {"number": settings.REVEALS_A_DAY}
