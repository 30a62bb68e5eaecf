"""Take back what an import has written, as a whole, while nothing later depends on it; households stand here."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.models import (
    Household,
    HouseholdMove,
    ImportGroup,
    ImportState,
    Income,
    Person,
    RegisterImport,
    Relation,
    Source,
)
from households.models.imports import Fate
from households.persons import told as told_of_person
from households.register_import import list_obstacles
from households.register_import.identities import names_sharing, shared_identities
from households.register_import.list_obstacles import MOST_LETTERS, MOST_NAMED
from households.register_import.list_undo import undo_list
from households.register_import.packing import unpacked
from households.register_import.records import (
    HOUSEHOLD_COLUMNS,
    PERSON_COLUMNS,
    UNTOLD,
    Trail,
    row_of,
    write_persons,
)
from villages import audit
from villages.calendar import day_of
from villages.facts import FactChange, announce
from villages.models import AuditEntry
from villages.pour import rewrite

BATCH = 2000


class CannotUndo(Exception):
    """Something later depends on the import. The text says what, and what to do."""


def why_not(job: RegisterImport) -> str:
    """Why the import cannot be undone, in the reader's language; empty when it can."""
    if not job.is_of_households:
        return list_obstacles.why_not(job)
    if reason := _brought_in_later(job):
        return reason
    count, names = _edited_since(job)
    if count:
        return ngettext(
            "%(count)s record of this import was changed later: %(names)s. Correct single records instead.",
            "%(count)s records of this import were changed later, such as: %(names)s. Correct single records instead.",
            count,
        ) % {"count": count, "names": _(", ").join(names)}
    for name, count in _dependents(job):
        return _("%(count)s of: %(name)s belong to households or persons that this import has added.") % {
            "count": count,
            "name": name,
        }
    return ""


def undo_import(job: RegisterImport, *, now: datetime) -> None:
    """Put everything back, inside the caller's transaction. Raises CannotUndo."""
    if reason := why_not(job):
        raise CannotUndo(reason)
    undo = _undo_households if job.is_of_households else undo_list
    shared = shared_identities(day_of(now)) if job.is_of_households else set()
    undo(job, Trail(job.undone_by, now))
    if job.is_of_households and (names := names_sharing(shared_identities(day_of(now)) - shared)):
        raise CannotUndo(_said_of_shared(names))
    # Another import of these households may have been written while this one waited for their locks.
    if job.is_of_households and (reason := _brought_in_later(job)):
        raise CannotUndo(reason)


def _said_of_shared(names: list[str]) -> str:
    """Whoever left, or had another identity number, by the import: that number was entered for somebody since."""
    return _("An identity number would belong to two persons: %(names)s. Correct single records instead.") % {
        "names": _(", ").join(name[:MOST_LETTERS] for name in names[: 2 * MOST_NAMED])
    }


def _undo_households(job: RegisterImport, trail: Trail) -> None:
    restless: set[int] = set()
    position = 0
    changed = ImportGroup.objects.filter(job=job, before__isnull=False)
    _step_down(job)
    while groups := list(changed.filter(position__gt=position).order_by("position")[:BATCH]):
        restless |= _put_back(job, groups, trail)
        trail.write()
        position = groups[-1].position
    _take_out_created(job, trail)
    trail.write()
    _unnote_the_day(job)
    if restless:
        announce(FactChange(since=date.min, household_ids=frozenset(restless)))


def _keys(job: RegisterImport, *fates: str) -> QuerySet[Any]:
    return ImportGroup.objects.filter(job=job, fate__in=fates).order_by().values("key")


def _created(job: RegisterImport) -> QuerySet[Household]:
    return Household.objects.filter(number__in=_keys(job, Fate.CREATED))


def _touched(job: RegisterImport) -> Q:
    """The condition that a household was written by the import."""
    return Q(number__in=_keys(job, Fate.CREATED, Fate.GONE)) | Q(
        number__in=ImportGroup.objects.filter(job=job, before__isnull=False).order_by().values("key")
    )


# What depends on it -------------------------------------------------------------------------------


def _brought_in_later(job: RegisterImport) -> str:
    """Which later import the sentence names that is to be undone first; empty when there is none."""
    later = _later_import(job)
    if later is None:
        return ""
    return _("“%(file)s” was brought in later and concerns the same households. Undo that import first.") % {
        "file": later.file_name
    }


def _later_import(job: RegisterImport) -> RegisterImport | None:
    later = RegisterImport.objects.of_households().filter(state=ImportState.APPLIED, last_entry__gt=job.last_entry)
    mine = ImportGroup.objects.filter(job=job).order_by().values("key")
    written = Q(fate__in=(Fate.CREATED, Fate.UPDATED)) | Q(before__isnull=False)
    for one in later.order_by("-pk"):
        if ImportGroup.objects.filter(written, job=one, key__in=mine).exists():
            return one
    return None


def _edited_since(job: RegisterImport) -> tuple[int, list[str]]:
    """How many of the households and persons the trail knows a later change of, and the first of their names."""
    later = AuditEntry.objects.filter(pk__gt=job.last_entry or 0).exclude(_undone_since(job)).order_by()
    homes = _touched(job)
    persons = Q(household__in=Household.objects.filter(homes)) | Q(pk__in=_gone_elsewhere(job, later))
    kinds: list[tuple[type[Model], Q, str]] = [(Household, homes, "head_name"), (Person, persons, "name")]
    heads = _incomes_edited(job, later)
    count, names = len(heads), heads[:MOST_NAMED]
    for model, mine, name in kinds:
        keys = later.filter(target_type=model._meta.label).values_list("target_id", flat=True).distinct()
        if edited := {int(key) for key in keys if key.isdigit()}:
            rows = model._default_manager.filter(mine, pk__in=edited).order_by("pk")
            count += rows.count()
            names += (one[:MOST_LETTERS] for one in rows.values_list(name, flat=True)[: MOST_NAMED - len(names)])
    return count, names


def _gone_elsewhere(job: RegisterImport, later: QuerySet[AuditEntry]) -> set[int]:
    """Persons who have left the import's households for others since, by hand or by an import that names only these."""
    moved = later.filter(target_type=Person._meta.label, changes__has_key="household")
    left: dict[int, set[int]] = defaultdict(set)
    for key, changes in moved.values_list("target_id", "changes"):
        left[changes["household"][0] or 0].add(int(key))
    homes = Household.objects.filter(_touched(job), pk__in=left).values_list("pk", flat=True) if left else ()
    return {person for home in homes for person in left[home]}


def _incomes_edited(job: RegisterImport, later: QuerySet[AuditEntry]) -> list[str]:
    """Heads of the households of which an income that the import has written was changed or removed since."""
    told = later.filter(target_type=Income._meta.label)
    removed = told.filter(verb="income.removed").values_list("changes", flat=True)
    edited = {(changes["household"][0], changes["year"][0]) for changes in removed}
    kept = Income.objects.filter(pk__in=[int(key) for key in told.values_list("target_id", flat=True)])
    edited |= {*kept.values_list("household", "year")}
    if not edited:
        return []
    mine = Household.objects.filter(_touched(job), pk__in={home for home, _year in edited}).order_by("pk")
    homes = {number: (pk, head[:MOST_LETTERS]) for pk, number, head in mine.values_list("pk", "number", "head_name")}
    heads = []
    for group in ImportGroup.objects.filter(job=job, key__in=homes).exclude(fate=Fate.GONE).order_by("position"):
        home, head = homes[group.key]
        years = [year for year, _had in unpacked(group.before).get("incomes", ())] if group.before else []
        if any(of == home and (group.fate == Fate.CREATED or year in years) for of, year in edited):
            heads.append(head)
    return heads


def _undone_since(job: RegisterImport) -> Q:
    """The entries of later imports that were undone: what these wrote, and what putting it back wrote."""
    found = Q(pk=None)
    for one in RegisterImport.objects.filter(state=ImportState.UNDONE, last_entry__gt=job.last_entry or 0):
        undone = AuditEntry.objects.filter(verb="import.undone", target_type=one._meta.label, target_id=one.pk)
        end = undone.values_list("pk", flat=True).last() or 0
        found |= Q(pk__lte=one.last_entry, at=one.applied_at, actor=one.confirmed_by)
        found |= Q(pk__range=(one.last_entry, end), at=one.undone_at, actor=one.undone_by)
    return found


def _dependents(job: RegisterImport) -> Any:
    """Name and number of records that belong to what the import has added."""
    homes = _created(job)
    newcomers = [number for piece in _before(job) for number in piece.get("created", ())]
    persons = Person.objects.filter(Q(household__in=homes) | Q(number__in=newcomers))
    for model, rows in ((Household, homes), (Person, persons)):
        for relation in model._meta.related_objects:
            related: type[Model] = relation.related_model  # type: ignore[assignment]
            found = related._base_manager.filter(**{f"{relation.field.name}__in": rows.order_by().values("pk")})
            if related is Person:
                continue
            if related is Income:
                found = found.exclude(source=Source.REGISTER, as_of=job.as_of)
            if count := found.count():
                yield related._meta.verbose_name_plural, count


def _before(job: RegisterImport) -> Any:
    pieces = ImportGroup.objects.filter(job=job, before__isnull=False).order_by("position")
    for piece in pieces.values_list("before", flat=True).iterator(chunk_size=BATCH):
        yield unpacked(piece)


# Putting back ---------------------------------------------------------------------------------------


def _put_back(job: RegisterImport, groups: list[ImportGroup], trail: Trail) -> set[int]:
    pieces = {group.key: unpacked(group.before) for group in groups}
    homes = {
        home.number: home
        for home in Household.objects.filter(number__in=pieces).order_by("pk").select_for_update(of=("self",))
    }
    wanted = {int(pk): values for piece in pieces.values() for pk, values in piece.get("persons", {}).items()}
    newcomers = [number for piece in pieces.values() for number in piece.get("created", ())]
    Person.objects.filter(number__in=newcomers).delete()
    rows, restless = [], set()
    for number, piece in pieces.items():
        if "household" not in piece:
            continue
        home = homes[number]
        told = audit.snapshot(home)
        came_back = (home.village_id, home.left_on)
        restore(home, piece["household"])
        if came_back != (home.village_id, home.left_on):
            restless.add(home.pk)
        if came_back[0] != home.village_id:
            _put_back_move(job, home, piece.get("move"))
        changes = audit.difference(told, audit.snapshot(home))
        changes = {name: pair for name, pair in changes.items() if name not in UNTOLD}
        if changes:
            trail.tell("household.corrected", "households.Household", home.pk, home.village_id, changes)
        rows.append(row_of(home, HOUSEHOLD_COLUMNS))
        _put_back_incomes(home, piece.get("incomes", ()))
    rewrite(Household, HOUSEHOLD_COLUMNS, rows)
    _put_back_persons(wanted, trail)
    return restless


def _put_back_move(job: RegisterImport, home: Household, had: list[str] | None) -> None:
    """The day has the move again that it had before the import, if any."""
    moves = HouseholdMove.objects.filter(household=home, moved_on=job.applied_on)
    moves.delete()
    if had:
        from_village, to_village = had
        move = HouseholdMove(household=home, from_village_id=from_village, to_village_id=to_village)
        move.moved_on = job.applied_on  # type: ignore[assignment]  # what is undone was written on a day
        move.save()


def _step_down(job: RegisterImport) -> None:
    """Nobody whom the import touched is a head meanwhile: a household has one at a time, in whatever order."""
    for piece in _before(job):
        touched = Q(pk__in=[int(pk) for pk in piece.get("persons", {})]) | Q(number__in=piece.get("created", ()))
        if piece.get("persons") or piece.get("created"):
            Person.objects.filter(touched, relation=Relation.HEAD).update(relation=Relation.OTHER)


def _put_back_persons(wanted: dict[int, dict[str, Any]], trail: Trail) -> None:
    rows = []
    for person in Person.objects.filter(pk__in=wanted).select_related("household").order_by("pk"):
        told = told_of_person(person)
        restore(person, wanted[person.pk])
        changes = audit.difference(told, told_of_person(person))
        trail.tell("person.corrected", "households.Person", person.pk, person.household.village_id, changes)
        rows.append(row_of(person, PERSON_COLUMNS))
    write_persons(rows)


def _put_back_incomes(home: Household, incomes: Any) -> None:
    """A year's income as it was; imports that were written earlier remember its amount alone."""
    for year, had in incomes:
        income = Income.objects.filter(household=home, year=year)
        if had is None:
            income.filter(source=Source.REGISTER).delete()
        else:
            income.update(**(had if isinstance(had, dict) else {"per_head": had}))


def _take_out_created(job: RegisterImport, trail: Trail) -> None:
    """Households that the import has added, with their persons; nothing else belongs to them."""
    homes = _created(job)
    for pk, village_id, number, head in homes.values_list("pk", "village_id", "number", "head_name"):
        changes = {"number": [number, None], "head_name": [head, None]}
        trail.tell("household.removed", "households.Household", pk, village_id, changes)
    keys = homes.order_by().values("pk")
    Income.objects.filter(household__in=keys)._raw_delete("default")
    Person.objects.filter(household__in=keys)._raw_delete("default")
    homes.order_by()._raw_delete("default")


def _unnote_the_day(job: RegisterImport) -> None:
    """What was only confirmed agrees with the latest export again that others have brought or confirmed."""
    same = ImportGroup.objects.filter(job=job, fate=Fate.UNCHANGED, before__isnull=True).order_by().values("key")
    noted = Household.objects.filter(number__in=same, register_as_of=job.as_of, register_row__isnull=False)
    since = RegisterImport.objects.filter(groups=OuterRef(OuterRef("register_row"))).values("last_entry")[:1]
    named = Q(groups__key=OuterRef("number"), groups__fate__in=(Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED))
    others = RegisterImport.objects.of_households().filter(
        named, state=ImportState.APPLIED, last_entry__gte=Subquery(since)
    )
    latest = others.exclude(pk=job.pk).order_by("-as_of").values("as_of")[:1]
    noted.exclude(register_row__job=job.pk).update(register_as_of=Subquery(latest))


def restore(row: Any, values: dict[str, Any]) -> None:
    """Give the row its remembered columns; numbers are sealed as they are set."""
    for name, value in values.items():
        if (value and name.endswith("_on")) or name == "register_as_of":
            value = date.fromisoformat(value) if value else None
        setattr(row, name, value)
