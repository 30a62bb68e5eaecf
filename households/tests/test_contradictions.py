"""Counts of contradictions: the same for all rules at once as for each, and only of what the cadre sees."""

from datetime import timedelta

import pytest

from casework.tests.world import TODAY, World
from households.contradictions import count_all, count_one, households_behind, persons_concerned
from households.models import Household, IdProblem, Income, Person
from households.quality import rules
from households.tests.files import whole_file
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def without_income(world: World, head: str, *place) -> Household:
    household = whole_file(world, head, *place)
    Income.objects.filter(household=household).delete()
    return household


def test_all_rules_at_once_count_what_each_counts_alone(world: World, supervisor: Cadre) -> None:
    without_income(world, "户主甲")
    world.household("户主乙", world.foreign)

    at_once = count_all(cadre=supervisor, on=TODAY, place_code="360704")

    alone = {
        rule.key: count_one(rule.key, cadre=supervisor, on=TODAY, place_code="360704").by_rule[rule.key]
        for rule in rules()
    }
    assert {key: at_once.by_rule[key] for key in alone} == alone
    assert sum(alone.values()) == sum(sum(counts.values()) for counts in at_once.by_place.values()) > 4


def test_a_cadre_counts_the_own_village_only(world: World, supervisor: Cadre) -> None:
    mine, _other = without_income(world, "户主甲"), without_income(world, "户主乙", world.sibling)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    found = {
        cadre: count_one("income_missing", cadre=cadre, on=TODAY, place_code="360704").by_rule["income_missing"]
        for cadre in (chief, supervisor)
    }

    assert found == {chief: 1, supervisor: 2}
    assert list(households_behind("income_missing", cadre=chief, on=TODAY, place_code="360704")) == [mine]


def test_a_household_that_has_left_is_counted_until_the_day_before(world: World, supervisor: Cadre) -> None:
    household = without_income(world, "户主甲")
    Household.objects.filter(pk=household.pk).update(left_on=TODAY)
    behind = [
        households_behind("income_missing", cadre=supervisor, on=day, place_code="360704").count()
        for day in (TODAY - timedelta(days=1), TODAY)
    ]

    assert behind == [1, 0]


def test_members_are_named_only_where_a_rule_is_about_members(world: World) -> None:
    household = whole_file(world)
    Person.objects.filter(household=household).update(has_medical_insurance=None)

    assert persons_concerned("insurance_blank", [household], TODAY) == {household.pk: ["户主甲", "儿子"]}
    assert persons_concerned("income_missing", [household], TODAY) == {}


def test_children_are_named_only_to_who_works_with_the_family(world: World, supervisor: Cadre) -> None:
    household = whole_file(world)
    Person.objects.filter(household=household).update(has_medical_insurance=None)
    leader = world.post("区领导", Post.DISTRICT_LEADER, world.village)
    helper = world.help("帮扶", household)

    told = {
        cadre: persons_concerned("insurance_blank", [household], TODAY, cadre=cadre)[household.pk]
        for cadre in (leader, supervisor, helper)
    }

    assert told == {leader: ["户主甲", "1名儿童"], supervisor: ["户主甲", "儿子"], helper: ["户主甲", "儿子"]}


def test_what_is_wrong_with_an_identity_number_is_said_beside_the_name(world: World) -> None:
    household = whole_file(world)
    Person.objects.filter(household=household, name="户主甲").update(id_problem=IdProblem.BIRTH)

    (said,) = persons_concerned("identity_wrong", [household], TODAY)[household.pk]

    assert said.startswith("户主甲")
    assert str(IdProblem.BIRTH.label) in said
