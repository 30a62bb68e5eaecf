"""Enter measures for one or many households with one form; correct, end and take back: the only writers of Measure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from households.batches import claim, digest_of, require_same
from households.entering import can_enter_for, can_remove, lock_households, require_enter_for
from households.models import Household, Measure, MeasureKind
from households.models.measures import MeasureQuerySet
from households.models.persons import ADULT_AGE
from households.sensitive import worked_with
from villages import audit
from villages.models import Cadre

SAID_BY_THE_FORM = ("person", "kind", "content", "provider", "project", "amount", "starts_on", "ends_on", "result")


def measures_shown_to(cadre: Cadre, on: date) -> MeasureQuerySet:
    """Measures a page may show: those of health or for a child only to who works with the family, or entered it."""
    visible = Measure.objects.visible_to(cadre, on)
    if cadre.is_superuser:
        return visible
    grown_up = Q(person=None) | Q(person__born_on__lte=on - relativedelta(years=ADULT_AGE))
    needed = Q(household__in=worked_with(cadre, on)) | Q(recorded_by=cadre)
    return visible.filter(needed | (~Q(kind=MeasureKind.HEALTH) & grown_up))


def can_change_measure(cadre: Cadre, measure: Measure, on: date) -> bool:
    """Whoever may enter for the household corrects and ends its measures."""
    return can_enter_for(cadre, measure.household, on)


def can_remove_measure(cadre: Cadre, measure: Measure, on: date) -> bool:
    """Whoever entered it, and the office of the village."""
    return can_remove(cadre, measure, on)


def enter_measures(
    measure: Measure,
    *,
    batch_id: UUID,
    household_ids: Iterable[int],
    amounts: Mapping[int, Decimal] | None = None,
    actor: Cadre,
    on: date,
) -> list[Measure]:
    """Enter the measure for each of the households; `amounts` (yuan) differ from its own where a household is named.

    The same form sent twice returns the rows entered first. Raises ValidationError, PermissionDenied for a household
    the actor may not enter for, OtherContent when the form with this id said something else before.
    """
    ids, amounts = set(household_ids), dict(amounts or {})
    values = audit.snapshot(measure)
    digest = digest_of([{name: values[name] for name in SAID_BY_THE_FORM}, sorted(ids), sorted(amounts.items())])
    try:
        return _enter(measure, ids, amounts, batch_id, digest, actor, on)
    except (IntegrityError, PermissionDenied, ValidationError) as refusal:
        require_same(batch_id, digest, actor=actor, refusal=refusal)
        return list(Measure.objects.filter(batch=batch_id).select_related("household"))


def alike(rows: Collection[Measure]) -> list[Measure]:
    """Measures entered by another form that say the same for the same household and share a day with these."""
    if not rows:
        return []
    one = next(iter(rows))
    others = Measure.objects.filter(household__in={row.household_id for row in rows}, kind=one.kind)
    others = others.filter(content=one.content).exclude(batch=one.batch).select_related("household")
    return [
        other
        for other in others
        if (other.ends_on is None or other.ends_on >= one.starts_on)
        and (one.ends_on is None or other.starts_on <= one.ends_on)
    ]


@transaction.atomic
def _enter(
    measure: Measure, ids: set[int], amounts: dict[int, Decimal], batch_id: UUID, digest: str, actor: Cadre, on: date
) -> list[Measure]:
    if not ids:
        raise ValidationError(_("Choose at least one household."))
    if measure.person_id and len(ids) > 1:
        raise ValidationError({"person": _("Choose one household to name one of its persons.")})
    households = lock_households(ids, actor=actor, on=on)
    claim(batch_id, digest, actor=actor, on=on)
    made = [_for_household(measure, household, amounts, batch_id, actor, on) for household in households]
    made[0].full_clean()  # they differ in household and amount only
    for row in made[1:]:
        row.clean_fields(exclude={field.name for field in Measure._meta.fields} - {"amount"})
    rows = Measure.objects.bulk_create(made)
    audit.record_new(actor=actor, verb="measure.entered", rows=[(row, row.household.village_id) for row in rows])
    return rows


def _for_household(
    measure: Measure, household: Household, amounts: dict[int, Decimal], batch_id: UUID, actor: Cadre, on: date
) -> Measure:
    said: dict[str, Any] = {
        name: getattr(measure, name) for name in SAID_BY_THE_FORM if name not in {"person", "amount"}
    }
    return Measure(
        household=household,
        person_id=measure.person_id,
        amount=amounts.get(household.pk, measure.amount),
        batch=batch_id,
        recorded_by=actor,
        recorded_on=on,
        **said,
    )


@transaction.atomic
def correct_measure(measure: Measure, *, actor: Cadre, on: date, reason: str) -> Measure:
    """Store what the measure says now, with the reason; its household stays. Raises ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is corrected.")})
    return _change(measure, "measure.corrected", actor, on, reason)


@transaction.atomic
def end_measure(measure: Measure, *, ends_on: date, result: str, actor: Cadre, on: date) -> Measure:
    """Let the measure end on that day, with its result in a few words. Raises ValidationError, PermissionDenied."""
    measure.ends_on, measure.result = ends_on, result.strip()
    return _change(measure, "measure.ended", actor, on, "")


def _change(measure: Measure, verb: str, actor: Cadre, on: date, reason: str) -> Measure:
    stored = Measure.objects.select_for_update(of=("self",)).select_related("household").get(pk=measure.pk)
    require_enter_for(actor, stored.household, on)
    measure.household = stored.household
    measure.full_clean()
    measure.save()
    changes = audit.difference(audit.snapshot(stored), audit.snapshot(measure))
    if changes:
        audit.record(
            actor=actor,
            verb=verb,
            target=measure,
            village_id=stored.household.village_id,
            reason=reason.strip(),
            changes=changes,
        )
    return measure


@transaction.atomic
def remove_batch(batch_id: UUID, *, actor: Cadre, on: date, reason: str) -> int:
    """Take back everything one form entered, or nothing: returns how many. Raises like remove_measure."""
    rows = list(Measure.objects.filter(batch=batch_id).order_by("pk"))
    for row in rows:
        remove_measure(row, actor=actor, on=on, reason=reason)
    return len(rows)


@transaction.atomic
def remove_measure(measure: Measure, *, actor: Cadre, on: date, reason: str) -> None:
    """Take back a measure entered by mistake; its values stay in the audit trail.

    What the household answered about it goes along. Raises ValidationError without a reason, PermissionDenied.
    """
    stored = Measure.objects.select_for_update(of=("self",)).select_related("household").get(pk=measure.pk)
    if not can_remove_measure(actor, stored, on):
        raise PermissionDenied(_("Only the office, or whoever entered it, takes it back."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is taken back.")})
    audit.record(
        actor=actor,
        verb="measure.removed",
        target=stored,
        village_id=stored.household.village_id,
        reason=reason.strip(),
        changes=audit.difference(audit.snapshot(stored), {}),
    )
    stored.delete()
