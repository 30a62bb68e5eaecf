"""Households and persons that the register has somewhere else: another village, another head, another household."""

from typing import Any

import pytest

from casework.tests.world import TODAY
from households.models import Fate, Household, HouseholdMove, Person, RegisterImport, Relation
from households.persons import save_person
from households.tests.family import HOME, NOW, OTHER, counts, family, undo
from households.tests.sheets import bring_in, confirm, csv_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def where_they_are() -> list[tuple[Any, ...]]:
    """Name, household, relation and day of leaving of each person."""
    persons = Person.objects.order_by("number")
    return [*persons.values_list("name", "household__number", "relation", "left_on")]


def test_another_village_is_a_move(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    for row in rows:
        row["行政村"] = "浓口村"

    job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    assert job.facts["moved"] == 1
    move = HouseholdMove.objects.get()
    assert (move.from_village, move.to_village, move.moved_on) == (world.village, world.sibling, TODAY)
    assert Household.objects.get().village == world.sibling


def test_a_household_moves_as_often_a_day_as_its_village_is_corrected(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    def moved_to(town: str, village: str) -> RegisterImport:
        return confirm(bring_in(csv_of([row | {"乡": town, "行政村": village} for row in rows]), now=NOW), now=NOW)

    def moves() -> list[tuple]:
        return list(HouseholdMove.objects.values_list("from_village", "to_village", "moved_on"))

    jobs = [moved_to(*place) for place in (("王母渡镇", "浓口村"), ("沙地镇", "攸镇村"), ("王母渡镇", "潭埠村"))]
    assert (moves(), Household.objects.get().moved_on) == ([], None)
    for job, left_in in zip(reversed(jobs), (world.foreign, world.sibling, None), strict=True):
        undo(job)
        assert moves() == ([(world.village.pk, left_in.pk, TODAY)] if left_in else [])
    assert Household.objects.get().village == world.village


def test_the_head_can_change_within_a_household(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[0]["与户主关系"], rows[1]["与户主关系"] = "配偶", "户主"

    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)

    assert Person.objects.get(relation=Relation.HEAD).name == "李四"
    assert Household.objects.get().head_name == "李四"


def test_a_widow_becomes_the_head_also_while_her_husband_is_kept(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[1]["与户主关系"] = "户主"

    confirm(bring_in(csv_of(rows[1:]), now=NOW), now=NOW)

    assert Person.objects.get(relation=Relation.HEAD).name == "李四"
    assert Person.objects.get(name="张三").relation == Relation.OTHER


def test_a_daughter_who_marries_goes_to_the_other_household(world):
    rows = [*family(), person(OTHER, 1, "王五")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    rows[2] |= {"户编号": OTHER, "与户主关系": "配偶"}

    job = confirm(bring_in(csv_of([*rows[:2], rows[3], rows[2]]), now=NOW), now=NOW)

    assert counts(job) == (4, 0, 1, 3, 0)
    assert Person.objects.get(name="张小").household.number == OTHER


def test_nobody_leaves_or_moves_because_of_a_refused_row(world):
    rows = [*family(), person(OTHER, 1, "王五")]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    before = where_they_are()
    gone_over = person(OTHER, 2, "", "之父", 人编号=rows[0]["人编号"])
    changed = [rows[1] | {"与户主关系": "户主"}, rows[2] | {"姓名": ""}, rows[3], gone_over]

    for fates in ((4, 0, 1, 1, 2), (4, 0, 0, 2, 2)):
        job = confirm(bring_in(csv_of(changed), now=NOW), now=NOW, lets_leave=True)
        assert (counts(job), job.facts["persons_gone"], job.facts["elsewhere"]) == (fates, 0, [])
        assert where_they_are() == [
            *(("张三", HOME, Relation.OTHER, None), ("李四", HOME, Relation.HEAD, None)),
            *(("张小", HOME, Relation.DAUGHTER, None), ("王五", OTHER, Relation.HEAD, None)),
        ]

    for one in RegisterImport.objects.order_by("-pk")[:2]:
        undo(one)
    assert where_they_are() == before


def test_a_new_household_takes_over_a_person_we_have(world):
    rows = family()
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    daughter = Person.objects.get(name="张小")
    daughter.ethnicity, daughter.place_of_work = "畲族", "赣州"
    save_person(daughter, actor=None, on=TODAY)
    rows[2] |= {"户编号": OTHER, "与户主关系": "户主", "在校生状况": "九年级"}

    job = bring_in(csv_of(rows), now=NOW)
    (change,) = job.groups.get(fate=Fate.CREATED).changes["persons"]
    told = {"relation": ["daughter", "head"], "schooling": ["grade_7", "grade_9"]}
    assert change["updates"] == told | {"household": [Household.objects.get().pk, None]}
    confirm(job, now=NOW)

    assert counts(job) == (3, 0, 1, 2, 0)
    daughter.refresh_from_db()
    assert (daughter.household.number, daughter.schooling) == (OTHER, "grade_9")
    assert (daughter.ethnicity, daughter.place_of_work) == ("畲族", "赣州")  # what the file leaves blank stays

    undo(job)

    assert Person.objects.get(name="张小").household.number == HOME
    assert not Household.objects.filter(number=OTHER).exists()
