"""What keeps an import of a list from being undone: what was changed since, and what depends on it now, by name."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Count, Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.models import HelperPairing, ImportGroup, ImportState, RegisterImport
from households.register_import.differences import MODELS
from households.register_import.list_memory import Touched, in_batches, remembers, touched
from villages.models import Cadre, Pairing, Posting
from villages.models.periods import FOREVER, OneAtATime

MOST_NAMED = 5
MOST_LETTERS = 30  # of a name: the whole must fit beside the import
# What the office can take back by hand; all else that depends on a record stays.
REMOVABLE = (Cadre, Posting, Pairing, HelperPairing)


class Obstacle(NamedTuple):
    """What stands in the way, and whether somebody can clear it away."""

    said: str
    can_go: bool


def why_not(job: RegisterImport) -> str:
    """Why the import of a list cannot be undone, in the reader's language; empty when it can."""
    if not remembers(job):
        return _("This import was written before lists could be undone. Correct single records on their own pages.")
    model = MODELS[job.kind]
    records = touched(job, model)
    if _closes_own_account(job, records):
        return _("You cannot close your own account. Ask a colleague.")
    if changed := [*_changed_since(records)]:
        return _told(changed, _later_import(job))
    found = [*_signed_in(model, records), *_dependents(model, records)]
    found += [*_vanished(model, records), *_overlapping(model, records)]
    return _told(found, None) if found else ""


def _told(found: list[Obstacle], later: RegisterImport | None) -> str:
    named = [one.said for one in found[:MOST_NAMED]]
    if more := len(found) - len(named):
        named.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    if later:
        remedy = _("Undo the later import “%(file)s” first.") % {"file": later.file_name[:MOST_LETTERS]}
    elif all(one.can_go for one in found):
        remedy = _("Undo or remove these first, then undo this import.")
    else:
        remedy = _("Correct single records on their own pages instead.")
    said = {"obstacles": _("; ").join(named), "remedy": remedy}
    return _("Nothing was undone, because of this: %(obstacles)s. %(remedy)s") % said


def _later_import(job: RegisterImport) -> RegisterImport | None:
    """The last import of the same kind that has written the same rows."""
    mine = ImportGroup.objects.filter(job=job, before__isnull=False).order_by().values("key")
    written = ImportGroup.objects.filter(before__isnull=False, key__in=mine).order_by().values("job")
    later = RegisterImport.objects.filter(kind=job.kind, state=ImportState.APPLIED, last_entry__gt=job.last_entry)
    return later.filter(pk__in=written).order_by("-pk").first()


def _short(one: Touched) -> str:
    return one.name[:MOST_LETTERS]


def _closes_own_account(job: RegisterImport, records: list[Touched]) -> bool:
    """Whether whoever undoes it would lock the door behind themselves."""
    if job.undone_by is None:
        return False
    return any(one.row == job.undone_by and "is_active" in one.changed and one.now["is_active"] for one in records)


def _changed_since(records: list[Touched]) -> Iterator[Obstacle]:
    for one in records:
        if one.row is None:
            yield Obstacle(_("%(name)s was removed later") % {"name": _short(one)}, False)
        elif not one.is_as_left():
            yield Obstacle(_("%(name)s was changed later") % {"name": _short(one)}, False)


# What depends on what was created ----------------------------------------------------------------


def _signed_in(model: type[Model], records: list[Touched]) -> Iterator[Obstacle]:
    """Nobody keeps who signed in when; but without a password nobody could."""
    if model is Cadre:
        for one in records:
            if one.is_created and one.row.has_usable_password():
                yield Obstacle(_("%(name)s has a password and may have signed in") % {"name": _short(one)}, False)


def _dependents(model: type[Model], records: list[Touched]) -> Iterator[Obstacle]:
    """How many of what belong to each record that the import has added, whichever app keeps them."""
    created = {one.key: one for one in records if one.is_created}
    found: dict[int, list[Obstacle]] = defaultdict(list)
    for related, name in _pointing_to(model):
        what = str(related._meta.verbose_name_plural)
        for some in in_batches(created):
            rows = related._base_manager.filter(**{f"{name}__in": some}).order_by().values_list(name)
            for key, count in rows.annotate(count=Count("pk")):
                said = _("%(name)s: %(what)s (%(count)s)") % {
                    "name": _short(created[key]),
                    "what": what,
                    "count": count,
                }
                found[key].append(Obstacle(said, related in REMOVABLE))
    for key in created:
        yield from found[key]


def _pointing_to(model: type[Model]) -> list[tuple[type[Model], str]]:
    """The models with a field that names a record of this one; also those that it does not know by name."""
    relations: Any = [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and field.is_relation and not field.concrete
    ]
    between = {relation.through for relation in relations if relation.many_to_many}
    return [
        (relation.related_model, relation.field.name) for relation in relations if relation.related_model not in between
    ]


# What would not fit any more ---------------------------------------------------------------------


def _vanished(model: type[Model], records: list[Touched]) -> Iterator[Obstacle]:
    """What a record pointed to before, and is not there any more."""
    for field in model._meta.concrete_fields:
        if not field.is_relation:
            continue
        wanted = [one for one in records if field.name in one.changed and one.was and one.was[field.name] is not None]
        keys = {one.was[field.name] for one in wanted if one.was}
        there: set[Any] = set()
        for some in in_batches(keys):
            related: Any = field.related_model
            there |= set(related._base_manager.filter(pk__in=some).values_list("pk", flat=True))
        for one in wanted:
            if one.was and one.was[field.name] not in there:
                said = {"name": _short(one), "what": field.verbose_name}
                yield Obstacle(_("%(name)s: what stood under “%(what)s” before was removed") % said, False)


def _overlapping(model: type[Model], records: list[Touched]) -> Iterator[Obstacle]:
    """Records of others in the time that a record would have again."""
    back = [one for one in records if not one.is_created]
    for one in back:
        one.restore()
    mine = {one.key for one in records}
    for constraint in model._meta.constraints:
        if back and isinstance(constraint, OneAtATime):
            yield from _in_one_time(model, constraint, back, mine)


def _in_one_time(model: type[Model], constraint: OneAtATime, back: list[Touched], mine: set[int]) -> Iterator[Obstacle]:
    names = constraint.attnames(model)
    wanted: dict[tuple, list[Touched]] = defaultdict(list)
    for one in back:
        same = tuple(getattr(one.row, name) for name in names)
        if None not in same and _meets(constraint.condition, one.row):
            wanted[same].append(one)
    pointers = [field.name for field in model._meta.concrete_fields if field.is_relation]
    for some in in_batches(sorted({same[-1] for same in wanted})):
        others: Any = model._default_manager.filter(constraint.condition or Q(), **{f"{names[-1]}__in": some})
        for other in others.select_related(*pointers).order_by("pk"):
            for one in () if other.pk in mine else wanted.get(tuple(getattr(other, name) for name in names), ()):
                if other.starts_on <= (one.row.ends_on or FOREVER) and one.row.starts_on <= (other.ends_on or FOREVER):
                    said = {"name": _short(one), "other": str(other)[:MOST_LETTERS], "day": other.starts_on}
                    yield Obstacle(_("%(name)s: “%(other)s” from %(day)s stands in the same time") % said, True)


def _meets(condition: Q | None, row: Any) -> bool:
    """Whether the row has what a constraint asks for: these ask for a value, or for one of several."""
    for name, value in condition.children if condition else ():  # type: ignore[misc]
        field, _dot, lookup = name.partition("__")
        if getattr(row, field) not in (value if lookup == "in" else [value]):
            return False
    return True
