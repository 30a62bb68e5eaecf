"""What the file says of a household, held against what we have: new, changed, unchanged, gone, in conflict.

Three readings of every value are compared: the one of the last import (`base`), ours of today, and the file's. What
the register has not changed since is left as it is here, also when it was corrected here in between; what only the
register has changed is an update; what both have changed is a conflict, and a person decides.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from households.masking import masked_account, masked_id, masked_phone
from households.models import Household, Person, Relation
from households.register_import.check import Checked, Member
from households.sealed import Sealed

HOUSEHOLD_FIELDS = (
    *("head_name", "members", "natural_village", "base_type", "monitoring_type", "main_cause", "other_causes"),
    *("has_dangerous_house", "has_safe_water", "phone", "identified_on", "risks", "risk_identified_on"),
    *("is_risk_cleared", "risk_cleared_on"),
)
RISK_DAYS = ("risk_identified_on", "risk_cleared_on")
PERSON_FIELDS = (
    *("name", "relation", "sex", "born_on", "id_number", "ethnicity", "education", "schooling", "health"),
    *("labour_skill", "months_of_work", "place_of_work", "has_medical_insurance", "has_major_illness_insurance"),
    *("has_pension", "has_minimum_allowance", "has_destitute_support", "phone", "bank_account", "identified_on"),
)
NUMBERS = {"id_number": masked_id, "phone": masked_phone, "bank_account": masked_account}

Changes = dict[str, list[Any]]  # field: [ours, the file's]


@dataclass(slots=True)
class PersonChange:
    """What becomes of one person. `fate` is created, updated, unchanged or gone; `from_household` a move's."""

    number: str
    name: str
    fate: str
    updates: Changes = field(default_factory=dict)
    conflicts: Changes = field(default_factory=dict)

    @property
    def all_updates(self) -> Changes:
        """The updates where the register's values are taken in every conflict."""
        return self.updates | self.conflicts

    def as_json(self) -> dict[str, Any]:
        """For the preview: numbers masked."""
        told = {"number": self.number, "name": self.name, "fate": self.fate}
        return told | {"updates": shown(self.updates), "conflicts": shown(self.conflicts)}


@dataclass(slots=True)
class Difference:
    """What becomes of a household that we have, and of its persons."""

    updates: Changes = field(default_factory=dict)
    conflicts: Changes = field(default_factory=dict)
    persons: list[PersonChange] = field(default_factory=list)

    @property
    def has_conflict(self) -> bool:
        """Whether something was changed both here and in the register."""
        return bool(self.conflicts) or any(person.conflicts for person in self.persons)

    def as_json(self) -> dict[str, Any]:
        """For the preview: only what differs, numbers masked."""
        persons = [one.as_json() for one in self.persons if one.fate != "unchanged" or one.conflicts]
        told = {"updates": shown(self.updates), "conflicts": shown(self.conflicts), "persons": persons}
        return told if any(told.values()) else {}


@dataclass(slots=True)
class Ours:
    """A household as we have it: plain values, and its persons' by their numbers (those listed, and those meant)."""

    key: int
    village_id: str
    values: dict[str, Any]
    persons: dict[str, dict[str, Any]]


def shown(changes: Changes) -> Changes:
    """The changes as they may be kept and shown: personal numbers by their masks."""
    return {
        name: [NUMBERS[name](value) if value else "" for value in pair] if name in NUMBERS else pair
        for name, pair in changes.items()
    }


def plain(value: Any) -> Any:
    """A value of a row as files and JSON have it."""
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def values_of(row: Household | Person, fields: tuple[str, ...]) -> dict[str, Any]:
    """The row's plain values."""
    return {name: plain(getattr(row, name)) for name in fields}


def is_blank(value: Any) -> bool:
    """Whether nothing is said; no and zero say something."""
    return value is None or value == "" or value == []


def are_equal(one: Any, other: Any) -> bool:
    """Whether two values say the same; all blanks do."""
    return one == other or (is_blank(one) and is_blank(other))


def held_against(theirs: dict[str, Any], base: dict[str, Any] | None, ours: dict[str, Any]) -> tuple[Changes, Changes]:
    """Updates and conflicts of one record, for the fields the file has.

    A blank of the file erases only what an earlier file had said.
    """
    updates: Changes = {}
    conflicts: Changes = {}
    for name, value in theirs.items():
        mine = ours.get(name)
        if are_equal(value, mine):
            continue
        if base is not None and name in base:
            if are_equal(base[name], value):
                continue
            (updates if are_equal(base[name], mine) else conflicts)[name] = [mine, value]
        elif not is_blank(value):
            updates[name] = [mine, value]
    return updates, conflicts


def compare(
    checked: Checked,
    base: dict[str, Any] | None,
    ours: Ours,
    elsewhere: Container[str] = (),
    staying: Container[str] = (),
) -> Difference:
    """The differences between what the file says and what we have of a household.

    `elsewhere` are the numbers of persons whom the file names in another household, `staying` of those whom it names
    in rows alone of which nothing is written: nobody leaves because of these.
    """
    theirs = household_values(checked)
    had = base["household"] if base else None
    found = Difference(*held_against(theirs, had, ours.values))
    # Back in the file: whoever had left the register by an import is on it again. Left here by hand: stays away.
    if ours.values.get("left_on") and base is None:
        found.updates["left_on"] = [ours.values["left_on"], None]
    listed = {member.number for member in checked.members}
    for member in checked.members:
        found.persons.append(_person(member, base, ours))
    if checked.members:
        refused = {refusal.label for refusal in checked.refusals}
        found.persons += [
            PersonChange(number, values["name"], "gone")
            for number, values in ours.persons.items()
            if number not in listed and values["is_here"]
            if number not in elsewhere and number not in staying and values["name"] not in refused
        ]
        _one_head(found, checked, ours, elsewhere)
    return found


def clears_too_early(checked: Checked, base: dict[str, Any] | None, ours: Ours) -> bool:
    """Whether a risk would be cleared before it was identified, the one day being the file's and the other one ours.

    Whoever decides about conflicts may take either side, so neither may contradict itself.
    """
    if not any(checked.values.get(name) or ours.values[name] for name in RISK_DAYS):
        return False
    found = compare(checked, base, ours)
    for changes in (found.updates, found.updates | found.conflicts):
        identified, cleared = (changes.get(name, (None, ours.values[name]))[1] for name in RISK_DAYS)
        if identified and cleared and cleared < identified:
            return True
    return False


def born_after_leaving(checked: Checked, base: dict[str, Any] | None, ours: Ours) -> list[Member]:
    """The members who left the register here before the day on which the file has them born, and stay away."""
    if not any(mine.get("left_on") for mine in ours.persons.values()):
        return []
    left = {number: mine["left_on"] for number, mine in ours.persons.items() if mine.get("left_on")}
    changes = [(member, _person(member, base, ours).all_updates) for member in checked.members if member.number in left]
    return [
        member
        for member, updates in changes
        if "left_on" not in updates and (updates.get("born_on", (None, None))[1] or "") > left[member.number]
    ]


def household_values(checked: Checked) -> dict[str, Any]:
    """What the file says of the household itself, its village and income included."""
    values = dict(checked.values)
    values["village"] = checked.village_id
    return values


def _person(member: Member, base: dict[str, Any] | None, ours: Ours) -> PersonChange:
    mine = ours.persons.get(member.number)
    if mine is None:
        return PersonChange(member.number, member.values["name"], "created")
    return person_known(member, base["persons"].get(member.number) if base else None, mine, ours.key)


def person_known(
    member: Member, had: dict[str, Any] | None, mine: dict[str, Any], household: int | None
) -> PersonChange:
    """What becomes of a person whom we have. The household has no key yet where it is new as well."""
    change = PersonChange(member.number, member.values["name"], "unchanged", *held_against(member.values, had, mine))
    if mine["household"] != household:
        change.updates["household"] = [mine["household"], household]
        _relate_anew(change, member.values["relation"], mine["relation"])
    if mine.get("left_on") and had is None:
        change.updates["left_on"] = [mine["left_on"], None]
    if change.updates:
        change.fate = "updated"
    return change


def _relate_anew(change: PersonChange, theirs: str, ours: str) -> None:
    """What somebody was to another head, by whomever it was entered, says nothing in the household they come to."""
    change.conflicts.pop("relation", None)
    if theirs != ours:
        change.updates["relation"] = [ours, theirs]


def _one_head(found: Difference, checked: Checked, ours: Ours, elsewhere: Container[str]) -> None:
    """The file's head is the head: nobody else of the household stays it, be it by an edit here or by being gone."""
    by_number = {change.number: change for change in found.persons}
    head = next((one for one in checked.members if one.values.get("relation") == Relation.HEAD), None)
    if head is None:
        return
    will_be = by_number[head.number].updates.get("relation", [None, ours.persons.get(head.number, {}).get("relation")])
    if head.number in ours.persons and will_be[1] != Relation.HEAD:
        return  # corrected here: somebody else is the head, and the register has not changed its mind
    for number, values in ours.persons.items():
        if number == head.number or number in elsewhere or not values["is_here"]:
            continue
        change = by_number.get(number) or PersonChange(number, values["name"], "unchanged")
        relation = change.updates.get("relation", [None, values["relation"]])[1]
        if relation == Relation.HEAD:
            theirs = next((m.values["relation"] for m in checked.members if m.number == number), Relation.OTHER)
            change.updates["relation"] = [values["relation"], str(theirs)]
            change.conflicts.pop("relation", None)
            if change.fate == "unchanged":
                change.fate = "updated"
            if number not in by_number:  # whose own row is refused
                found.persons.append(change)


def fates_in_order(checked: Checked, found: Difference) -> list[str]:
    """The fate of each member's row; without members, that of the household's one row.

    What concerns the household is told of its head's row.
    """
    if not checked.members:
        return ["updated" if found.updates else "unchanged"]
    by_number = {one.number: one.fate for one in found.persons}
    fates = [by_number[member.number] for member in checked.members]
    heads = (place for place, m in enumerate(checked.members) if m.values.get("relation") == Relation.HEAD)
    told_of = next(heads, 0)
    if found.updates and fates[told_of] == "unchanged":
        fates[told_of] = "updated"
    return fates
