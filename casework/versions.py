"""The versions of a visit: the latest first, each with what it changed."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from casework.models import Visit
from casework.visits import VisitReport
from villages.models import Cadre

COMPARED = ("visited_on", "contact", "outcome", "note", "problem", "is_withdrawn")


class Change(NamedTuple):
    """One field that a version changed: its name, and what people read before and after."""

    label: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a visit and what it changed against the one before it; nothing for the first."""

    visit: Visit
    changes: list[Change]


def versions_of(visit: Visit) -> list[Version]:
    """All versions, the latest first. Two queries a version, and visits have few."""
    chain = [visit]
    while chain[0].superseded_by_id:
        chain.insert(0, _load(pk=chain[0].superseded_by_id))
    while (earlier := _versions().filter(superseded_by=chain[-1].pk).first()) is not None:
        chain.append(earlier)
    return [
        Version(later, _changes(before, later) if before else [])
        for later, before in zip(chain, [*chain[1:], None], strict=True)
    ]


def report_of(visit: Visit) -> VisitReport:
    """The stored visit as it was reported, to ask again what it counts for."""
    return VisitReport(
        id=visit.pk,
        household=visit.household,
        village=visit.village,
        visited_on=visit.visited_on,
        contact=visit.contact,
        outcome=visit.outcome,
        visitors=list(visit.visitors.all()),
        note=visit.note,
        problem=visit.problem,
    )


def _versions() -> Any:
    return Visit.objects.select_related("entered_by").prefetch_related("visitors")


def _load(**key: Any) -> Visit:
    return _versions().get(**key)


def _changes(before: Visit, after: Visit) -> list[Change]:
    found = [
        Change(_label(name), _shown(before, name), _shown(after, name))
        for name in COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    names = _names(before), _names(after)
    if names[0] != names[1]:
        found.append(Change(_label("visitors"), *names))
    return found


def _label(name: str) -> str:
    return str(Visit._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _shown(visit: Visit, name: str) -> Any:
    display = getattr(visit, f"get_{name}_display", None)
    return display() if display else getattr(visit, name)


def _names(visit: Visit) -> str:
    people: list[Cadre] = sorted(visit.visitors.all(), key=lambda person: person.pk)
    return ", ".join(person.name for person in people)
