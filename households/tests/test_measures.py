"""Measures are entered once for many households, changed by those who may, and never twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import LONG_AGO, TODAY, World
from households.batches import OtherContent
from households.entering import can_enter_measure, households_to_enter
from households.measures import (
    can_change_measure,
    can_remove_measure,
    correct_measure,
    end_measure,
    enter_measures,
    measures_shown_to,
    remove_measure,
)
from households.models import Household, Measure, MeasureKind, Person, Relation
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Cadre:
    return world.post("大村长", Post.VILLAGE_CHIEF, world.village)


def chickens(**changed: Any) -> Measure:
    fields = {"kind": MeasureKind.INDUSTRY, "content": "发放鸡苗50羽", "amount": Decimal("200.00"), "starts_on": TODAY}
    return Measure(**(fields | changed))


def enter(actor: Cadre, *households: Household, measure: Measure | None = None, **options: Any) -> list[Measure]:
    ids = [household.pk for household in households]
    options = {"batch_id": uuid.uuid4(), "actor": actor, "on": TODAY} | options
    return enter_measures(measure or chickens(), household_ids=ids, **options)


def member(household: Household, name: str = "刘小妹") -> Person:
    return Person.objects.create(household=household, number=f"{household.number}02", name=name, relation=Relation.SON)


# Entering -------------------------------------------------------------------------------------


def test_one_form_enters_a_measure_for_each_household(world: World, chief: Cadre) -> None:
    homes = [world.household("刘家"), world.household("赖家")]

    enter(chief, *homes)

    rows = Measure.objects.order_by("household")
    assert [(row.household, row.content, row.amount, row.recorded_by, row.recorded_on) for row in rows] == [
        (home, "发放鸡苗50羽", Decimal("200.00"), chief, TODAY) for home in homes
    ]
    assert len({row.batch for row in rows}) == 1


def test_each_new_measure_is_in_the_trail(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"), world.household("赖家"))[0]

    entries = AuditEntry.objects.filter(verb="measure.entered")
    assert entries.count() == 2
    told = entries.get(target_id=str(row.pk))
    assert (told.actor, told.village, told.changes["amount"]) == (chief, world.village, [None, "200.00"])


def test_amounts_may_differ_by_household(world: World, chief: Cadre) -> None:
    same, other = world.household("刘家"), world.household("赖家")

    enter(chief, same, other, amounts={other.pk: Decimal("350.50")})

    assert dict(Measure.objects.values_list("household", "amount")) == {same.pk: 200, other.pk: Decimal("350.50")}


def test_sending_the_form_twice_enters_once(world: World, chief: Cadre) -> None:
    home, key = world.household("刘家"), uuid.uuid4()

    first, second = (enter(chief, home, batch_id=key) for _time in range(2))

    assert [row.pk for row in first] == [row.pk for row in second]
    assert Measure.objects.count() == 1
    assert AuditEntry.objects.filter(verb="measure.entered").count() == 1


def test_sent_again_after_the_post_is_over_it_is_still_the_form_saved_before(world: World) -> None:
    home, key = world.household("刘家"), uuid.uuid4()
    helper = world.help("帮扶干部", home, ends_on=TODAY)
    enter(helper, home, batch_id=key)

    again = enter(helper, home, batch_id=key, on=date(2026, 10, 16))

    assert len(again) == 1


def test_the_same_form_saying_something_else_overwrites_nothing(world: World, chief: Cadre) -> None:
    home, key = world.household("刘家"), uuid.uuid4()
    enter(chief, home, batch_id=key)

    with pytest.raises(OtherContent):
        enter(chief, home, batch_id=key, measure=chickens(content="发放鸭苗"))

    assert Measure.objects.get().content == "发放鸡苗50羽"


def test_a_measure_may_be_for_one_person(world: World, chief: Cadre) -> None:
    home = world.household("刘家")
    child = member(home)

    enter(chief, home, measure=chickens(kind=MeasureKind.COMPULSORY_EDUCATION, person=child))

    assert Measure.objects.get().person == child


def test_a_person_of_another_household_is_refused(world: World, chief: Cadre) -> None:
    stranger = member(world.household("赖家"))

    with pytest.raises(ValidationError) as refused:
        enter(chief, world.household("刘家"), measure=chickens(person=stranger))

    assert list(refused.value.message_dict) == ["person"]


def test_a_person_is_named_for_one_household_only(world: World, chief: Cadre) -> None:
    home = world.household("刘家")

    with pytest.raises(ValidationError) as refused:
        enter(chief, home, world.household("赖家"), measure=chickens(person=member(home)))

    assert list(refused.value.message_dict) == ["person"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"content": ""}, "content"),
        ({"kind": "gold"}, "kind"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"starts_on": date(26, 10, 1)}, "starts_on"),
        ({"ends_on": date(2026, 10, 14)}, "__all__"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_entered(
    world: World, chief: Cadre, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        enter(chief, world.household("刘家"), world.household("赖家"), measure=chickens(**changed))

    assert list(refused.value.message_dict) == [field]
    assert not Measure.objects.exists()


def test_a_negative_amount_of_a_later_household_is_refused_too(world: World, chief: Cadre) -> None:
    homes = [world.household("刘家"), world.household("赖家")]

    with pytest.raises(ValidationError):
        enter(chief, *homes, amounts={homes[1].pk: Decimal("-5")})

    assert not Measure.objects.exists()


def test_no_household_is_refused(chief: Cadre) -> None:
    with pytest.raises(ValidationError):
        enter(chief)


def test_the_number_of_queries_does_not_grow_with_the_households(
    world: World, chief: Cadre, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    homes = [world.household(f"{name}家") for name in "甲乙丙丁戊己庚辛"]

    with django_assert_max_num_queries(20) as for_one:
        enter(chief, homes[0])
    with django_assert_max_num_queries(20) as for_eight:
        enter(chief, *homes)

    assert len(for_one) == len(for_eight)


def test_the_database_itself_refuses_an_end_before_the_start(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    with pytest.raises(IntegrityError, match="measure_ends_after_start"), transaction.atomic():
        Measure.objects.filter(pk=row.pk).update(ends_on=LONG_AGO)


# Who may --------------------------------------------------------------------------------------

ENTERING = {
    *("town_secretary", "chief", "first_secretary", "village_secretary", "team_member"),
    *("supervisor", "town_supervisor", "clerk", "town_clerk"),
}


def test_the_village_the_town_and_the_office_enter_and_leaders_and_outsiders_do_not(world: World) -> None:
    home = world.household("刘家")
    cast = world.cast()

    by_village = {name for name, cadre in cast.items() if can_enter_measure(cadre, world.village.pk, TODAY)}
    by_row = {name for name, cadre in cast.items() if home in households_to_enter(cadre, TODAY)}

    assert by_village == by_row == ENTERING


def test_a_helper_enters_for_the_own_household_alone(world: World) -> None:
    own, other = world.household("刘家"), world.household("赖家")
    helper = world.help("帮扶干部", own)

    enter(helper, own)
    with pytest.raises(PermissionDenied):
        enter(helper, own, other)

    assert list(Measure.objects.values_list("household", flat=True)) == [own.pk]


def test_the_next_village_is_refused(world: World, chief: Cadre) -> None:
    with pytest.raises(PermissionDenied):
        enter(chief, world.household("邻村", world.sibling))


def test_a_household_that_left_the_register_is_refused(world: World, chief: Cadre) -> None:
    with pytest.raises(PermissionDenied):
        enter(chief, world.household("刘家", left_on=TODAY))


def test_changing_is_for_those_who_enter_and_taking_back_for_its_author_and_the_office(world: World) -> None:
    home = world.household("刘家")
    cast = world.cast() | {"helper": world.help("帮扶干部", home)}
    row = enter(cast["team_member"], home)[0]

    changing = {name for name, cadre in cast.items() if can_change_measure(cadre, row, TODAY)}
    removing = {name for name, cadre in cast.items() if can_remove_measure(cadre, row, TODAY)}

    assert changing == ENTERING | {"helper"}
    assert removing == {"team_member", "supervisor", "town_supervisor", "clerk", "town_clerk"}


# Changing -------------------------------------------------------------------------------------


def test_a_correction_tells_its_reason_and_what_it_changed(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    row.amount = Decimal("250.00")
    correct_measure(row, actor=chief, on=TODAY, reason="金额写错")

    told = AuditEntry.objects.get(verb="measure.corrected")
    assert (told.reason, told.changes) == ("金额写错", {"amount": ["200.00", "250.00"]})
    assert Measure.objects.get().amount == 250


def test_a_correction_needs_a_reason(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    with pytest.raises(ValidationError) as refused:
        correct_measure(row, actor=chief, on=TODAY, reason=" ")

    assert list(refused.value.message_dict) == ["reason"]


def test_ending_sets_the_last_day_and_the_result(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"), measure=chickens(starts_on=LONG_AGO))[0]

    end_measure(row, ends_on=TODAY, result="已出栏", actor=chief, on=TODAY)

    ended = Measure.objects.get()
    assert (ended.ends_on, ended.result) == (TODAY, "已出栏")
    assert AuditEntry.objects.filter(verb="measure.ended").count() == 1


def test_an_end_before_the_start_is_refused_in_words(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    with pytest.raises(ValidationError, match="终止日早于起始日"):
        end_measure(row, ends_on=LONG_AGO, result="", actor=chief, on=TODAY)


def test_taking_back_needs_a_reason_and_keeps_the_values_in_the_trail(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    with pytest.raises(ValidationError):
        remove_measure(row, actor=chief, on=TODAY, reason="")
    remove_measure(row, actor=chief, on=TODAY, reason="选错户")

    assert not Measure.objects.exists()
    told = AuditEntry.objects.get(verb="measure.removed")
    assert (told.reason, told.target_id, told.changes["content"]) == ("选错户", str(row.pk), ["发放鸡苗50羽", None])


@pytest.mark.parametrize("who", ["outsider", "unit_leader", "district_leader"])
def test_others_change_nothing(world: World, who: str) -> None:
    cast = world.cast()
    row = enter(cast["chief"], world.household("刘家"))[0]

    with pytest.raises(PermissionDenied):
        correct_measure(row, actor=cast[who], on=TODAY, reason="改")
    with pytest.raises(PermissionDenied):
        end_measure(row, ends_on=TODAY, result="", actor=cast[who], on=TODAY)
    with pytest.raises(PermissionDenied):
        remove_measure(row, actor=cast[who], on=TODAY, reason="删")

    assert Measure.objects.filter(ends_on=None).count() == 1


# Reading --------------------------------------------------------------------------------------


def test_measures_are_seen_with_their_household(world: World, chief: Cadre) -> None:
    own, other = world.household("刘家"), world.household("赖家")
    helper = world.help("帮扶干部", own)
    enter(chief, own, other)

    assert Measure.objects.visible_to(chief, TODAY).count() == 2
    assert [row.household for row in Measure.objects.visible_to(helper, TODAY)] == [own]
    assert not Measure.objects.visible_to(world.cadre("局外人"), TODAY).exists()


def test_a_measure_belongs_to_every_year_it_runs_in(world: World, chief: Cadre) -> None:
    enter(chief, world.household("刘家"), measure=chickens(starts_on=date(2024, 12, 31), ends_on=date(2025, 1, 1)))

    assert [Measure.objects.in_year(year).count() for year in (2023, 2024, 2025, 2026)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("born_on", "changed"),
    [
        (date(1970, 1, 1), {"kind": MeasureKind.HEALTH, "content": "慢病签约服务"}),
        (date(2015, 1, 1), {"kind": MeasureKind.EDUCATION, "content": "助学金"}),
        (None, {"kind": MeasureKind.EDUCATION, "content": "助学金"}),
    ],
)
def test_health_and_children_are_shown_to_those_who_work_with_the_family(
    world: World, born_on: date | None, changed: dict[str, Any]
) -> None:
    home = world.household("刘家")
    person = member(home)
    Person.objects.filter(pk=person.pk).update(born_on=born_on)
    cast = world.cast() | {"helper": world.help("帮扶干部", home)}
    enter(cast["clerk"], home, measure=chickens(person=person, **changed))
    enter(cast["clerk"], home)

    shown = {name: measures_shown_to(cadre, TODAY).count() for name, cadre in cast.items()}

    assert {name for name, count in shown.items() if count == 2} == ENTERING - {"town_secretary"} | {"helper"}
    assert {name for name, count in shown.items() if count == 0} == {"outsider"}


def test_who_entered_it_sees_it(world: World) -> None:
    secretary = world.post("镇书记", Post.TOWN_SECRETARY, world.town)
    row = enter(secretary, world.household("刘家"), measure=chickens(kind=MeasureKind.HEALTH))[0]

    assert measures_shown_to(secretary, TODAY).get() == row


# At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one after the other anyway")
def test_two_requests_with_the_same_form_at_the_same_moment_enter_it_once(world: World, chief: Cadre) -> None:
    homes, key = [world.household("刘家"), world.household("赖家")], uuid.uuid4()
    start = Barrier(2)

    def send(_number: int) -> list[int]:
        start.wait(10)
        try:
            return [row.pk for row in enter(chief, *homes, batch_id=key)]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(send, range(2))

    assert first == second
    assert Measure.objects.count() == 2
