"""What we have of the households and persons that a batch of a file speaks of, and what earlier files said of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from households.models import Household, Income, Person
from households.register_import.compare import HOUSEHOLD_FIELDS, PERSON_FIELDS, Ours, plain, values_of
from households.register_import.packing import unpacked
from villages import among  # noqa: F401, the lookup of that name


class Known(NamedTuple):
    """A household by its number, as far as every row must ask; `digest` of what the last import said of it."""

    key: int
    village_id: str
    row_id: int | None
    digest: str | None


def known_households(numbers: Collection[str]) -> dict[str, Known]:
    """The households that are in the register here, by number.

    Of a list Django would look at every value; sets it leaves to the lookup. So below.
    """
    rows = Household.objects.filter(number__among=frozenset(numbers)).order_by()
    fields = ("number", "pk", "village_id", "register_row_id", "register_row__digest")
    return {number: Known(*values) for number, *values in rows.values_list(*fields)}


def known_persons(numbers: Collection[str]) -> dict[str, tuple[int, str]]:
    """Household and village of each person who is in the register here, by number."""
    rows = Person.objects.filter(number__among=frozenset(numbers)).order_by()
    return {
        number: (household, village)
        for number, household, village in rows.values_list("number", "household", "household__village")
    }


def income_year(day: date) -> int:
    """The year whose income an export of that day tells: the register's year ends on 30 September."""
    return day.year if day.month >= 10 else day.year - 1


def income_field(year: int) -> str:
    """The name under which the income of a year is compared."""
    return f"per_head_{year}"


@lru_cache(maxsize=1000)
def year_of(name: str) -> int | None:
    """The year of such a name, None for any other."""
    return int(name.removeprefix("per_head_")) if name.startswith("per_head_") else None


class Rows(NamedTuple):
    """The rows behind what is compared, for those who change them."""

    households: dict[int, Household]
    persons: dict[str, Person]
    incomes: dict[tuple[int, int], Income]


def ours_of(meant: Mapping[int, Collection[str]], *, on: date, locked: bool = False) -> tuple[Rows, dict[int, Ours]]:
    """The households with their persons, and persons of others whom a file means by their numbers, by household.

    Returns the rows, and the Ours of each household by its key. `locked`: nobody changes them until we are done.
    """
    keys = list(meant)
    rows = read_rows_of(keys, [number for numbers in meant.values() for number in numbers], locked=locked)
    found = {}
    by_household: dict[int, dict[str, Person]] = {key: {} for key in keys}
    for number, person in rows.persons.items():
        if person.household_id in by_household:
            by_household[person.household_id][number] = person
    incomes: dict[int, dict[str, Any]] = {key: {} for key in keys}
    for (key, year), income in rows.incomes.items():
        incomes[key][income_field(year)] = amount(income.per_head)
    for key, household in rows.households.items():
        values = values_of(household, HOUSEHOLD_FIELDS) | incomes[key]
        values |= {"village": household.village_id, "left_on": plain(household.left_on)}
        persons = by_household[key] | {number: rows.persons[number] for number in meant[key] if number in rows.persons}
        told = {number: person_values(person, key, on) for number, person in persons.items()}
        found[key] = Ours(key, household.village_id, values, told)
    return rows, found


def person_values(person: Person, household: int, on: date) -> dict[str, Any]:
    """A person's plain values; `is_here` when they are listed in the household today."""
    is_here = person.household_id == household and (person.left_on is None or person.left_on > on)
    return values_of_person(person) | {"is_here": is_here}


def values_of_person(person: Person) -> dict[str, Any]:
    """A person's plain values, the key of the household among them."""
    values = values_of(person, PERSON_FIELDS)
    return values | {"household": person.household_id, "left_on": plain(person.left_on)}


def persons_by_number(numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """The plain values of persons who are in the register here."""
    rows = Person.objects.filter(number__among=frozenset(numbers)).order_by()
    return {person.number: values_of_person(person) for person in rows}


def read_rows_of(keys: Collection[int], numbers: Collection[str], *, locked: bool) -> Rows:
    """The rows themselves, locked in the order of their keys."""
    homes: Any = Household.objects.filter(pk__among=keys).order_by("pk")
    if locked:
        homes = homes.select_for_update(of=("self",))
    households = {row.pk: row for row in homes}
    persons = {row.number: row for row in Person.objects.filter(household__pk__among=keys).order_by("pk")}
    elsewhere = [number for number in numbers if number not in persons]
    persons |= {row.number: row for row in Person.objects.filter(number__among=elsewhere).order_by("pk")}
    incomes = {(row.household_id, row.year): row for row in Income.objects.filter(household__pk__among=keys)}
    return Rows(households, persons, incomes)


def amount(value: Decimal | None) -> str | None:
    """An amount as files have it."""
    return None if value is None else str(value.quantize(Decimal("0.01")))


def bases(rows: Iterable[Known]) -> dict[int, dict[str, Any]]:
    """What the last import said of each of these households, by household."""
    wanted = {known.row_id: known.key for known in rows if known.row_id}
    model: Any = Household._meta.get_field("register_row").remote_field.model
    pieces = model.objects.filter(pk__among=wanted).order_by().values_list("pk", "values")
    found = {wanted[pk]: unpacked(piece) for pk, piece in pieces if piece}
    for values in found.values():
        values["persons"] = values.pop("kept", {}) | values["persons"]
    return found
