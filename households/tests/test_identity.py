"""An identity number is right or refused with what to do; it tells birth date and sex."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from casework.tests.world import TODAY
from households.identity import CHECK_DIGITS, check_digit, is_identity, read_identity, same_identity
from households.models import Sex
from households.tests.numbers import certificate_number, identity_number

pytestmark = pytest.mark.core

# The example of GB 11643-1999, appendix A.
EXAMPLE = "11010519491231002X"


def refusal_of(text: str, on: date = TODAY) -> str:
    with pytest.raises(ValidationError) as refusal:
        read_identity(text, on=on)
    assert not text or text not in refusal.value.messages[0]
    return refusal.value.error_list[0].code or ""


def test_the_example_of_the_standard_is_read() -> None:
    identity = read_identity(EXAMPLE, on=TODAY)

    assert (identity.born_on, identity.sex) == (date(1949, 12, 31), Sex.FEMALE)
    assert (identity.is_certificate, identity.doubts) == (False, ())


@pytest.mark.parametrize("typed", ["11010519491231002x", " 110105 19491231 002X ", "11010519491231002X", "'" + EXAMPLE])
def test_blanks_full_width_and_small_x_are_forgiven(typed: str) -> None:
    assert read_identity(typed, on=TODAY).number == EXAMPLE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "shape"),
        ("110105491231002", "shape"),
        ("1.10105194912310E+17", "shape"),
        ("110105194912310020.0", "shape"),
        ("1101051949123100X2", "shape"),
        ("٣" * 18, "shape"),
        (EXAMPLE + "81", "shape"),
        (EXAMPLE + "15", "shape"),
        ("990105194912310020", "province"),
        ("110105194902310029", "birth"),
        ("110105189912310026", "birth"),
        ("110105194912310021", "check_digit"),
        ("110105194912310039", "check_digit"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_reason_and_without_the_number(text: str, code: str) -> None:
    assert refusal_of(text) == code


def test_a_birth_today_is_possible_and_one_tomorrow_is_not() -> None:
    number = identity_number(born_on=TODAY)

    assert read_identity(number, on=TODAY).born_on == TODAY
    assert refusal_of(number, on=date(2026, 10, 14)) == "birth"


def test_an_elder_of_an_area_founded_later_is_no_mistake() -> None:
    # 360704 is Ganxian District since 2016; numbers follow the place of first registration, whatever it is called now.
    assert read_identity(identity_number(born_on=date(1931, 5, 4), area="360704"), on=TODAY).doubts == ()


def test_an_area_that_is_no_county_only_warns() -> None:
    assert len(read_identity(identity_number(area="360700"), on=TODAY).doubts) == 1


@pytest.mark.parametrize("suffix", ["42", "11", "74", "42B1"])
def test_a_disability_certificate_contains_the_identity_number(suffix: str) -> None:
    identity = read_identity(EXAMPLE + suffix, on=TODAY)

    assert (identity.number, identity.is_certificate) == (EXAMPLE, True)


def test_card_and_certificate_of_one_person_are_the_same_identity() -> None:
    number = identity_number()

    assert same_identity(number, certificate_number(number))
    assert not same_identity(number, identity_number(serial=1))


def test_what_contradicts_the_number_is_told_by_field() -> None:
    identity = read_identity(identity_number(date(1968, 3, 2), Sex.FEMALE), on=TODAY)

    wrong = identity.contradictions(born_on=date(1968, 2, 3), sex=Sex.MALE)

    assert sorted(wrong) == ["born_on", "sex"]
    assert "1968" in wrong["born_on"]
    assert identity.contradictions(born_on=date(1968, 3, 2), sex=Sex.FEMALE) == {}
    assert identity.contradictions(born_on=None, sex="") == {}


@given(
    born_on=st.dates(date(1900, 1, 1), TODAY),
    serial=st.integers(0, 499),
    sex=st.sampled_from(list(Sex)),
    place=st.integers(0, 16),
    digit=st.integers(1, 9),
)
def test_every_good_number_is_read_back_and_every_single_mistyped_digit_is_noticed(
    born_on: date, serial: int, sex: Sex, place: int, digit: int
) -> None:
    number = identity_number(born_on, sex, serial=serial)
    mistyped = number[:place] + str((int(number[place]) + digit) % 10) + number[place + 1 :]

    identity = read_identity(number, on=TODAY)

    assert (identity.born_on, identity.sex) == (born_on, sex)
    assert check_digit(mistyped) != mistyped[-1]
    assert number[-1] in CHECK_DIGITS


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (identity_number(), True),
        (f"{identity_number()}42", True),
        (identity_number()[:-1], False),
        ("360704101200000101", False),
        ("360721196813021234", False),
        ("", False),
    ],
)
def test_an_identity_number_is_told_from_a_records_number(text: str, is_one: bool) -> None:
    assert is_identity(text) is is_one
