"""The versions of a visit: the latest first, each with what it changed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from casework.confirmations import told_at
from casework.extras import extras_of
from casework.models import Confirmation, Visit
from casework.report import VisitReport
from casework.sent_words import guarantees_in_words
from villages.models import Cadre

COMPARED = (
    *("visited_on", "contact", "outcome", "note", "problem", "is_withdrawn"),
    *("needs", "ideas", "results", "talk", "head_count"),
)


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


def versions_of(visit: Visit, *, cadre: Cadre, on: date) -> list[Version]:
    """All versions, the latest first, with the answers the cadre may read. Two queries a version."""
    chain = [visit]
    while chain[0].superseded_by_id:
        chain.insert(0, _load(pk=chain[0].superseded_by_id))
    while (earlier := _versions().filter(superseded_by=chain[-1].pk).first()) is not None:
        chain.append(earlier)
    said = _said(chain, cadre, on)
    return [
        Version(later, _changes(before, later, said) if before else [])
        for later, before in zip(chain, [*chain[1:], None], strict=True)
    ]


def earlier_versions(visit: Visit) -> list[Visit]:
    """The versions before this one; no query for a visit that was never corrected."""
    found: list[Visit] = []
    while (found[-1] if found else visit).reason:
        found += Visit.objects.filter(superseded_by=found[-1] if found else visit)
    return found


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
        extras=extras_of(visit),
    )


def _versions() -> Any:
    return Visit.objects.select_related("entered_by").prefetch_related("visitors")


def _load(**key: Any) -> Visit:
    return _versions().get(**key)


def _said(chain: list[Visit], cadre: Cadre, on: date) -> dict[UUID, str]:
    """The answers of each version in words, by the version's id."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for confirmation in told_at(chain, cadre, on):
        found[confirmation.visit_id].append(str(confirmation))
    return {pk: "; ".join(sorted(words)) for pk, words in found.items()}


def _changes(before: Visit, after: Visit, said: dict[UUID, str]) -> list[Change]:
    found = [
        Change(_label(name), _shown(before, name), _shown(after, name))
        for name in COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    names = _names(before), _names(after)
    if names[0] != names[1]:
        found.append(Change(_label("visitors"), *names))
    if before.guarantees != after.guarantees:
        found.append(Change(_label("guarantees"), _guarantees(before), _guarantees(after)))
    answers = said.get(before.pk, ""), said.get(after.pk, "")
    if answers[0] != answers[1]:
        found.append(Change(str(Confirmation._meta.verbose_name), *answers))
    return found


def _label(name: str) -> str:
    return str(Visit._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _shown(visit: Visit, name: str) -> Any:
    display = getattr(visit, f"get_{name}_display", None)
    return display() if display else getattr(visit, name)


def _guarantees(visit: Visit) -> str:
    return guarantees_in_words(extras_of(visit).guarantees)


def _names(visit: Visit) -> str:
    people: list[Cadre] = sorted(visit.visitors.all(), key=lambda person: person.pk)
    return ", ".join(person.name for person in people)
