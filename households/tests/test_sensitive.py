"""Health and children's data are for who works with the family, and for the office."""

from datetime import date

import pytest

from casework.tests.world import TODAY, World
from households.models import Household, Person
from households.sensitive import is_worked_with, sensitive_fields, worked_with, works_with
from villages.models import Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_who_works_with_the_family_sees_them_and_leaders_and_units_do_not() -> None:
    world = World()
    home = world.household("张三")
    cast = world.cast() | {"helper": world.help("帮扶", home), "former_helper": world.cadre("前任")}
    world.help(cast["former_helper"], home, ends_on=date(2026, 10, 14), is_primary=False)

    may = {role for role, cadre in cast.items() if works_with(cadre, home, TODAY)}

    village = {"chief", "first_secretary", "village_secretary", "team_member"}
    assert may == {"helper", *village, "supervisor", "clerk", "town_supervisor", "town_clerk"}


def test_a_post_opens_its_own_village_and_a_pairing_its_own_household() -> None:
    world = World()
    home, neighbour = world.household("张三"), world.household("李四")
    world.household("外村户", world.sibling)
    cast = world.cast()

    assert set(worked_with(cast["chief"], TODAY)) == {home, neighbour}
    assert set(worked_with(world.help("帮扶", home), TODAY)) == {home}
    assert set(worked_with(world.cadre("技术", is_superuser=True), TODAY)) == set(Household.objects.all())
    for cadre in Cadre.objects.all():
        assert set(Household.objects.filter(is_worked_with(cadre, TODAY))) == set(worked_with(cadre, TODAY))


@pytest.mark.parametrize(
    ("born_on", "is_child"),
    [(date(2008, 10, 16), True), (date(2008, 10, 15), False), (None, True)],
)
def test_of_a_child_and_of_whoever_might_be_one_more_is_left_out(born_on: date | None, is_child: bool) -> None:
    hidden = sensitive_fields(Person(born_on=born_on), TODAY)

    assert "health" in hidden
    assert ("schooling" in hidden) is is_child
