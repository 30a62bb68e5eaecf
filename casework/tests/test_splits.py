"""Tests of the figures by class and by group: each number is as long as its list, classes add up, groups overlap."""

from datetime import date

import pytest

from casework.coverage import duties_behind, figures
from casework.models import Round, State, TargetKind
from casework.splits import ALL_MONITORED, BY_CLASS, BY_GROUP, CLASSES, narrowed, table_by
from casework.tests.world import TODAY, World
from households.models import BaseType, Household, MonitoringType, Person, Relation
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(world: World) -> Round:
    """Two of every class, one of each visited; the other villages have no chief."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    kinds = [(kind, BaseType.EXITED) for kind in MonitoringType] + [("", BaseType.EXITED), ("", BaseType.ORDINARY)]
    seen = []
    for kind, base in kinds:
        seen.append(world.household("走过", monitoring_type=kind, base_type=base))
        world.household("没走", world.sibling, monitoring_type=kind, base_type=base)
    made = world.round([Post.VILLAGE_CHIEF])
    for household in seen:
        world.visit(household, date(2026, 10, 5), chief)
    return made


def member(household: Household, number: int, born_on: date | None, **more: object) -> None:
    Person.objects.create(
        household=household,
        number=f"{household.number}{number:02}",
        name="成员",
        relation=Relation.SON,
        born_on=born_on,
        **more,
    )


def test_the_classes_come_monitored_first_and_add_up(supervisor: Cadre, round: Round) -> None:
    table = table_by(BY_CLASS, round, cadre=supervisor, on=TODAY)

    assert [row.key for row in table.rows] == list(CLASSES)
    assert table.total == figures(round, cadre=supervisor, on=TODAY).total
    assert {(row.counts.done, row.counts.vacant) for row in table.rows} == {(1, 1)}


def test_every_number_by_class_is_as_long_as_its_list(supervisor: Cadre, round: Round) -> None:
    for row in table_by(BY_CLASS, round, cadre=supervisor, on=TODAY).rows:
        for column, count in row.counts.as_dict().items():
            asked = {"total": {}, "by_phone": {"by_phone": True}}.get(column, {"state": column})
            duties = duties_behind(round, cadre=supervisor, on=TODAY, **asked)
            assert len(narrowed(duties, on=TODAY, kind=row.key)) == count, (row.key, column)


def test_all_monitored_are_the_three_kinds_together(supervisor: Cadre, round: Round) -> None:
    duties = duties_behind(round, cadre=supervisor, on=TODAY)

    assert len(narrowed(duties, on=TODAY, kind=ALL_MONITORED)) == 6
    assert len(narrowed(duties, on=TODAY, is_owed=True)) == 10


def test_a_household_stands_in_every_group_it_is_in_and_no_sum_is_given(world: World, supervisor: Cadre) -> None:
    both, elders, mixed = world.household("低保又上学"), world.household("只有老人"), world.household("老少")
    world.household("外出", is_away=True)
    member(both, 1, date(2015, 6, 1), has_minimum_allowance=True)
    member(elders, 1, date(1950, 1, 1))
    member(elders, 2, date(1966, 10, 15))
    member(elders, 3, date(1990, 1, 1), left_on=date(2026, 1, 1))
    member(mixed, 1, date(1950, 1, 1), has_destitute_support=True)
    member(mixed, 2, None)
    round = world.round([Post.VILLAGE_CHIEF], TargetKind.RURAL_HOUSEHOLD)

    table = table_by(BY_GROUP, round, cadre=supervisor, on=TODAY)

    found = {row.key: row.counts.total for row in table.rows}
    assert found == {"allowance": 1, "destitute": 1, "elders": 1, "children": 1, "away": 1}
    assert table.total.total == 0
    for key in found:
        duties = duties_behind(round, cadre=supervisor, on=TODAY, state=State.VACANT)
        assert len(narrowed(duties, on=TODAY, group=key)) == 1, key


@pytest.mark.parametrize(
    ("born_on", "is_at_school"),
    [("2020-10-15", True), ("2020-10-16", False), ("2010-10-16", True), ("2010-10-15", False)],
)
def test_school_age_is_from_the_sixth_to_before_the_sixteenth_birthday(
    world: World, supervisor: Cadre, born_on: str, is_at_school: bool
) -> None:
    member(world.household("孩子"), 1, date.fromisoformat(born_on))
    round = world.round([Post.VILLAGE_CHIEF])

    rows = table_by(BY_GROUP, round, cadre=supervisor, on=TODAY).rows

    assert ("children" in {row.key for row in rows}) == is_at_school
