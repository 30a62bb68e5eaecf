"""What a mask shows; that a thousand people still fit, counted; that templates use the mask that fits."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from casework.tests.world import TODAY
from households.identity import check_digit
from households.masking import (
    FEWEST_PEOPLE,
    masked_account,
    masked_id,
    masked_id_beside_age,
    masked_id_beside_name,
    masked_phone,
)
from households.models import Person, Sex
from households.tests.numbers import identity_number

pytestmark = pytest.mark.core

NUMBER = "360721195001011234"
# The counties of Ganzhou with their present and former codes: who knows the village guesses one of them first.
PREFECTURE = [f"3607{county:02}" for county in (1, 2, 3, 4, *range(21, 36), 81, 82, 83)]
OLDEST = date(1916, 1, 1)


@pytest.mark.parametrize(
    ("mask", "number", "shown"),
    [
        (masked_id, NUMBER, "******************"),
        (masked_id, "12345", "*****"),
        (masked_id_beside_age, NUMBER, "360721************"),
        (masked_id_beside_age, "12345", "*****"),
        (masked_id_beside_name, NUMBER, "360721********1234"),
        (masked_id_beside_name, f"{NUMBER}42", "360721********1234"),
        (masked_id_beside_name, "12345", "*****"),
        (masked_phone, "13812345678", "138****5678"),
        (masked_phone, "07974441234", "079****1234"),
        (masked_phone, "44412345", "********"),
        (masked_account, "6222020000001234567", "**** 4567"),
        (masked_account, "12345678", "********"),
    ],
)
def test_a_mask_shows_head_and_tail_of_long_numbers_only(mask: Callable[[str], str], number: str, shown: str) -> None:
    assert mask(number) == shown


# Counting who fits --------------------------------------------------------------------------------


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def people_who_fit(mask: str, born: tuple[date, date], sex: Sex | None) -> int:
    """How many good numbers agree with the mask, a span of birth dates and, when it is told, the sex.

    Counted one by one until there are enough. Where the mask hides the area, only this prefecture's are counted.
    """
    shape = re.compile(mask.replace("*", "."))
    areas = [area for area in PREFECTURE if shape.match(area + mask[6:])] if mask[0] == "*" else [mask[:6]]
    found = 0
    for area in areas:
        for day in days(*born):
            for serial in range(1, 1000):
                if sex is not None and (serial % 2 == 1) != (sex == Sex.MALE):
                    continue
                body = f"{area}{day:%Y%m%d}{serial:03}"
                found += bool(shape.fullmatch(body + check_digit(body)))
        if found >= FEWEST_PEOPLE:
            break
    return found


def quickly(mask: str, born: tuple[date, date], sex: Sex | None) -> int:
    """The same for a mask that shows the serial: only the days have to be gone through."""
    body = [f"{mask[:6]}{day:%Y%m%d}{mask[14:17]}" for day in days(*born)]
    return sum(check_digit(text) == mask[17] for text in body)


number_of_somebody = st.builds(
    identity_number,
    born_on=st.dates(date(1930, 1, 1), TODAY),
    sex=st.sampled_from(list(Sex)),
    area=st.sampled_from(PREFECTURE),
    serial=st.integers(1, 499),
)


@budget(max_examples=5, deadline=None)
@given(number=number_of_somebody)
def test_beside_a_birth_date_and_the_sex_a_thousand_people_fit(number: str) -> None:
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE

    assert people_who_fit(masked_id(number), (born, born), sex) >= FEWEST_PEOPLE


@budget(max_examples=5, deadline=None)
@given(number=number_of_somebody)
def test_beside_a_month_of_birth_and_the_sex_a_thousand_people_fit(number: str) -> None:
    first = date(int(number[6:10]), int(number[10:12]), 1)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE

    assert people_who_fit(masked_id_beside_age(number), (first, first + timedelta(days=27)), sex) >= FEWEST_PEOPLE


@budget(max_examples=20, deadline=None)
@given(number=number_of_somebody)
def test_beside_a_name_and_the_sex_a_thousand_people_fit(number: str) -> None:
    assert quickly(masked_id_beside_name(number), (OLDEST, TODAY), None) >= FEWEST_PEOPLE


def test_the_count_notices_a_mask_in_the_wrong_company() -> None:
    born = date(1950, 1, 1)
    a_year = (date(1950, 1, 1), date(1950, 12, 31))

    too_few = [
        people_who_fit(masked_id_beside_name(NUMBER), (born, born), None),
        quickly(masked_id_beside_name(NUMBER), a_year, None),
        people_who_fit(masked_id_beside_age(NUMBER), (born, born), Sex.MALE),
    ]

    assert [count < FEWEST_PEOPLE for count in too_few] == [True] * 3
    assert too_few[0] <= 1


@pytest.mark.parametrize("mask", [masked_phone("13812345678"), masked_account("6222020000001234567")])
def test_of_a_telephone_and_an_account_at_least_ten_thousand_fit(mask: str) -> None:
    assert 10 ** max(mask.count("*"), 4) >= 10_000


# Templates ----------------------------------------------------------------------------------------


def somebody(**fields: object) -> Person:
    return Person(name="张三", sex=Sex.MALE, id_number=NUMBER, phone="13812345678", **fields)


def shown(template: str, **fields: object) -> str:
    return Template("{% load personal %}" + template).render(Context({"person": somebody(**fields), "today": TODAY}))


def test_a_template_that_forgets_the_filter_shows_no_digit_of_an_identity_number() -> None:
    assert shown("{{ person.id_number }}") == "*" * 18


def test_a_template_cannot_reveal_a_number() -> None:
    assert NUMBER not in shown("{{ person.id_number.reveal }}")


def test_the_filters_show_the_masks_of_the_table() -> None:
    template = "{{ person.id_number|id_beside_age }} {{ person.id_number|id_beside_name }} {{ person.phone }}"

    assert shown(template) == "360721************ 360721********1234 138****5678"
    assert shown("{{ person.bank_account|id_beside_age }}") == ""


@pytest.mark.parametrize(
    ("born_on", "said"),
    [
        (None, "年龄不详"),
        (date(1950, 10, 16), "75岁"),
        (date(1950, 10, 15), "76岁"),
        (date(2024, 10, 15), "2岁"),
        (date(2025, 9, 16), "12个月"),
        (TODAY, "0个月"),
    ],
)
def test_an_age_is_said_instead_of_a_birth_date(born_on: date | None, said: str) -> None:
    assert shown("{{ person|age:today }}", born_on=born_on) == said


TELLS_THE_AGE = re.compile(r"born_on|\|age\b|age_on|schooling|is_minor|identified_on")


@pytest.mark.parametrize(
    "path", sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_a_template_prints_the_mask_that_fits_its_company(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not ("id_beside_name" in text and TELLS_THE_AGE.search(text))
    assert not ("id_beside_age" in text and "born_on" in text)
    assert "reveal()" not in text
