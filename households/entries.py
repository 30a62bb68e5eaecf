"""How measures and benefit links are entered for many households with one form, corrected, ended and taken back.

A short description for each kind says what differs; households/measures.py and households/links.py hold them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from households.batches import claim, digest_of, require_same
from households.entering import can_remove, households_to_enter, lock_households, require_enter_for
from households.models import BenefitLink, Measure
from villages import audit
from villages.models import Cadre

Rows = list[Any]


def _nothing(_rows: Rows) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    """What is entered. `name` begins its verbs in the trail, `said` is what its form says of all households,
    `same` what two of them have in common when they say the same; `gone_along` tells what goes when one is removed.
    """

    model: type[Measure] | type[BenefitLink]
    name: str
    said: tuple[str, ...]
    same: tuple[str, ...]
    gone_along: Callable[[Any], dict[str, list[Any]]] = lambda _row: {}


def enter(
    kind: Kind,
    row: Any,
    *,
    batch_id: UUID,
    household_ids: Iterable[int],
    own: Any,
    before: Callable[[Rows], None] = _nothing,
    after: Callable[[Rows], None] = _nothing,
    actor: Cadre,
    on: date,
) -> Rows:
    """Enter the row for each of the households. `own` is what differs among them, as plain values.

    `before` and `after` see the rows before they are checked and after they are stored. The same form sent twice
    returns the rows entered first. Raises ValidationError, PermissionDenied for a household the actor may not enter
    for, OtherContent when the form with this id said something else before.
    """
    ids, values = set(household_ids), audit.snapshot(row)
    digest = digest_of([{name: values[name] for name in kind.said}, sorted(ids), own])
    try:
        return _enter(kind, row, ids, batch_id, digest, before, after, actor, on)
    except (IntegrityError, PermissionDenied, ValidationError) as refusal:
        require_same(batch_id, digest, actor=actor, refusal=refusal)
        return list(kind.model.objects.filter(batch=batch_id).select_related("household"))


@transaction.atomic
def _enter(
    kind: Kind,
    row: Any,
    ids: set[int],
    batch_id: UUID,
    digest: str,
    before: Callable[[Rows], None],
    after: Callable[[Rows], None],
    actor: Cadre,
    on: date,
) -> Rows:
    if not ids:
        raise ValidationError(_("Choose at least one household."))
    households = lock_households(ids, actor=actor, on=on)
    claim(batch_id, digest, actor=actor, on=on)
    said = {name: getattr(row, name) for name in kind.said} | {"batch": batch_id, "recorded_by": actor}
    model: Any = kind.model
    made = [model(household=household, recorded_on=on, **said) for household in households]
    before(made)
    made[0].full_clean()  # they differ in the household, and in what `before` has checked
    rows: Rows = model.objects.bulk_create(made)
    audit.record_new(actor=actor, verb=f"{kind.name}.entered", rows=[(one, one.household.village_id) for one in rows])
    after(rows)
    return rows


def alike(kind: Kind, rows: Collection[Any]) -> Rows:
    """Rows entered by another form that say the same for the same household and share a day with these."""
    if not rows:
        return []
    one: Any = next(iter(rows))
    others = kind.model.objects.filter(**{name: getattr(one, name) for name in kind.same}).exclude(batch=one.batch)
    shared = Q(ends_on__isnull=True) | Q(ends_on__gte=one.starts_on)
    if one.ends_on is not None:
        shared &= Q(starts_on__lte=one.ends_on)
    return list(others.filter(shared, household__in={row.household_id for row in rows}).select_related("household"))


@transaction.atomic
def correct(kind: Kind, row: Any, *, actor: Cadre, on: date, reason: str) -> Any:
    """Store what the row says now, with the reason; its household stays. Raises ValidationError, PermissionDenied."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is corrected.")})
    return _change(kind, row, "corrected", actor, on, reason)


@transaction.atomic
def end(kind: Kind, row: Any, *, ends_on: date, actor: Cadre, on: date, **said: str) -> Any:
    """Let the row end on that day; `said` is what else is said of its end. Raises ValidationError, PermissionDenied."""
    row.ends_on = ends_on
    for name, text in said.items():
        setattr(row, name, text.strip())
    return _change(kind, row, "ended", actor, on, "")


def _change(kind: Kind, row: Any, verb: str, actor: Cadre, on: date, reason: str) -> Any:
    stored = _stored(kind, row)
    require_enter_for(actor, stored.household, on)
    row.household = stored.household
    row.full_clean()
    row.save()
    if changes := audit.difference(audit.snapshot(stored), audit.snapshot(row)):
        _tell(kind, row, verb, actor, reason, changes)
    return row


@transaction.atomic
def end_many(kind: Kind, ids: Collection[int], *, ends_on: date, actor: Cadre, on: date, **said: str) -> int:
    """Let all of them end on that day, or none: returns how many did. What has ended by then stays as it is.

    Words left empty leave each row's own. Raises ValidationError naming who begins later, and PermissionDenied when one
    of the rows is not the actor's to change.
    """
    found = kind.model.objects.filter(pk__in=ids, household__in=households_to_enter(actor, on))
    rows: Rows = list(found.select_related("household").order_by("pk").select_for_update(of=("self",)))
    if len(rows) < len(set(ids)):
        raise PermissionDenied(_("One of those chosen is not, or no longer, one of yours. Open the list again."))
    running = [row for row in rows if row.ends_on is None or row.ends_on > ends_on]
    if late := [row.household.head_name for row in running if row.starts_on > ends_on]:
        names = {"names": _(", ").join(dict.fromkeys(late))}
        raise ValidationError({"ends_on": _("Begins after this day: %(names)s. Choose a later day.") % names})
    given = {name: text.strip() for name, text in said.items() if text.strip()}
    changed = [(row, _ended(row, ends_on, given)) for row in running]
    kind.model.objects.bulk_update(running, ["ends_on", *given])
    audit.record_changed(
        actor=actor,
        verb=f"{kind.name}.ended",
        rows=[(row, row.household.village_id, changes) for row, changes in changed],
    )
    return len(running)


def _ended(row: Any, ends_on: date, given: dict[str, str]) -> dict[str, list[Any]]:
    """The row with its last day, checked; what changed."""
    before = audit.snapshot(row)
    row.ends_on = ends_on
    for name, text in given.items():
        setattr(row, name, text)
    row.clean_fields(exclude={field.name for field in row._meta.fields} - {"ends_on", *given})
    return audit.difference(before, audit.snapshot(row))


@transaction.atomic
def remove_batch(kind: Kind, batch_id: UUID, *, actor: Cadre, on: date, reason: str) -> int:
    """Take back everything one form entered, or nothing: returns how many. Raises like remove()."""
    rows = list(kind.model.objects.filter(batch=batch_id).order_by("pk"))
    for row in rows:
        remove(kind, row, actor=actor, on=on, reason=reason)
    return len(rows)


@transaction.atomic
def remove(kind: Kind, row: Any, *, actor: Cadre, on: date, reason: str) -> None:
    """Take back a row entered by mistake, and what hangs on it; the values stay in the audit trail.

    Raises ValidationError without a reason, PermissionDenied.
    """
    stored = _stored(kind, row)
    if not can_remove(actor, stored, on):
        raise PermissionDenied(_("Only the office, or whoever entered it, takes it back."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is taken back.")})
    gone = audit.difference(audit.snapshot(stored), {}) | kind.gone_along(stored)
    _tell(kind, stored, "removed", actor, reason, gone)
    stored.delete()


def _stored(kind: Kind, row: Any) -> Any:
    return kind.model.objects.select_for_update(of=("self",)).select_related("household").get(pk=row.pk)


def _tell(kind: Kind, row: Any, verb: str, actor: Cadre, reason: str, changes: dict[str, Any]) -> None:
    audit.record(
        actor=actor,
        verb=f"{kind.name}.{verb}",
        target=row,
        village_id=row.household.village_id,
        reason=reason.strip(),
        changes=changes,
    )
