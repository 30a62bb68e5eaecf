"""A person's record cannot be wrong silently, and the household follows its list of members."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from casework.tests.world import TODAY, World
from households.models import Measure, Person, Relation, Sex
from households.persons import leave_household, remove_person, save_person
from households.residence import save_household
from households.tests.numbers import BORN, certificate_number, identity_number
from villages.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def person(household: Any, name: str = "张三", relation: str = Relation.HEAD, **fields: Any) -> Person:
    number = fields.pop("number", f"{household.number}{name}")
    return Person(household=household, number=number, name=name, relation=relation, **fields)


def saved(household: Any, name: str = "张三", relation: str = Relation.HEAD, **fields: Any) -> Person:
    actor = fields.pop("actor", None)
    return save_person(person(household, name, relation, **fields), actor=actor, on=TODAY)


def refused(row: Person, **options: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        save_person(row, **({"actor": None, "on": TODAY} | options))
    return refusal.value.message_dict


def test_birth_date_and_sex_are_taken_from_the_number(home: Any) -> None:
    row = saved(home, id_number=identity_number(BORN, Sex.FEMALE))

    row.refresh_from_db()
    assert (row.born_on, row.sex) == (BORN, Sex.FEMALE)


def test_the_number_is_kept_as_it_is_compared(home: Any) -> None:
    typed = identity_number(date(1949, 12, 31), Sex.FEMALE, area="110105", serial=1)

    row: Any = saved(home, id_number=f" {typed[:6]} {typed[6:].lower()} ", phone="138 0000-5678")

    assert (row.id_number.reveal(), row.phone.reveal()) == (typed, "13800005678")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id_number": "360721196803020010"}, "id_number"),
        ({"id_number": identity_number(), "born_on": date(1968, 2, 3)}, "born_on"),
        ({"id_number": identity_number(), "sex": Sex.FEMALE}, "sex"),
        ({"born_on": TODAY + timedelta(days=1)}, "born_on"),
        ({"identified_on": TODAY + timedelta(days=1)}, "identified_on"),
        ({"born_on": date(2020, 1, 2), "identified_on": date(2020, 1, 1)}, "identified_on"),
        ({"born_on": date(2020, 1, 2), "left_on": date(2020, 1, 1)}, "left_on"),
        ({"identified_on": date(2020, 1, 2), "left_on": date(2020, 1, 1)}, "left_on"),
        ({"phone": "1380000567"}, "phone"),
        ({"bank_account": "6222-O2"}, "bank_account"),
        ({"health": ["healthy", "disabled"]}, "health"),
        ({"health": ["sick"]}, "health"),
        ({"months_of_work": 13}, "__all__"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused_beside_its_field(home: Any, fields: Any, field: str) -> None:
    assert field in refused(person(home, **fields))
    assert not Person.objects.exists()


@pytest.mark.parametrize("phone", ["13800005678", "0797-4440000", "4440000", "+8613800005678", ""])
def test_telephones_of_every_kind_are_taken(home: Any, phone: str) -> None:
    assert saved(home, phone=phone).pk


def test_a_household_has_one_head_at_a_time(home: Any) -> None:
    first = saved(home)

    assert refused(person(home, "李四"))
    leave_household(person=first, left_on=TODAY, actor=None, on=TODAY)

    assert saved(home, "李四").pk


def test_a_persons_number_stands_in_the_register_once(home: Any) -> None:
    number = saved(home).number
    second = person(home, "李四", Relation.SON, number=number)

    assert refused(second) == {"number": ["名册中已有这个人编号。"]}
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_one_number_is_one_person_in_the_whole_district(world: World, home: Any) -> None:
    foreign = world.household("外镇户", world.foreign)
    number = identity_number()
    saved(foreign, "王五", id_number=number)
    cast = world.cast()
    same = {"id_number": certificate_number(number)}

    told_to_district = refused(person(home, **same), actor=cast["clerk"])["id_number"][0]
    told_to_town = refused(person(home, **same), actor=cast["town_clerk"])["id_number"][0]

    assert [word in told_to_district for word in ("王五", foreign.number, number)] == [True, True, False]
    assert [word in told_to_town for word in ("王五", foreign.number, foreign.head_name, "攸镇")] == [False] * 4


def test_who_left_one_household_is_entered_in_another(world: World, home: Any) -> None:
    number = identity_number(sex=Sex.FEMALE)
    bride = saved(home, "李氏", Relation.DAUGHTER, id_number=number)
    leave_household(person=bride, left_on=TODAY, actor=None, on=TODAY)

    again = saved(world.household("赵六", world.foreign), "李氏", Relation.SPOUSE, id_number=number)

    assert again.pk
    bride.left_on = None
    assert "id_number" in refused(bride)


def test_a_person_is_not_a_second_record_of_themselves(home: Any) -> None:
    row = saved(home, id_number=identity_number())
    row.place_of_work = "东莞"

    assert save_person(row, actor=None, on=TODAY).place_of_work == "东莞"


def test_the_head_gives_the_household_its_name_and_a_complete_list_its_number(world: World) -> None:
    home = world.household("张三", members=1)
    head = saved(home, "张三丰")
    wife = saved(home, "李氏", Relation.SPOUSE)
    home.refresh_from_db()
    assert (home.head_name, home.members) == ("张三丰", 2)

    leave_household(person=head, left_on=TODAY, actor=None, on=TODAY)
    wife.relation = Relation.HEAD
    save_person(wife, actor=None, on=TODAY)

    home.refresh_from_db()
    assert (home.head_name, home.members) == ("李氏", 1)


def test_while_a_list_is_being_typed_the_registers_number_of_members_stands(world: World) -> None:
    home = world.household("张三", members=4)

    counted = []
    for name, relation in [("张三", "head"), ("李氏", "spouse"), ("张一", "son"), ("张二", "son"), ("张五", "son")]:
        saved(home, name, relation)
        home.refresh_from_db()
        counted.append(home.members)

    assert counted == [4, 4, 4, 4, 5]


def test_the_households_head_is_renamed_where_the_member_is(home: Any) -> None:
    saved(home)
    home.refresh_from_db()
    home.head_name = "张四"

    with pytest.raises(ValidationError) as refusal:
        save_household(home, actor=None, on=TODAY)

    assert list(refusal.value.message_dict) == ["head_name"]


def test_a_person_can_change_households_and_both_follow(world: World, home: Any) -> None:
    saved(home)
    son = saved(home, "张小", Relation.SON)
    own = world.household("张小", members=1)

    son.household, son.relation = own, Relation.HEAD
    save_person(son, actor=None, on=TODAY)

    for row in (home, own):
        row.refresh_from_db()
    assert (home.members, own.members, own.head_name) == (1, 1, "张小")


def test_every_change_is_told_without_a_number_in_the_open(home: Any) -> None:
    number = identity_number()
    row = saved(home, id_number=number, phone="13800005678")
    row.phone, row.name = "13900005678", "张三丰"
    save_person(row, actor=None, on=TODAY, reason="换了号码")
    save_person(row, actor=None, on=TODAY)
    remove_person(person=row, actor=None, on=TODAY, reason="录错")

    entries = list(AuditEntry.objects.filter(target_type="households.Person").order_by("pk"))

    assert [entry.verb for entry in entries] == ["person.registered", "person.corrected", "person.removed"]
    assert sorted(entries[1].changes) == ["name", "phone"]
    assert {entry.village_id for entry in entries} == {home.village_id}
    text = str([entry.changes for entry in entries])
    assert [secret in text for secret in (number, "13800005678", "13900005678", row.id_index)] == [False] * 4


def test_a_changed_name_empties_its_initials(home: Any) -> None:
    row = saved(home)
    Person.objects.update(initials="zs")
    row.refresh_from_db()
    row.name = "张四"

    save_person(row, actor=None, on=TODAY)

    assert row.initials == ""


def test_a_person_with_measures_leaves_instead_of_being_removed(home: Any) -> None:
    row = saved(home)
    Measure.objects.create(household=home, person=row, kind="industry", starts_on=TODAY, recorded_on=TODAY)

    with pytest.raises(ValidationError):
        remove_person(person=row, actor=None, on=TODAY, reason="录错")

    assert Person.objects.filter(pk=row.pk).exists()


def test_persons_are_changed_by_the_office_of_the_place_and_by_nobody_else(world: World, home: Any) -> None:
    cast = world.cast() | {"helper": world.help("帮扶", home)}
    may = set()
    for number, (role, cadre) in enumerate(cast.items()):
        try:
            saved(home, role, Relation.OTHER, number=f"P{number}", actor=cadre)
            may.add(role)
        except PermissionDenied:
            pass

    assert may == {"supervisor", "clerk", "town_supervisor", "town_clerk"}


def test_a_town_clerk_can_neither_send_a_person_to_another_town_nor_fetch_one(world: World, home: Any) -> None:
    clerk = world.cast()["town_clerk"]
    foreign = world.household("外镇户", world.foreign)
    for row, target in ((saved(home), foreign), (saved(foreign), home)):
        row.household = target
        with pytest.raises(PermissionDenied):
            save_person(row, actor=clerk, on=TODAY)

    assert Person.objects.filter(household=home).count() == 1
