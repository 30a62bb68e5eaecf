"""Personal numbers are unreadable in the database, masked in print, and found again by their index."""

import hmac
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection

from casework.tests.world import World
from households.models import Person
from households.models.sealed import BlindIndexField
from households.sealed import Sealed
from households.sealing import NONCES_AT_ONCE, CannotUnseal, blind_index, is_current, seal, sealing_for, unseal
from villages import audit

pytestmark = [pytest.mark.core, pytest.mark.django_db]

COLUMN = "households.Person.phone"
NUMBER = "360721195001010014"
PHONE = "13800005678"


def person(**fields: object) -> Person:
    household = World().household("户主")
    return Person.objects.create(household=household, number="1", name="张三", relation="head", **fields)


def stored(column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM households_person")
        return str(cursor.fetchone()[0])


def test_a_sealed_text_is_read_back_and_looks_different_each_time() -> None:
    first, second = seal(PHONE, column=COLUMN), seal(PHONE, column=COLUMN)

    assert first != second
    assert unseal(first, column=COLUMN) == unseal(second, column=COLUMN) == PHONE


def test_a_value_moved_to_another_column_cannot_be_read() -> None:
    with pytest.raises(CannotUnseal):
        unseal(seal(PHONE, column=COLUMN), column="households.Person.bank_account")


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_the_blind_index_is_the_hmac_of_column_and_text_for_keys_of_any_length(settings: Any, length: int) -> None:
    key = bytes(range(length))
    settings.PERSONAL_DATA_INDEX_KEYS = {"new": key}

    expected = hmac.digest(key, f"{COLUMN}\0{PHONE}".encode(), "sha256").hex()[:32]
    assert blind_index(PHONE, column=COLUMN) == expected


def test_no_two_of_many_numbers_sealed_in_a_row_have_the_same_nonce() -> None:
    seal_one = sealing_for(COLUMN)

    tokens = [seal_one(PHONE) for _number in range(2 * NONCES_AT_ONCE + 1)]

    assert len({token.partition(":")[2][:16] for token in tokens}) == len(tokens)
    assert unseal(tokens[-1], column=COLUMN) == PHONE


@pytest.mark.parametrize("token", ["", "nobody:AAAA", "dev", "dev:%%%"])
def test_what_is_no_sealed_value_is_refused(token: str) -> None:
    with pytest.raises(CannotUnseal):
        unseal(token, column=COLUMN)


def test_an_older_key_still_reads_and_the_first_one_writes(settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = {"old": b"o" * 32}
    token = seal(PHONE, column=COLUMN)

    settings.PERSONAL_DATA_KEYS = {"new": b"n" * 32, "old": b"o" * 32}

    assert unseal(token, column=COLUMN) == PHONE
    assert (is_current(token), is_current(seal(PHONE, column=COLUMN))) == (False, True)


def test_an_index_depends_on_the_key_and_on_the_column(settings: Any) -> None:
    before = blind_index(NUMBER, column="a")
    other_column = blind_index(NUMBER, column="b")
    settings.PERSONAL_DATA_INDEX_KEYS = {"new": b"x" * 32}

    assert len({before, other_column, blind_index(NUMBER, column="a")}) == 3


def test_the_database_does_not_hold_the_number() -> None:
    person(id_number=NUMBER, phone=PHONE)

    assert NUMBER not in stored("id_number")
    assert PHONE not in stored("phone")


def test_a_row_prints_the_mask_before_and_after_it_is_saved() -> None:
    unsaved = Person(phone=PHONE)
    row = Person.objects.get(pk=person(id_number=NUMBER, phone=PHONE, bank_account="6222020000001234567").pk)

    assert (str(unsaved.phone), str(row.phone)) == ("138****5678", "138****5678")
    assert (str(row.id_number), str(row.bank_account)) == ("*" * 18, "**** 4567")
    assert NUMBER not in repr(row.id_number)
    revealed: Any = row.id_number
    assert revealed.reveal() == NUMBER


def test_an_empty_number_is_no_number() -> None:
    row: Any = person(phone="  ")

    assert row.phone is None
    assert row.id_index == ""


def test_a_person_is_found_by_the_number_and_by_its_last_four() -> None:
    row = person(id_number="36072119500101001x")
    by_number: BlindIndexField = Person._meta.get_field("id_index")  # type: ignore[assignment]
    by_tail: BlindIndexField = Person._meta.get_field("id_tail_index")  # type: ignore[assignment]

    assert Person.objects.get(id_index=by_number.digest("360721 19500101 001X")) == row
    assert Person.objects.get(id_tail_index=by_tail.digest("001x")) == row


def test_nobody_can_search_the_sealed_column_itself() -> None:
    with pytest.raises(FieldError):
        Person.objects.filter(phone=PHONE).exists()


def test_the_audit_trail_tells_a_change_without_the_number() -> None:
    before = {"id_number": Sealed.of("360721195001010014", "c", "id")}
    after = {"id_number": Sealed.of("360721196001010014", "c", "id")}

    told = [audit.as_json(values["id_number"]) for values in (before, after)]

    assert told[0] != told[1]
    assert all(text.startswith(f"{'*' * 18} #") for text in told)


def test_a_copied_row_comes_back_as_it_was_and_is_sealed_on_the_way() -> None:
    row = person(id_number=NUMBER, phone=PHONE)

    text = serializers.serialize("json", [row])
    row.delete()
    for copied in serializers.deserialize("json", text):
        copied.save()

    again: Any = Person.objects.get()
    assert (again.id_number.reveal(), again.phone.reveal()) == (NUMBER, PHONE)
    assert [number in text for number in (NUMBER, PHONE)] == [False, False]


def test_a_disability_certificate_is_found_by_the_identity_number_in_it() -> None:
    row = person(id_number=f"{NUMBER}42")
    by_number: BlindIndexField = Person._meta.get_field("id_index")  # type: ignore[assignment]
    by_tail: BlindIndexField = Person._meta.get_field("id_tail_index")  # type: ignore[assignment]

    assert Person.objects.get(id_index=by_number.digest(NUMBER)) == row
    assert Person.objects.get(id_tail_index=by_tail.digest(NUMBER[-4:])) == row
