"""Write what a preview of households says: the one step that writes, inside the caller's transaction."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from households.models import (
    Household,
    HouseholdMove,
    ImportGroup,
    Income,
    Person,
    RegisterImport,
    Relation,
    Source,
)
from households.models.imports import Fate
from households.models.verdicts import problem_of
from households.persons import told as told_of_person
from households.register_import.check import Checked, Member, Refusal
from households.register_import.compare import (
    HOUSEHOLD_FIELDS,
    PERSON_FIELDS,
    Difference,
    compare,
    fates_in_order,
    plain,
)
from households.register_import.memory import seldom_collecting
from households.register_import.newcomers import COLUMNS as NEWCOMER_COLUMNS
from households.register_import.newcomers import Newcomers
from households.register_import.ours import (
    Ours,
    Rows,
    bases,
    known_households,
    known_persons,
    opened,
    ours_of,
    packed,
    unpacked,
    year_of,
)
from households.sealed import Sealed
from households.sealing import seal
from villages import audit
from villages.facts import FactChange, announce
from villages.models import AuditEntry, Cadre
from villages.pour import next_keys, pour, rewrite

BATCH = 2000  # households
HOUSEHOLD_COLUMNS = (
    *HOUSEHOLD_FIELDS,
    *("village_id", "group_id", "initials", "moved_on", "left_on", "register_as_of", "register_row_id"),
)
PERSON_COLUMNS = (*PERSON_FIELDS, "household_id", "initials", "left_on", "id_index", "id_tail_index", "id_problem")
ENTRY_COLUMNS = ("at", "actor_id", "verb", "target_type", "target_id", "village_id", "reason", "changes")
# Not for the trail: how the import keeps its place, and what is derived.
UNTOLD = ("register_row", "register_as_of", "initials")
NO_CHANGES: dict[str, Any] = {}
JUDGED = frozenset({"id_number", "born_on", "sex"})


class Stale(Exception):
    """Records were changed since the preview was made: it must be made anew before anybody confirms it."""


class Table:
    """The columns of a model with what a new row has in each, so that rows can be poured without instances."""

    def __init__(self, model: Any, *, without_key: bool = False) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        fields = [field for field in fields if not (without_key and field.primary_key)]
        self.columns = [field.column for field in fields]
        self.blank = [None if field.primary_key else field.get_default() for field in fields]
        self.place = {field.attname: place for place, field in enumerate(fields)}

    def row(self, values: dict[str, Any]) -> list[Any]:
        """A row with these values by attribute name."""
        row = self.blank.copy()
        for name, value in values.items():
            row[self.place[name]] = value
        return row


def sealed(text: str, column: str, kind: str) -> Sealed | None:
    """A number as the table keeps it."""
    return Sealed(seal(text, column=column), column, kind) if text else None


class Trail:
    """Audit entries of one import, put into the trail in batches."""

    def __init__(self, actor: Cadre | None, now: datetime) -> None:
        self.actor_id, self.now = (actor.pk if actor else None), now
        self._rows: list[tuple] = []

    def tell(self, verb: str, label: str, key: int, village_id: str | None, changes: dict[str, Any]) -> None:
        """What was done to which record."""
        self._rows.append((self.now, self.actor_id, verb, label, str(key), village_id, "", changes))

    def write(self) -> None:
        """Append what was told."""
        pour(AuditEntry, ENTRY_COLUMNS, self._rows)
        self._rows = []


@seldom_collecting()
def apply_households(job: RegisterImport, *, on: date, now: datetime) -> None:
    """Write the differences of a previewed import. Raises Stale when they are no longer those of the preview."""
    trail, newcomers = Trail(job.confirmed_by, now), Newcomers()
    restless: set[int] = set()
    for groups in _batches(job, Q(fate=Fate.CREATED), without=("rows",)):
        _create(job, groups, trail, newcomers)
        trail.write()
    for groups in _batches(job, Q(values__isnull=False) & Q(fate__in=(Fate.UPDATED, Fate.UNCHANGED))):
        restless |= Changing(job, groups, trail, newcomers, on=on).change()
        trail.write()
    if job.lets_leave:
        for groups in _batches(job, Q(fate=Fate.GONE)):
            restless |= _let_leave(job, groups, trail, on=on)
            trail.write()
    _note_the_day(job)
    if restless:
        # Since ever: leaving excuses what is overdue in rounds that ended long before.
        announce(FactChange(since=date.min, household_ids=frozenset(restless)))


def _batches(job: RegisterImport, which: Q, without: tuple[str, ...] = ()) -> Iterator[list[ImportGroup]]:
    position = 0
    groups = ImportGroup.objects.filter(which, job=job).order_by("position").defer(*without)
    while batch := list(groups.filter(position__gt=position)[:BATCH]):
        yield batch
        position = batch[-1].position


def _note_the_day(job: RegisterImport) -> None:
    """Unchanged households agree with the register of that day, too."""
    same = ImportGroup.objects.filter(job=job, fate=Fate.UNCHANGED, values__isnull=True).order_by().values("key")
    older = Q(register_as_of__lt=job.as_of) | Q(register_as_of__isnull=True)
    Household.objects.filter(older, number__in=same).update(register_as_of=job.as_of)


# New households -----------------------------------------------------------------------------------


def _create(job: RegisterImport, groups: list[ImportGroup], trail: Trail, newcomers: Newcomers) -> None:
    if known_households([group.key for group in groups]):
        raise Stale
    keys = next_keys(Household, len(groups))
    homes, incomes, arrivals = [], [], {}
    tables = Table(Household), Table(Income, without_key=True)
    pieces = [opened(group.values) for group in groups]
    here = known_persons([number for piece in pieces for number in piece["persons"]])
    expected = {one["number"] for group in groups for one in group.changes.get("persons", ())}
    if set(here) != expected:
        raise Stale

    def persons() -> Iterator[list[Any]]:
        for group, key, piece in zip(groups, keys, pieces, strict=True):
            homes.append(tables[0].row(_new_household(job, group, key, piece)))
            trail.tell("household.imported", "households.Household", key, group.village_id, NO_CHANGES)
            for name, value in piece["household"].items():
                if (year := year_of(name)) and value is not None:
                    incomes.append(tables[1].row(_income(job, key, year, value)))
            fields = piece["fields"]
            for number, cells in piece["persons"].items():
                if number in here:
                    arrivals[number] = (key, dict(zip(fields.split(), cells, strict=True)))
                else:
                    yield newcomers.row(key, number, fields, cells)

    rows = list(persons()) if not job.has_persons else persons()
    pour(Person, NEWCOMER_COLUMNS, rows, newcomers.alike)
    pour(Household, tables[0].columns, homes)
    pour(Income, tables[1].columns, incomes)
    if arrivals:
        _arrive(groups, keys, arrivals, trail)


def _new_household(job: RegisterImport, group: ImportGroup, key: int, piece: dict[str, Any]) -> dict[str, Any]:
    said = piece["household"]
    values = {name: said[name] for name in HOUSEHOLD_FIELDS if said.get(name) not in (None, "")}
    if phone := values.get("phone"):
        values["phone"] = sealed(phone, "households.Household.phone", "phone")
    values["members"] = said.get("members") or max(len(piece["persons"]), 1)
    return values | {
        "id": key,
        "number": group.key,
        "village_id": group.village_id,
        "register_as_of": job.as_of,
        "register_row_id": group.pk,
        "registered_on": said.get("identified_on") or job.as_of,
    }


def _income(job: RegisterImport, household: int, year: int, per_head: str) -> dict[str, Any]:
    made_by = job.confirmed_by.pk if job.confirmed_by else None
    values = {"household_id": household, "year": year, "per_head": per_head, "source": Source.REGISTER.value}
    return values | {"as_of": job.as_of, "recorded_by_id": made_by}


def _arrive(groups: list[ImportGroup], keys: list[int], arrivals: dict[str, tuple], trail: Trail) -> None:
    """Persons known from another household who belong to a new one now."""
    by_key = dict(zip(keys, groups, strict=True))
    persons = Person.objects.filter(number__in=arrivals).order_by("pk")
    rows: list[list[Any]] = []
    before: dict[int, dict[int, Any]] = {}
    for person in persons:
        key, values = arrivals[person.number]
        told = told_of_person(person)
        before.setdefault(key, {})[person.pk] = remembered(person, PERSON_COLUMNS)
        _set_person(person, {**values, "household": key, "left_on": None})
        changes = audit.difference(told, told_of_person(person))
        trail.tell("person.corrected", "households.Person", person.pk, by_key[key].village_id, changes)
        rows.append(row_of(person, PERSON_COLUMNS))
    write_persons(rows)
    pieces = [(by_key[key].pk, packed({"persons": persons})) for key, persons in before.items()]
    rewrite(ImportGroup, ["before"], pieces)


# Households we have -------------------------------------------------------------------------------


class Changing:
    """One batch of households that the register and we both have."""

    def __init__(
        self, job: RegisterImport, groups: list[ImportGroup], trail: Trail, newcomers: Newcomers, *, on: date
    ) -> None:
        self.job, self.groups, self.trail, self.on = job, groups, trail, on
        self._newcomers = newcomers
        self.homes: list[list[Any]] = []
        self.persons: list[list[Any]] = []
        self.newcomers: list[list[Any]] = []
        self.moves: list[tuple] = []
        self.incomes: list[tuple[int, int, str]] = []
        self.kept: list[tuple[int, bytes | None, list[Any]]] = []
        self.restless: set[int] = set()
        self.elsewhere = frozenset(job.facts.get("elsewhere", ()))

    def change(self) -> set[int]:
        """Write the batch; the households that moved or came back."""
        known = known_households([group.key for group in self.groups])
        if len(known) != len(self.groups):
            raise Stale
        pieces = {group.key: unpacked(group.values) for group in self.groups if group.values}
        meant = {home.key: list(pieces[number]["persons"]) for number, home in known.items()}
        rows, ours = ours_of(meant, on=self.on, locked=True)
        had = bases(known.values())
        for group in self.groups:
            home = known[group.key]
            checked = checked_of(group, pieces[group.key])
            found = compare(checked, had.get(home.key), ours[home.key], self.elsewhere)
            if self._comparable(found.as_json()) != self._comparable(group.changes):
                raise Stale
            self._one(group, checked, found, ours[home.key], rows)
        self._write(rows)
        return self.restless

    def _comparable(self, changes: dict[str, Any]) -> Any:
        """Without the relation of those who go to another household: they have ceased to be the head already."""
        persons = []
        for one in changes.get("persons", ()):
            updates = dict(one["updates"])
            if one["number"] in self.elsewhere:
                updates.pop("relation", None)
            persons.append(one | {"updates": updates})
        return changes | {"persons": persons}

    def _one(self, group: ImportGroup, checked: Checked, found: Difference, ours: Ours, rows: Rows) -> None:
        if self.job.takes_conflicts:
            take_conflicts(found)
        home = rows.households[ours.key]
        before: dict[str, Any] = {"household": remembered(home, HOUSEHOLD_COLUMNS), "persons": {}, "created": []}
        before["incomes"] = [
            [year, ours.values.get(name)] for name in found.updates if (year := year_of(name)) is not None
        ]
        told = audit.snapshot(home)
        self._household(home, group, found)
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

    def _household(self, home: Household, group: ImportGroup, found: Difference) -> None:
        for name, (_mine, value) in found.updates.items():
            if name == "village":
                self.moves.append((home.pk, home.village_id, value, self.on))
                home.village_id, home.group_id, home.moved_on = value, None, self.on
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
        _set_person(person, updates)
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
            going.filter(relation=Relation.HEAD).update(relation=Relation.OTHER)
        write_persons(self.persons)
        if self.newcomers:
            self._let_in()
        for key, from_village, to_village, day in self.moves:
            HouseholdMove.objects.create(
                household_id=key, from_village_id=from_village, to_village_id=to_village, moved_on=day
            )
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
            Income.objects.create(**_income(self.job, key, year, per_head or ""))
            return
        income.per_head, income.as_of = per_head, self.job.as_of  # type: ignore[assignment]
        income.source = Source.REGISTER
        income.save(update_fields=["per_head", "as_of", "source"])


def _set_person(person: Person, updates: dict[str, Any]) -> None:
    for name, value in updates.items():
        if name == "household":
            person.household_id = value
        else:
            setattr(person, name, or_default(Person, name, value))
    if "name" in updates:
        person.initials = ""
    if "id_number" in updates:
        number = updates["id_number"]
        person.id_index, person.id_tail_index = Newcomers().indexes(number) if number else ("", "")
    if not JUDGED.isdisjoint(updates):
        _judge(person)


def _judge(person: Any) -> None:
    """The verdict on the identity number beside birth date and sex, as save() would reach it."""
    number = person.id_number.reveal() if person.id_number else ""
    born_on = person.born_on
    born_on = date.fromisoformat(born_on) if isinstance(born_on, str) else born_on
    person.id_problem = problem_of(number, born_on=born_on, sex=person.sex)


def write_persons(rows: list[list[Any]]) -> None:
    """Heads last: a household has one head at a time, also between two rows of a statement."""
    place = 1 + PERSON_COLUMNS.index("relation")
    stepping_down = [row[0] for row in rows]
    Person.objects.filter(pk__in=stepping_down, relation=Relation.HEAD).update(relation=Relation.OTHER)
    rewrite(Person, PERSON_COLUMNS, [row for row in rows if row[place] != Relation.HEAD])
    rewrite(Person, PERSON_COLUMNS, [row for row in rows if row[place] == Relation.HEAD])


def take_conflicts(found: Difference) -> None:
    """The register's values stand where both sides have changed."""
    found.updates |= found.conflicts
    for change in found.persons:
        if change.conflicts:
            change.updates |= change.conflicts
            change.fate = "updated"


def _let_leave(job: RegisterImport, groups: list[ImportGroup], trail: Trail, *, on: date) -> set[int]:
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


# Between a preview, rows and memory ------------------------------------------------------------------


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


def or_default(model: Any, name: str, value: Any) -> Any:
    """A blank as the column keeps it."""
    if value is None or value == "":
        field = model._meta.get_field(name)
        return None if field.null else field.get_default()
    return value


def row_of(row: Any, columns: tuple[str, ...]) -> list[Any]:
    """Key and columns, for rewriting."""
    return [row.pk, *(getattr(row, name) for name in columns)]


def remembered(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns as JSON holds them. Personal numbers in the open: the JSON is sealed as a whole, and with the key
    of its own time; a number sealed inside it would be out of reach of a change of keys.
    """
    return {name: plain(getattr(row, name)) for name in columns}
