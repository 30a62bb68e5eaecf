"""Load the official register of divisions and say what changed: 276 villages, not 313 entries."""

from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.db import transaction

from villages import audit
from villages.division_file import Entry
from villages.models import Cadre, District, Town, Village

SHIPPED = Path(__file__).resolve().parent / "data" / "divisions-360704.csv"
# The register names towns and villages, not the district itself.
KNOWN_DISTRICTS = {"360704": "赣县区"}

Place = District | Town | Village
Level = TypeVar("Level", Town, Village)


class What(Enum):
    """What happened to a place; the value is its verb in the audit trail."""

    ADDED = "added"
    RENAMED = "renamed"
    RETURNED = "returned"
    MOVED = "moved"
    VANISHED = "vanished"


class Change(NamedTuple):
    """A place that the new register has otherwise; `before` is its former name or, if moved, its code."""

    what: What
    place: Place
    before: str = ""


class UnknownDistrict(Exception):
    """The register does not hold the district's name, and nobody gave it."""


@dataclass
class LoadReport:
    """What the register holds now and what changed by loading it."""

    entries: int
    towns: int
    villages: int
    is_first: bool
    changes: list[Change] = field(default_factory=list)


class _Wanted(NamedTuple):
    name: str
    parent: str


@transaction.atomic
def load_register(*, entries: list[Entry], actor: Cadre | None, district_name: str = "") -> LoadReport:
    """Make districts, towns and villages what the register says, and audit each change.

    Nothing is deleted: a place that vanished stays, marked as no longer in the register, and so does the
    old code of a village that got a new one. Raises UnknownDistrict.
    """
    villages = {entry.code: _Wanted(entry.name, entry.town_code) for entry in entries if entry.is_village}
    code = entries[0].district_code
    towns = {entry.town_code: _Wanted(entry.town_name, code) for entry in entries if entry.is_village}
    district, changes = _load_district(code, district_name)
    report = LoadReport(len(entries), len(towns), len(villages), is_first=any(c.what is What.ADDED for c in changes))
    changes += _load(Town, "district_id", code, towns)
    changes += _moves(_load(Village, "town_id", code, villages))
    report.changes = changes
    _audit(district, report, actor)
    return report


def _load_district(code: str, name: str) -> tuple[District, list[Change]]:
    district = District.objects.select_for_update().filter(code=code).first()
    if district is None:
        name = name or KNOWN_DISTRICTS.get(code, "")
        if not name:
            raise UnknownDistrict(code)
        district = District.objects.create(code=code, name=name)
        return district, [Change(What.ADDED, district)]
    if name in ("", district.name):
        return district, []
    before, district.name = district.name, name
    district.save(update_fields=["name"])
    return district, [Change(What.RENAMED, district, before)]


def _load(model: type[Level], parent: str, within: str, wanted: dict[str, _Wanted]) -> list[Change]:
    """Bring one level of places in line with the register, in at most two statements."""
    known: dict[str, Level] = {row.pk: row for row in model._default_manager.filter(pk__startswith=within)}
    missing = {code: place for code, place in wanted.items() if code not in known}
    new: list[Level] = [model(pk=code, name=name, **{parent: above}) for code, (name, above) in missing.items()]
    changes: dict[str, list[Change]] = {code: _bring_up_to_date(row, wanted.get(code)) for code, row in known.items()}
    model._default_manager.bulk_create(new)
    model._default_manager.bulk_update([known[code] for code, found in changes.items() if found], ["name", "is_active"])
    return [*(Change(What.ADDED, row) for row in new), *chain.from_iterable(changes.values())]


def _bring_up_to_date(row: Town | Village, wanted: _Wanted | None) -> list[Change]:
    """Change the row in memory to what the register says."""
    if wanted is None:
        was_active, row.is_active = row.is_active, False
        return [Change(What.VANISHED, row)] if was_active else []
    changes = []
    if row.name != wanted.name:
        changes.append(Change(What.RENAMED, row, row.name))
        row.name = wanted.name
    if not row.is_active:
        changes.append(Change(What.RETURNED, row))
        row.is_active = True
    return changes


def _moves(changes: list[Change]) -> list[Change]:
    """Read "vanished here, added there" under one name as a village that got a new code.

    Only when no other village of that name came or went, so that two villages of one name stay apart.
    """
    gone, come = (_by_name(changes, what) for what in (What.VANISHED, What.ADDED))
    pairs = {name: (gone[name][0], come[name][0]) for name in gone if len(gone[name]) == len(come.get(name, ())) == 1}
    moved = [Change(What.MOVED, new, old.pk) for old, new in pairs.values()]
    codes = {place.pk for pair in pairs.values() for place in pair}
    return moved + [change for change in changes if change.place.pk not in codes]


def _by_name(changes: list[Change], what: What) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for change in changes:
        if change.what is what:
            found.setdefault(change.place.name, []).append(change.place)
    return found


def _audit(district: District, report: LoadReport, actor: Cadre | None) -> None:
    """One entry for the first load as a whole, later one for each change."""
    if report.is_first:
        counts = {"towns": [0, report.towns], "villages": [0, report.villages]}
        audit.record(actor=actor, verb="register.loaded", target=district, changes=counts)
        return
    for what, place, before in report.changes:
        column = "code" if what is What.MOVED else "name"
        is_gone = what is What.VANISHED
        after = None if is_gone else place.pk if what is What.MOVED else place.name
        audit.record(
            actor=actor,
            verb=f"{place._meta.model_name}.{what.value}",
            target=place,
            village_id=place.pk if isinstance(place, Village) else None,
            changes={column: [place.name if is_gone else before or None, after]},
        )
