"""What a page shows of a person, and of whom it shows anything."""

from datetime import date

import pytest

from households.members import Member, members_shown
from households.models import Person
from households.tests.numbers import identity_number

pytestmark = pytest.mark.core

ON = date(2026, 10, 15)


def shown(person: Person, *, shows_sensitive: bool = True) -> Member:
    [member], _children = members_shown([person], ON, shows_sensitive=shows_sensitive)
    return member


def test_children_and_persons_of_unknown_age_are_only_counted_for_readers_without_need() -> None:
    adult, child, unknown = (
        Person(name="甲", born_on=date(1980, 1, 1)),
        Person(name="乙", born_on=date(2018, 1, 1)),
        Person(),
    )

    members, children = members_shown([adult, child, unknown], ON, shows_sensitive=False)

    assert ([member.person.name for member in members], children) == (["甲"], 2)
    assert len(members_shown([adult, child, unknown], ON, shows_sensitive=True)[0]) == 3


def test_health_is_a_fact_only_for_readers_who_need_it() -> None:
    person = Person(born_on=date(1980, 1, 1), health=["chronic", "disabled"])

    needed, hidden = shown(person), shown(person, shows_sensitive=False)

    assert needed.health in dict(needed.facts).values()
    assert needed.health not in dict(hidden.facts).values()


def test_numbers_among_the_facts_are_masked() -> None:
    person = Person(
        born_on=date(1968, 3, 2), id_number=identity_number(), phone="13812345678", bank_account="62220012341234"
    )

    words = [said for _label, said in shown(person).facts]

    assert "360721************" in words
    assert "138****5678" in words
    assert "**** 1234" in words


def test_work_and_school_are_told_as_far_as_known() -> None:
    worker = shown(Person(months_of_work=8, place_of_work="广东东莞", schooling="none"))
    pupil = shown(Person(schooling="primary"))

    assert "8" in worker.doing and "广东东莞" in worker.doing
    assert pupil.doing and pupil.work == ""
    assert shown(Person()).doing == ""
