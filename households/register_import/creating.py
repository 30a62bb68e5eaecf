"""Households that only the register has: they are new here."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from django.db import IntegrityError
from django.db.models import BinaryField
from django.db.models.functions import Cast

from households.models import Household, ImportGroup, Income, Person, RegisterImport
from households.models.imports import Fate
from households.persons import told as told_of_person
from households.register_import.check import Member
from households.register_import.compare import person_known, shown
from households.register_import.new_homes import COLUMNS as HOME_COLUMNS
from households.register_import.new_homes import INCOME_COLUMNS, Arriving, NewHomes
from households.register_import.newcomers import COLUMNS as NEWCOMER_COLUMNS
from households.register_import.newcomers import Newcomers
from households.register_import.ours import known_persons, values_of_person, year_of
from households.register_import.packing import opened, packed, read
from households.register_import.preview import Handed
from households.register_import.records import (
    PERSON_COLUMNS,
    Stale,
    Trail,
    look_anew_at,
    remembered,
    row_of,
    set_person,
    write_persons,
)
from villages import audit
from villages.models import AuditEntry
from villages.pour import check_pointers, next_keys, pour

BATCH = 2000  # households
POINTERS = ((Person, "household_id"), (Household, "village_id"), (Income, "household_id"), (AuditEntry, "village_id"))
TWICE = {"23505", "SQLITE_CONSTRAINT_UNIQUE"}  # a number that is there already, as PostgreSQL and SQLite call it


def arriving(job: RegisterImport, *, after: int = 0) -> Iterator[list[Arriving]]:
    """The new households of an import behind that position, in batches, each with the key it will have."""
    position = after
    stored = Cast("values", BinaryField())
    groups = ImportGroup.objects.filter(job=job, fate=Fate.CREATED).order_by("position").annotate(stored=stored)
    rows = groups.values_list("pk", "position", "key", "village_id", "changes", "stored")
    while batch := list(rows.filter(position__gt=position)[:BATCH]):
        keys = next_keys(Household, len(batch))
        yield [
            Arriving(key, pk, place, number, village, _comers(changes), said)
            for key, (pk, place, number, village, changes, said) in zip(keys, batch, strict=True)
        ]
        position = batch[-1][1]


def _comers(changes: dict[str, Any]) -> dict[str, Any]:
    """The persons who come from other households, with what the preview shows of them."""
    return {one["number"]: one["updates"] for one in changes.get("persons", ())}


def handed_on(job: RegisterImport, homes: Sequence[Handed]) -> list[Arriving]:
    """The same for new households that were handed on. Raises Stale when they are not the preview's any more."""
    groups = ImportGroup.objects.filter(job=job, fate=Fate.CREATED).order_by("position")
    within = groups.filter(position__gte=homes[0].position, position__lte=homes[-1].position)
    rows = list(within.values_list("pk", "position", "digest"))
    if [row[1:] for row in rows] != [(home.position, home.digest) for home in homes]:
        raise Stale
    keys = next_keys(Household, len(rows))
    return [
        Arriving(
            *(key, pk, position, home.number, home.village_id, dict.fromkeys(home.comers), None),
            *(home.said, home.id_indexes),
        )
        for key, (pk, position, _digest), home in zip(keys, rows, homes, strict=True)
    ]


class Creating:
    """One batch of households that only the register has."""

    def __init__(self, arriving: list[Arriving], trail: Trail, new_homes: NewHomes, newcomers: Newcomers) -> None:
        self.arriving, self.trail, self._new_homes, self._newcomers = arriving, trail, new_homes, newcomers
        self.homes: list[list[Any]] = []
        self.incomes: list[list[Any]] = []
        self.rows = 0
        # Persons whom we know from another household: their new one, and what the file says of them.
        self.elsewhere = {number for home in arriving for number in home.comers}
        self.moving: dict[str, tuple[Arriving, dict[str, Any]]] = {}
        self.before: list[tuple[int, bytes]] = []  # what they were, for their new one's row of the preview

    def create(self) -> int:
        """Write the batch; how many rows of the file it was.

        Raises Stale when somebody has entered one of its households or persons meanwhile.
        """
        if self.elsewhere and self.elsewhere != known_persons(self.elsewhere).keys():
            raise Stale
        try:
            pour(Person, NEWCOMER_COLUMNS, self._persons(), self._newcomers.alike)
            pour(Household, HOME_COLUMNS, self.homes, self._new_homes.alike)
        except IntegrityError as error:
            if is_twice(error):
                raise Stale from error
            raise
        pour(Income, INCOME_COLUMNS, self.incomes, self._new_homes.alike_incomes)
        told = ((home.key, home.village_id) for home in self.arriving)
        self.trail.tell_of_each("household.imported", "households.Household", told)
        check_pointers(*POINTERS)
        if self.moving:
            self._let_move()
        return self.rows

    def _persons(self) -> Iterator[list[Any]]:
        """The new persons; each household is opened while the database stores the one before."""
        opening = ImportGroup._meta.get_field("values").from_db_value  # type: ignore[attr-defined]
        for home in self.arriving:
            piece = read(home.said) if home.said else opened(opening(home.values, None, None))
            self._household(home, piece)
            self.rows += max(len(piece["persons"]), 1)
            fields, persons = piece["fields"], piece["persons"]
            indexes = home.id_indexes or repeat("", len(persons))
            for (number, cells), id_index in zip(persons.items(), indexes, strict=True):
                if number in self.elsewhere:
                    self.moving[number] = (home, dict(zip(fields.split(), cells, strict=True)))
                else:
                    yield self._newcomers.row(home.key, number, fields, cells, id_index)

    def _household(self, home: Arriving, piece: dict[str, Any]) -> None:
        self.homes.append(self._new_homes.row(home, piece))
        for name, value in piece["household"].items():
            if (year := year_of(name)) and value is not None:
                self.incomes.append([home.key, year, value])

    def _let_move(self) -> None:
        """Persons known from another household who belong to a new one now. Raises Stale."""
        rows: list[list[Any]] = []
        before: dict[int, dict[int, Any]] = {}
        left: set[int] = set()
        for person in Person.objects.filter(number__in=self.moving).order_by("pk"):
            home, values = self.moving[person.number]
            change = person_known(Member(None, person.number, values), None, values_of_person(person), None)
            if (home.comers[person.number] or shown(change.updates)) != shown(change.updates):
                raise Stale
            told = told_of_person(person)
            left.add(person.household_id)
            before.setdefault(home.group_id, {})[person.pk] = remembered(person, PERSON_COLUMNS)
            set_person(person, {name: pair[1] for name, pair in change.updates.items()} | {"household": home.key})
            changes = audit.difference(told, told_of_person(person))
            self.trail.tell("person.corrected", "households.Person", person.pk, home.village_id, changes)
            rows.append(row_of(person, PERSON_COLUMNS))
        write_persons(rows)
        look_anew_at(left)
        self.before = [(group, packed({"persons": persons})) for group, persons in before.items()]


def is_twice(error: IntegrityError) -> bool:
    """Whether the database has refused a second row of a number that there may be once."""
    cause: Any = error.__cause__
    return bool(TWICE & {getattr(cause, "pgcode", None), getattr(cause, "sqlite_errorname", None)})
