"""What differs between the file and us, in words for the preview."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from households.models import (
    Cause,
    ExitRecord,
    Health,
    HelperPairing,
    Household,
    ImportGroup,
    ImportKind,
    ImportState,
    Person,
    RegisterImport,
    Risk,
)
from households.register_import.list_memory import remembers
from households.register_import.ours import year_of
from villages.models import Cadre, Pairing, PartnerUnit, Posting, Village

EMPTY = "—"
# Columns that hold lists of words.
LISTS = {"health": Health, "risks": Risk, "other_causes": Cause}
MODELS: dict[str, type[models.Model]] = {
    ImportKind.CADRES: Cadre,
    ImportKind.POSTS: Posting,
    ImportKind.HELPERS: HelperPairing,
    ImportKind.UNITS: PartnerUnit,
    ImportKind.PAIRINGS: Pairing,
    ImportKind.EXITS: ExitRecord,
}


class ChangeLine(NamedTuple):
    """One value that differs: whose it is, which, ours, the file's."""

    who: str
    what: str
    ours: str
    theirs: str
    is_conflict: bool


class Named(NamedTuple):
    """Names of what changes speak of by its key: villages by their codes, households that the reader reaches."""

    villages: Mapping[str, str]
    homes: Mapping[int, str]


def named_in(groups: Collection[ImportGroup], *, reader: Cadre, on: date) -> Named:
    """Villages between which households move, households between which persons do. A query for either, if any."""
    moves = [group.changes["updates"]["village"] for group in groups if group.is_moving]
    codes = {code for pair in moves for code in pair}
    villages = dict(Village.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}
    return Named(villages, homes_left(groups, reader=reader, on=on))


def homes_left(groups: Iterable[ImportGroup], *, reader: Cadre, on: date) -> dict[int, str]:
    """Key: head and number of the households from which persons come here, as far as the reader reaches."""
    left = {key for group in groups for _name, key in comers(group)}
    if not left:
        return {}
    homes = Household.objects.visible_to(reader, on).filter(pk__in=left).order_by()
    return {key: family(head, number) for key, head, number in homes.values_list("pk", "head_name", "number")}


def comers(group: ImportGroup) -> list[tuple[str, int]]:
    """Name, and household until now, of each person who comes from another household, in the file's order."""
    persons = group.changes.get("persons", ())
    return [(one["name"], one["updates"]["household"][0]) for one in persons if "household" in one.get("updates", ())]


def family(head: str, number: str) -> str:
    """A household as it is named in a sentence; the number alone where nobody is known as its head."""
    return _("%(head)s (%(number)s)") % {"head": head, "number": number} if head else number


def family_left(homes: Mapping[int, str], key: int) -> str:
    """The household that somebody leaves, in words that name nobody whom the reader does not reach."""
    return homes.get(key) or _("a household outside your places")


def changes_of(group: ImportGroup, kind: str, named: Named) -> list[ChangeLine]:
    """What differs in a household and its persons, or in a row of a list, in words. `named`: see named_in()."""
    changes = group.changes
    if group.is_moving:
        villages = [named.villages.get(code, code) for code in changes["updates"]["village"]]
        changes = changes | {"updates": changes["updates"] | {"village": villages}}
    model = MODELS.get(kind, Household)
    lines = _lines("", model, changes)
    for one in changes.get("persons", ()):
        if one["fate"] == "gone":
            lines.append(ChangeLine(one["name"], _("no longer in the file"), "", "", False))
        elif one["fate"] == "created":
            lines.append(ChangeLine(one["name"], _("new person"), "", "", False))
        elif move := one.get("updates", {}).get("household"):
            families = family_left(named.homes, move[0]), family(group.label, group.key)
            lines.append(ChangeLine(one["name"], _("moved to another household"), *families, False))
        lines += _lines(one["name"], Person, one)
    return lines


def _lines(who: str, model: type[models.Model], changes: dict[str, Any]) -> list[ChangeLine]:
    return [
        ChangeLine(who, *_said(model, name, pair), is_conflict)
        for part, is_conflict in (("conflicts", True), ("updates", False))
        for name, pair in changes.get(part, {}).items()
        if name != "household"  # of a person, named before all others
    ]


def _said(model: type[models.Model], name: str, pair: list[Any]) -> tuple[str, str, str]:
    """Name of the field, ours and the file's as people read them."""
    if year := year_of(name):
        return _("net income per head of %(year)s") % {"year": year}, _word(None, pair[0]), _word(None, pair[1])
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name, _word(None, pair[0]), _word(None, pair[1])
    ours, theirs = (_word(field, value) for value in pair)
    if ours == theirs and ours != EMPTY:
        theirs = _("%(mask)s (another number)") % {"mask": theirs}
    return str(capfirst(field.verbose_name)), ours, theirs


def _word(field: Any, value: Any) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(_word(field, one) for one in value)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field is not None and field.name in LISTS:
        return str(LISTS[field.name](value).label)
    return str(value)


def is_undoable(job: RegisterImport) -> bool:
    """Whether the page offers to undo it."""
    return job.state == ImportState.APPLIED and (job.is_of_households or remembers(job))
