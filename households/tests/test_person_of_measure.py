"""The panel offers, for the person of a measure, only the persons of the household that is chosen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.models import Household, Measure, Person
from households.tests.file_rows import measure_of, person_of
from villages.models import Cadre, Post
from villages.tests.panel import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("镇录入员", Post.CLERK, world.town)


def offered(cadre: Cadre, **query: object) -> list[int]:
    known = {"app_label": "households", "model_name": "measure", "field_name": "person", "term": ""}
    answer = Panel(cadre).client.get(reverse("admin:autocomplete"), known | query)
    return [int(row["id"]) for row in answer.json()["results"]]


def test_only_the_chosen_households_persons_are_offered(world: World, clerk: Cadre) -> None:
    home, other = world.household("刘家"), world.household("赖家")
    mine, left = person_of(home, TODAY, 1, "刘一"), person_of(home, TODAY, 2, "刘二")
    someone = person_of(other, TODAY, 3, "赖一")
    Person.objects.filter(pk=left.pk).update(left_on=TODAY - timedelta(days=1))

    assert offered(clerk, household=home.pk) == [mine.pk]
    assert offered(clerk, household=home.pk, term="赖") == []
    assert offered(clerk, household="") == []
    assert set(offered(clerk)) == {mine.pk, left.pk, someone.pk}


def test_a_household_out_of_reach_offers_nobody(world: World, clerk: Cadre) -> None:
    foreign = world.household("外家", world.foreign)
    person_of(foreign, TODAY)

    assert offered(clerk, household=foreign.pk) == []


def test_a_measure_that_is_entered_names_its_household_to_the_field(world: World, clerk: Cadre) -> None:
    home: Household = world.household("刘家")
    row: Measure = measure_of(home, TODAY, clerk)

    page = Panel(clerk).open(row).content.decode()

    assert f'data-household="{home.pk}"' in page
    assert "households/js/person_of.js" in page
