"""What is particular to measures: amounts, persons, ends with a result, health and children. See test_entries.py."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from casework.tests.world import LONG_AGO, TODAY, World
from households.measures import (
    MEASURES,
    end_measure,
    measures_shown_to,
)
from households.models import Household, Measure, MeasureKind, Person, Relation
from households.tests import entered
from households.tests.entered import ENTERING, chickens
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def enter(actor: Cadre, *households: Household, measure: Measure | None = None, **options: Any) -> list[Measure]:
    return entered.enter(MEASURES, actor, *households, row=measure, **options)


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


def test_amounts_may_differ_by_household(world: World, chief: Cadre) -> None:
    same, other = world.household("刘家"), world.household("赖家")

    enter(chief, same, other, amounts={other.pk: Decimal("350.50")})

    assert dict(Measure.objects.values_list("household", "amount")) == {same.pk: 200, other.pk: Decimal("350.50")}


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


def test_the_database_itself_refuses_an_end_before_the_start(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"))[0]

    with pytest.raises(IntegrityError, match="measure_ends_after_start"), transaction.atomic():
        Measure.objects.filter(pk=row.pk).update(ends_on=LONG_AGO)


# Changing -------------------------------------------------------------------------------------


def test_ending_sets_the_last_day_and_the_result(world: World, chief: Cadre) -> None:
    row = enter(chief, world.household("刘家"), measure=chickens(starts_on=LONG_AGO))[0]

    end_measure(row, ends_on=TODAY, result="已出栏", actor=chief, on=TODAY)

    ended = Measure.objects.get()
    assert (ended.ends_on, ended.result) == (TODAY, "已出栏")
    assert AuditEntry.objects.filter(verb="measure.ended").count() == 1


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
