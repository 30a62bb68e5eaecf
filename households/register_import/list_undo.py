"""Take back what an import of a list has written: remove what it created, put back what it changed, set by set."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import F, Model, Q

from households import pairings
from households.models import HelperPairing, ImportKind, RegisterImport
from households.register_import.differences import MODELS
from households.register_import.list_memory import Touched, in_batches, touched
from households.register_import.records import Trail
from villages import audit, postings, reach
from villages.facts import told_together
from villages.models import Cadre, Posting
from villages.models.periods import DatedFact, OneAtATime
from villages.pour import rewrite

# What a record is called in the trail, as its verbs call it.
CALLED = {
    ImportKind.CADRES: "cadre",
    ImportKind.POSTS: "posting",
    ImportKind.HELPERS: "helper",
    ImportKind.UNITS: "partnerunit",
    ImportKind.PAIRINGS: "pairing",
    ImportKind.EXITS: "exit",
}
# Kinds of which credit is derived, with who lets it follow.
FOLLOWED: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    ImportKind.POSTS: postings.follow,
    ImportKind.HELPERS: pairings.follow,
}


def undo_list(job: RegisterImport, trail: Trail) -> None:
    """Put everything back, inside the caller's transaction; nothing stands in the way."""
    model = MODELS[job.kind]
    records = touched(job, model)
    villages = _villages_of(model, records)
    told = CALLED[ImportKind(job.kind)]
    for one in records:
        changes = audit.difference(one.now, one.was or {})
        verb = f"{told}.{'removed' if one.is_created else 'corrected'}"
        trail.tell(verb, model._meta.label, one.key, villages.get(one.key), changes)
    trail.write()
    for some in in_batches([one.key for one in records if one.is_created]):
        model._default_manager.filter(pk__in=some).order_by()._raw_delete("default")  # type: ignore[attr-defined]
    _put_back(model, [one for one in records if not one.is_created])
    with told_together():
        for one in records if job.kind in FOLLOWED else ():
            FOLLOWED[job.kind](one.now, one.was or {})


def _put_back(model: type[Model], records: list[Touched]) -> None:
    """Give the changed rows their earlier values."""
    names = {name for one in records for name in one.changed} | _step_aside(model, records)
    fields = [field for field in model._meta.concrete_fields if field.name in names]
    for some in in_batches(records):
        rows = []
        for one in some:
            one.restore()
            rows.append([one.key, *(getattr(one.row, field.attname) for field in fields)])
        rewrite(model, [str(field.column) for field in fields], rows)


def _step_aside(model: type[Model], records: list[Touched]) -> set[str]:
    """Each keeps one day and leads nobody meanwhile: of two that change places, neither is in the other's way.

    Returns the fields that must be written anew.
    """
    if not issubclass(model, DatedFact):
        return set()
    conditions = [one.condition for one in model._meta.constraints if isinstance(one, OneAtATime) and one.condition]
    flags = {name: False for condition in conditions for name, value in condition.children if value is True}  # type: ignore[misc]
    for some in in_batches([one.key for one in records]):
        model._default_manager.filter(pk__in=some).update(ends_on=F("starts_on"), **flags)
    return {"ends_on", *flags}


def _villages_of(model: type[Model], records: list[Touched]) -> dict[int, str | None]:
    """The village each entry of the trail is about, where there is one."""
    if model is HelperPairing:
        return _homes(records)
    return {one.key: one.now.get("village") for one in records}


def _homes(records: list[Touched]) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    for some in in_batches([one.key for one in records]):
        found |= dict(HelperPairing.objects.filter(pk__in=some).order_by().values_list("pk", "household__village"))
    return found


# Who may ------------------------------------------------------------------------------------------


def may_undo_list(job: RegisterImport, actor: Cadre, on: date) -> bool:
    """Whether every record is still at one of the actor's places, as its verb would ask for each."""
    if actor.is_superuser:
        return True
    model = MODELS[job.kind]
    records = [one for one in touched(job, model) if one.row is not None]
    if model is Cadre and any(one.row.is_superuser for one in records):
        return False
    mine = tuple(reach.office_places(actor, on))
    is_district = any(len(code) <= reach.DISTRICT_DIGITS for code in mine)
    return all(code.startswith(mine) if code else is_district for code in _codes_of(model, records, on))


def _codes_of(model: type[Model], records: list[Touched], on: date) -> set[str]:
    """The places where the records stand; of accounts, where the cadres work now or will."""
    if model is Cadre:
        return _workplaces([one.key for one in records], on)
    if model is Posting:
        return {one.row.place_code for one in records}
    return {code for code in _villages_of(model, records).values() if code}


def _workplaces(keys: list[int], on: date) -> set[str]:
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    codes: set[str] = set()
    for some in in_batches(keys):
        codes |= set(Posting.objects.filter(lasting, cadre__in=some).values_list("place_code", flat=True))
        helping = HelperPairing.objects.filter(lasting, cadre__in=some)
        codes |= set(helping.values_list("household__village", flat=True))
    return codes
