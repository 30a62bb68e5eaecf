"""The verdict on an identity number: what is wrong is found, and kept with the row however it is written."""

from datetime import date

import pytest

from casework.tests.world import World
from households.models import Person
from households.models.verdicts import IdProblem, problem_of

pytestmark = [pytest.mark.core]

# Made up: born on 2 March 1975, a man.
GOOD = "360721197503021019"
BORN_ON = date(1975, 3, 2)


@pytest.mark.parametrize(
    ("number", "born_on", "sex", "problem"),
    [
        (GOOD, BORN_ON, "male", ""),
        (GOOD, None, "", ""),
        ("", BORN_ON, "male", ""),
        (f"{GOOD[:6]} {GOOD[6:]}", BORN_ON, "male", ""),
        (f"{GOOD}41", BORN_ON, "male", ""),
        (f"{GOOD[:-1]}4", BORN_ON, "male", IdProblem.NUMBER),
        ("360721197502301019", None, "", IdProblem.NUMBER),
        ("360721750302101", BORN_ON, "male", IdProblem.NUMBER),
        (GOOD, date(1975, 3, 3), "male", IdProblem.BIRTH),
        (GOOD, BORN_ON, "female", IdProblem.SEX),
    ],
)
def test_what_is_wrong_is_said(number, born_on, sex, problem) -> None:
    assert problem_of(number, born_on=born_on, sex=sex) == problem


def person(**fields) -> Person:
    """A person of some household, not yet saved."""
    household = World().household("户主甲")
    facts = {"number": "1", "name": "户主甲", "relation": "head", "id_number": GOOD, "born_on": BORN_ON, "sex": "male"}
    return Person(household=household, **facts | fields)


@pytest.mark.django_db
def test_the_verdict_follows_a_correction() -> None:
    row = person(born_on=date(1975, 3, 3))
    row.save()
    assert Person.objects.get().id_problem == IdProblem.BIRTH

    row.born_on = BORN_ON
    row.save()

    assert Person.objects.get().id_problem == ""


@pytest.mark.django_db
def test_rows_created_in_bulk_have_their_verdict() -> None:
    Person.objects.bulk_create([person(id_number=f"{GOOD[:-1]}4")])

    assert Person.objects.get().id_problem == IdProblem.NUMBER
