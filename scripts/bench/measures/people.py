"""Give the district's households as many made-up members as a register has, where the demo has none."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from casework.demo.names import clan, head_of
from households.identity import check_digit
from households.models import Household, Person
from households.models.sealed import BlindIndexField, SealedField
from villages.pour import pour

COLUMNS = [
    *("household_id", "number", "name", "initials", "relation", "sex", "born_on", "id_number", "id_index"),
    *("id_tail_index", "ethnicity", "education", "schooling", "health", "labour_skill", "months_of_work"),
    *("place_of_work", "has_major_illness_insurance", "phone", "identified_on", "is_identity_odd"),
]
RELATIONS = ["head", "spouse", "son", "daughter", "father", "mother"]
EDUCATIONS, SCHOOLINGS = ["primary", "junior", "senior", "illiterate"], ["none", "none", "primary", "grade_8"]
FIRST_DAY, DAYS, FOUND = date(1940, 1, 1), 27_000, date(2014, 12, 1)


def people_the_district(day: date, wanted: int) -> None:
    """Add persons until there are about as many as wanted; nothing when there are."""
    if Person.objects.registered(day).count() >= wanted * 9 // 10:
        return
    names = {field.column for field in Person._meta.concrete_fields}
    columns = [column for column in COLUMNS if column in names]
    empty = Household.objects.registered(day).filter(persons=None)
    households = list(empty.order_by("pk").values_list("pk", "number", "head_name"))
    pour(Person, columns, _rows(households, wanted, columns))


def _rows(households: list[tuple[int, str, str]], wanted: int, columns: list[str]) -> Iterator[list[Any]]:
    rng, made = Random(470), 0
    family = clan(rng)
    for place, (household_id, number, head) in enumerate(households, start=1):
        size = max(1, min(len(RELATIONS), round(wanted * place / len(households)) - made))
        for member in range(size):
            made += 1
            person = _person(rng, made, member)
            person |= {"household_id": household_id, "number": f"{number}{member:02}"}
            person["name"] = head if not member else head_of(rng, family)
            yield [person.get(column, "") for column in columns]


def _person(rng: Random, serial: int, member: int) -> dict[str, Any]:
    born_on = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    body = f"360721{born_on:%Y%m%d}{serial % 1000:03}"
    identity, column = body + check_digit(body), Person._meta.get_field("id_number")
    assert isinstance(column, SealedField)
    return {
        "relation": RELATIONS[member],
        "sex": "male" if serial % 2 else "female",
        "born_on": born_on,
        "id_number": column.get_prep_value(identity),
        "id_index": _digest("id_index", identity),
        "id_tail_index": _digest("id_tail_index", identity),
        "ethnicity": "汉族",
        "education": rng.choice(EDUCATIONS),
        "schooling": rng.choice(SCHOOLINGS),
        "health": ["healthy"],
        "labour_skill": "ordinary",
        "months_of_work": rng.randrange(13),
        "has_major_illness_insurance": True,
        "phone": _phone(serial),
        "identified_on": FOUND,
    }


def _digest(name: str, identity: str) -> str:
    field = Person._meta.get_field(name)
    assert isinstance(field, BlindIndexField)
    return field.digest(identity)


def _phone(serial: int) -> str | None:
    field = Person._meta.get_field("phone")
    assert isinstance(field, SealedField)
    return field.get_prep_value(f"139{serial:08}")
