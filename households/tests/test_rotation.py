"""Keys are changed while the system runs: nothing is lost, everything is found, a second run changes nothing."""

import re
import uuid
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from casework.tests.world import TODAY, World, at
from households.exports import ask_for_result, write_export
from households.imports import continue_import, take_back_import
from households.models import Household, ImportState, Person
from households.models.sealed import BlindIndexField, SealedBytesField
from households.persons import others_with_identity
from households.rotation import rotate
from households.search import ask, find
from households.tests import sheets
from households.tests.numbers import identity_number
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

OLD, NEW = b"o" * 32, b"n" * 32
NUMBER, PHONE = identity_number(), "13812345678"
NOW = at(TODAY)


@pytest.fixture
def old_keys(settings: Any) -> Any:
    settings.PERSONAL_DATA_KEYS = {"2025": OLD}
    settings.PERSONAL_DATA_INDEX_KEYS = {"2025": OLD}
    return settings


@pytest.fixture
def home(old_keys: Any) -> Household:
    home = World().household("张三", phone="13987654321")
    for number in range(3):
        person = Person(household=home, number=f"P{number}", name="张三", relation="other")
        person.id_number, person.phone = identity_number(serial=number), PHONE
        person.save()
    Person.objects.create(household=home, number="P9", name="无证", relation="other")
    return home


def change_keys(settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = {"2026": NEW, "2025": OLD}
    settings.PERSONAL_DATA_INDEX_KEYS = {"2026": NEW, "2025": OLD}


def forget_old_keys(settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = {"2026": NEW}
    settings.PERSONAL_DATA_INDEX_KEYS = {"2026": NEW}


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM households_person ORDER BY id")
        found = [token for row in cursor.fetchall() for token in row if token]
        cursor.execute("SELECT phone FROM households_household")
        return found + [token for (token,) in cursor.fetchall()]


def numbers() -> list[str]:
    rows: Any = Person.objects.exclude(number="P9").order_by("pk")
    return [row.id_number.reveal() for row in rows] + [row.phone.reveal() for row in rows]


def test_after_the_rotation_the_old_keys_are_not_needed(home: Household, settings: Any) -> None:
    before = numbers()
    change_keys(settings)

    done = rotate()
    forget_old_keys(settings)

    sealed: Any = Household.objects.get().phone
    index: BlindIndexField = Person._meta.get_field("id_index")  # type: ignore[assignment]
    assert (done.changed, done.unreadable) == (4, 0)
    assert {token.split(":")[0] for token in tokens()} == {"2026"}
    assert (numbers(), sealed.reveal()) == (before, "13987654321")
    assert Person.objects.get(id_index=index.digest(NUMBER)).number == "P0"


def test_a_second_run_changes_nothing(home: Household, settings: Any) -> None:
    change_keys(settings)
    rotate()
    before = tokens()

    assert rotate().changed == 0
    assert tokens() == before


def test_a_run_that_was_stopped_is_taken_up_again(
    home: Household, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("households.rotation.BATCH", 1)
    change_keys(settings)

    def stop(_label: str, done: Any) -> None:
        if done.changed == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(told=stop)

    assert rotate().changed == 2
    forget_old_keys(settings)
    assert len(numbers()) == 6


def test_in_the_middle_of_it_everything_is_found_by_both_keys(home: Household, settings: Any) -> None:
    change_keys(settings)
    added = Person(household=home, number="P5", name="李四", relation="other")
    added.id_number = identity_number(serial=7)
    added.save()
    administrator = Cadre.objects.create_superuser("root", name="技术")
    same = Person(household=home, number="P6", name="又来", relation="other")
    same.id_number = NUMBER

    assert [person.number for person in others_with_identity(same, on=TODAY)] == ["P0"]
    for words in (NUMBER, NUMBER[-4:], identity_number(serial=7)):
        assert [one.household for one in find(ask(words), administrator, TODAY)] == [home]


def test_a_number_that_no_key_reads_is_told_and_left_as_it_is(home: Household, settings: Any) -> None:
    before = tokens()
    forget_old_keys(settings)
    said = StringIO()

    with pytest.raises(CommandError, match="7 numbers"):
        call_command("rotate_keys", stdout=said)

    assert tokens() == before


def test_the_command_tells_how_far_it_is(home: Household, settings: Any) -> None:
    change_keys(settings)
    said = StringIO()

    call_command("rotate_keys", stdout=said)

    assert "households.Person: " in said.getvalue()
    assert re.search(r"^4 of \d rows", said.getvalue(), re.MULTILINE)
    assert NUMBER not in said.getvalue()


def test_an_import_can_be_undone_after_the_keys_it_was_sealed_with_are_gone(old_keys: Any) -> None:
    World()
    rows = [sheets.person("3607041000001", 1, "张三", 证件号码=NUMBER, 人联系电话=PHONE, 户联系电话=PHONE)]
    sheets.confirm(sheets.bring_in(sheets.csv_of(rows), now=NOW), now=NOW)
    rows[0] |= {"证件号码": identity_number(serial=4), "人联系电话": "13800000009", "户联系电话": "13800000008"}
    job = sheets.confirm(sheets.bring_in(sheets.csv_of(rows), now=NOW), now=NOW)
    change_keys(old_keys)

    done = rotate()
    forget_old_keys(old_keys)
    take_back_import(job=job, actor=None, on=TODAY)
    continue_import(job.pk, now=NOW)

    person: Any = Person.objects.get()
    job.refresh_from_db()
    assert (done.unreadable, job.state) == (0, ImportState.UNDONE)
    assert (person.id_number.reveal(), person.phone.reveal(), person.household.phone.reveal()) == (NUMBER, PHONE, PHONE)


def test_pieces_of_files_waiting_imports_and_exports_are_read_after_the_old_keys_are_gone(old_keys: Any) -> None:
    world = World()
    clerk = world.post("区录入员", Post.CLERK, world.district)
    good = sheets.person("3607041000001", 1, "张三", 证件号码=NUMBER)
    wrong = sheets.person("3607041000001", 2, "李四", "配偶", 证件号码=NUMBER)
    job = sheets.bring_in(sheets.csv_of([good, wrong]), now=NOW, actor=clerk)
    export = ask_for_result(key=uuid.uuid4(), job=job, actor=clerk, now=NOW)
    write_export(export.pk, now=NOW)
    before = sealed_bytes()
    change_keys(old_keys)

    rotate()
    forget_old_keys(old_keys)

    assert sorted(before) == ["ExportPart", "ImportGroup", "ImportPart", "ImportRefusal"]
    assert sealed_bytes() == before
    assert sheets.confirm(job, now=NOW, actor=clerk).state == ImportState.APPLIED
    head: Any = Person.objects.get()
    assert head.id_number.reveal() == NUMBER


def sealed_bytes() -> dict[str, list[Any]]:
    """What the sealed bytes of every model say, where there are any."""
    models = [model for model in apps.get_models() if model._meta.app_label == "households"]
    columns = [(model, field) for model in models for field in model._meta.concrete_fields]
    found: dict[str, list[Any]] = {}
    for model, field in columns:
        if isinstance(field, SealedBytesField):
            values = model._default_manager.order_by("pk").values_list(field.name, flat=True)
            found.setdefault(model.__name__, []).extend(value for value in values if value is not None)
    return {name: values for name, values in found.items() if values}


def test_every_kind_of_sealed_column_can_be_sealed_anew() -> None:
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]

    assert [str(field) for field in fields if "Sealed" in type(field).__name__ and not hasattr(field, "resealed")] == []
