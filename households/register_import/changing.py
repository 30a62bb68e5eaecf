"""Households that the register and we both have: what differs is written, under their locks."""

from datetime import date
from typing import Any

from households.models import Household, ImportGroup, Income, Person, RegisterImport, Relation, Source
from households.persons import told as told_of_person
from households.register_import.check import Checked, Member, Refusal
from households.register_import.compare import Difference, compare, fates_in_order
from households.register_import.newcomers import COLUMNS as NEWCOMER_COLUMNS
from households.register_import.newcomers import Newcomers
from households.register_import.ours import Ours, Rows, bases, known_households, ours_of, year_of
from households.register_import.packing import packed, unpacked
from households.register_import.records import (
    HOUSEHOLD_COLUMNS,
    INCOME_COLUMNS,
    NO_CHANGES,
    PERSON_COLUMNS,
    UNTOLD,
    Stale,
    Trail,
    income_of,
    look_anew_at,
    or_default,
    remembered,
    row_of,
    set_person,
    write_persons,
)
from households.residence import note_move
from villages import audit
from villages.pour import next_keys, pour, rewrite


class Changing:
    """One batch of households that the register and we both have."""

    def __init__(
        self,
        job: RegisterImport,
        groups: list[ImportGroup],
        trail: Trail,
        newcomers: Newcomers,
        stood_down: set[str],
        *,
        on: date,
    ) -> None:
        """`stood_down` are the numbers of heads who have made room already and are yet to come to another household;
        the batches of an import share them.
        """
        self.job, self.groups, self.trail, self.on = job, groups, trail, on
        self._newcomers, self._stood_down = newcomers, stood_down
        self.homes: list[list[Any]] = []
        self.persons: list[list[Any]] = []
        self.newcomers: list[list[Any]] = []
        self.incomes: list[tuple[int, int, str]] = []
        self.kept: list[tuple[int, bytes | None, list[Any]]] = []
        self.restless, self.left = set[int](), set[int]()
        self.elsewhere, self._staying = (frozenset(job.facts.get(name, ())) for name in ("elsewhere", "staying"))

    def change(self) -> set[int]:
        """Write the batch; the households that moved or came back."""
        known = known_households([group.key for group in self.groups])
        if len(known) != len(self.groups):
            raise Stale
        pieces = {group.key: unpacked(group.values) for group in self.groups if group.values}
        meant = {home.key: list(pieces[number]["persons"]) for number, home in known.items()}
        rows, ours = ours_of(meant, on=self.on, locked=True)
        if self._stood_down:
            self._recall(rows, ours)
        had = bases(known.values())
        for group in self.groups:
            home = known[group.key]
            checked = checked_of(group, pieces[group.key])
            found = compare(checked, had.get(home.key), ours[home.key], self.elsewhere, self._staying)
            if found.as_json() != group.changes:
                raise Stale
            self._one(group, checked, found, ours[home.key], rows)
        self._write(rows)
        return self.restless

    def _recall(self, rows: Rows, ours: dict[int, Ours]) -> None:
        """Whoever was a head when the preview was made is one yet, to be compared, told and remembered so."""
        for number in self._stood_down & rows.persons.keys():
            rows.persons[number].relation = Relation.HEAD
            for home in ours.values():
                if number in home.persons:
                    home.persons[number]["relation"] = Relation.HEAD.value

    def _one(self, group: ImportGroup, checked: Checked, found: Difference, ours: Ours, rows: Rows) -> None:
        if self.job.takes_conflicts:
            take_conflicts(found)
        home = rows.households[ours.key]
        before: dict[str, Any] = {"household": remembered(home, HOUSEHOLD_COLUMNS), "persons": {}, "created": []}
        before["incomes"] = [
            [year, remembered(had, INCOME_COLUMNS) if (had := rows.incomes.get((home.pk, year))) else None]
            for name in found.updates
            if (year := year_of(name)) is not None
        ]
        told = audit.snapshot(home)
        self._household(home, group, found, before)
        changes = audit.difference(told, audit.snapshot(home))
        changes = {name: pair for name, pair in changes.items() if name not in UNTOLD}
        changes |= {name: pair for name, pair in found.updates.items() if year_of(name)}
        if changes:
            self.trail.tell("household.corrected", "households.Household", home.pk, home.village_id, changes)
        by_number = {member.number: member for member in checked.members}
        for change in found.persons:
            self._person(change, by_number.get(change.number), home, rows, before)
        self.homes.append(row_of(home, HOUSEHOLD_COLUMNS))
        fates = fates_in_order(checked, found)
        fates = fates if checked.members else fates * len(group.rows)
        self._recount([row[2] for row in group.rows], fates)
        new_rows = [[sheet, row, fate, name] for (sheet, row, _f, name), fate in zip(group.rows, fates, strict=True)]
        self.kept.append((group.pk, packed(before), new_rows))

    def _household(self, home: Household, group: ImportGroup, found: Difference, before: dict[str, Any]) -> None:
        for name, (_mine, value) in found.updates.items():
            if name == "village":
                left, home.village_id, home.group_id = home.village_id, value, None
                had = note_move(home, left, self.on)
                before["move"] = [had.from_village_id, had.to_village_id] if had else []
                self.restless.add(home.pk)
            elif name == "left_on":
                home.left_on = None
                self.restless.add(home.pk)
            elif year := year_of(name):
                self.incomes.append((home.pk, year, value))
            else:
                setattr(home, name, or_default(Household, name, value))
        if "head_name" in found.updates:
            home.initials = ""  # the sweep fills them in
        home.register_row_id, home.register_as_of = group.pk, self.job.as_of

    def _person(self, change: Any, member: Member | None, home: Household, rows: Rows, before: dict[str, Any]) -> None:
        if change.fate == "created" and member is not None:
            self.newcomers.append([home.pk, member.number, member.values, home.village_id])
            before["created"].append(member.number)
            return
        person = rows.persons[change.number]
        leaves = change.fate == "gone" and self.job.lets_leave
        updates = {name: pair[1] for name, pair in change.updates.items()}
        if leaves:
            updates["left_on"] = max(self.on, person.born_on or self.on)
            updates.pop("relation", None)
        if not updates:
            return
        told = told_of_person(person)
        before["persons"][person.pk] = remembered(person, PERSON_COLUMNS)
        if "household" in updates:
            self.left.add(person.household_id)
        set_person(person, updates)
        changes = audit.difference(told, told_of_person(person))
        self.trail.tell("person.corrected", "households.Person", person.pk, home.village_id, changes)
        self.persons.append(row_of(person, PERSON_COLUMNS))

    def _recount(self, old: list[str], new: list[str]) -> None:
        for was, is_now in zip(old, new, strict=True):
            if was != is_now:
                setattr(self.job, was, getattr(self.job, was) - 1)
                setattr(self.job, is_now, getattr(self.job, is_now) + 1)

    def _write(self, rows: Rows) -> None:
        rewrite(Household, HOUSEHOLD_COLUMNS, self.homes)
        if self.elsewhere:
            # Whoever goes to another household makes room for the new head of this one first.
            going = Person.objects.filter(household__in=rows.households, number__in=self.elsewhere)
            heads = going.filter(relation=Relation.HEAD)
            self._stood_down.update(heads.values_list("number", flat=True))
            heads.update(relation=Relation.OTHER)
        write_persons(self.persons)
        look_anew_at(self.left)
        if self.newcomers:
            self._let_in()
        for key, year, per_head in self.incomes:
            self._write_income(rows.incomes.get((key, year)), key, year, per_head)
        rewrite(ImportGroup, ["before", "rows"], self.kept)

    def _let_in(self) -> None:
        keys = next_keys(Person, len(self.newcomers))
        rows = []
        for key, (home, number, values, village_id) in zip(keys, self.newcomers, strict=True):
            rows.append([key, *self._newcomers.row(home, number, " ".join(values), [*values.values()])])
            self.trail.tell("person.imported", "households.Person", key, village_id, NO_CHANGES)
        pour(Person, ("id", *NEWCOMER_COLUMNS), rows, self._newcomers.alike)

    def _write_income(self, income: Income | None, key: int, year: int, per_head: str | None) -> None:
        if income is None:
            Income.objects.create(**income_of(self.job, key, year, per_head or ""))
            return
        income.per_head, income.as_of = per_head, self.job.as_of  # type: ignore[assignment]
        income.source = Source.REGISTER
        income.save(update_fields=INCOME_COLUMNS)


def take_conflicts(found: Difference) -> None:
    """The register's values stand where both sides have changed."""
    found.updates |= found.conflicts
    for change in found.persons:
        if change.conflicts:
            change.updates |= change.conflicts
            change.fate = "updated"


def let_leave(job: RegisterImport, groups: list[ImportGroup], trail: Trail, *, on: date) -> set[int]:
    """Households that are no longer in the file leave the register."""
    homes = Household.objects.filter(number__in=[group.key for group in groups]).order_by("pk")
    by_number = {home.number: home for home in homes.registered(on).select_for_update(of=("self",))}
    rows, pieces = [], []
    for group in groups:
        home = by_number.get(group.key)
        if home is None:
            continue
        pieces.append((group.pk, packed({"household": remembered(home, HOUSEHOLD_COLUMNS)})))
        left_on = max(on, home.registered_on)
        changes = {"left_on": [None, left_on.isoformat()]}
        trail.tell("household.corrected", "households.Household", home.pk, home.village_id, changes)
        home.left_on, home.register_row_id = left_on, None
        rows.append(row_of(home, HOUSEHOLD_COLUMNS))
    rewrite(Household, HOUSEHOLD_COLUMNS, rows)
    rewrite(ImportGroup, ["before"], pieces)
    return {home.pk for home in by_number.values()}


def checked_of(group: ImportGroup, piece: dict[str, Any]) -> Checked:
    """What the file said, from the preview."""
    said, told = piece["said"], piece["told"]
    checked = Checked(group.key, [], group.village_id or "")
    checked.values = {name: piece["household"][name] for name in said if name != "village"}
    checked.members = [
        Member(None, number, {name: values[name] for name in told if name in values})
        for number, values in piece["persons"].items()
    ]
    checked.refusals = [Refusal("", 0, "", "", "", "", label) for label in piece["refused"]]
    return checked
