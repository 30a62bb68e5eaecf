"""The register as rows of the national export: the same columns in the same order, one row a person."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from households.masking import masked_id_beside_age
from households.models import Household, Income, Person
from households.register_import.cells import Kind, Words
from households.register_import.columns import NATIONAL, PERSON_FIELDS, Column, Level
from households.register_import.ours import income_year
from households.workbooks import Heading, Value

HOUSEHOLDS_AT_ONCE = 500
PLACES = {
    "county": "village__town__district__name",
    "town": "village__town__name",
    "village": "village__name",
    "village_code": "village_id",
}
WIDE = {"id_number": 22, "number": 20, "person_number": 22, "phone": 15, "person_phone": 15, "town": 14, "village": 14}

Cell = Callable[[Any], Value]


def headings() -> list[Heading]:
    """The national header, and nothing beside it."""
    return [Heading(column.title, WIDE.get(column.field, 11), column.kind.is_text) for column in NATIONAL]


def in_order(households: Any) -> Any:
    """Households in the order of the export: by place, group and number."""
    return households.order_by("village_id", "group__number", "number", "pk")


def rows_of(household_ids: Sequence[int], *, on: date, in_full: bool) -> Iterator[list[Value]]:
    """The rows of these households in this order, as they are on that day; personal numbers masked unless in full."""
    serial = 0
    for start in range(0, len(household_ids), HOUSEHOLDS_AT_ONCE):
        for row in _rows(household_ids[start : start + HOUSEHOLDS_AT_ONCE], on, in_full):
            serial += 1
            row[SERIAL] = serial
            yield row


def _rows(ids: Sequence[int], on: date, in_full: bool) -> Iterator[list[Value]]:
    of_household, of_person = _columns(HOUSEHOLD_COLUMNS, in_full), _columns(PERSON_COLUMNS, in_full)
    incomes = Income.objects.filter(household__in=ids, year=income_year(on))
    per_head = dict(incomes.order_by().values_list("household_id", "per_head"))
    persons = defaultdict(list)
    for household_id, *values in (
        Person.objects.filter(household__in=ids)
        .registered(on)
        .order_by("pk")
        .values_list("household_id", *PERSON_PATHS)
    ):
        persons[household_id].append(values)
    households = {
        pk: values
        for pk, *values in Household.objects.filter(pk__in=ids).order_by().values_list("pk", *HOUSEHOLD_PATHS)
    }
    for pk in ids:
        if not persons[pk]:
            continue
        shared: list[Value] = [None] * len(NATIONAL)
        for (place, write), value in zip(of_household, households[pk], strict=True):
            shared[place] = write(value)
        shared[PER_HEAD] = per_head.get(pk)
        for values in persons[pk]:
            row = shared.copy()
            for (place, write), value in zip(of_person, values, strict=True):
                row[place] = write(value)
            yield row


def _columns(columns: Sequence[Column], in_full: bool) -> list[tuple[int, Cell]]:
    """Where each column stands, and how its values are written."""
    return [(NATIONAL.index(column), _writer(column, in_full)) for column in columns]


def _writer(column: Column, in_full: bool) -> Cell:
    if column.is_sealed:
        return _in_full if in_full else _masked
    if isinstance(column.kind, Words):
        return column.kind.write
    if column.kind.words() or not column.kind.is_text or column.field.endswith("_on"):
        return _written(column.kind)  # few different values: each is written once
    return _as_it_is


@lru_cache(maxsize=64)
def _written(kind: Kind) -> Cell:
    def write(value: Any) -> Value:
        written = kind.write(value)
        return written.isoformat() if isinstance(written, date) else written

    return lru_cache(maxsize=50_000)(write)


def _in_full(value: Any) -> Value:
    return value.reveal() if value else None


def _masked(value: Any) -> Value:
    """An identity number beside a grade at school shows its area alone; see masking.py."""
    if not value:
        return None
    return masked_id_beside_age(value.reveal()) if value.kind == "id" else str(value)


def _as_it_is(value: Any) -> Value:
    return value


def _path(column: Column) -> str:
    """Where the register keeps the column."""
    return PLACES.get(column.field) or PERSON_FIELDS.get(column.field, column.field)


SERIAL = next(at for at, column in enumerate(NATIONAL) if column.field == "serial")
PER_HEAD = next(at for at, column in enumerate(NATIONAL) if column.field == "per_head")
HOUSEHOLD_COLUMNS = [
    column for column in NATIONAL if column.level in {Level.PLACE, Level.HOUSEHOLD} and column.field != "per_head"
]
PERSON_COLUMNS = [column for column in NATIONAL if column.level == Level.PERSON]
HOUSEHOLD_PATHS, PERSON_PATHS = (
    [_path(column) for column in HOUSEHOLD_COLUMNS],
    [_path(column) for column in PERSON_COLUMNS],
)
