"""Who may do what with a case, one by one and for a whole list."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import TODAY, World, at
from households.models import CaseState, MonitoringCase, Step
from households.monitoring import correct_case, take_step
from households.tests.cases import (
    DAYS,
    NOTICE_UNTIL,
    WAY,
    case_before,
    found_case,
    make_clearable,
    report,
    walk,
)
from households.turns import (
    awaiting,
    by_turn,
    can_correct_case,
    can_correct_step,
    can_open_case,
    can_take_step,
    days_of_waiting_cases,
)
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

VILLAGE = {"chief", "first_secretary", "village_secretary", "team_member", "village_clerk"}
TOWN = {"town_secretary", "town_supervisor", "town_clerk"}
DISTRICT = {"supervisor", "clerk", "root"}
MAY_TAKE = {
    Step.CHECK: VILLAGE | {"helper", "root"},
    Step.APPRAISE: VILLAGE | {"root"},
    Step.NOTICE: VILLAGE | {"root"},
    Step.REVIEW: TOWN | {"root"},
    Step.DECIDE: DISTRICT,
    Step.CLEAR: DISTRICT,
}
# They see the household, but monitoring is not theirs to do.
ONLY_SEE = {"district_secretary", "district_leader", "unit_leader"}


class Scene:
    """The cast around one household; the outsiders hold the same posts elsewhere."""

    def __init__(self) -> None:
        self.world = World()
        self.home = self.world.household("刘家")
        self.cast: dict[str, Cadre] = self.world.cast()
        self.cast["helper"] = self.world.help("钟水生", self.home)
        self.cast["village_clerk"] = self.world.post("村录入员", Post.CLERK, self.world.village)
        self.cast["root"] = Cadre.objects.create_superuser("root", "x", name="技术管理员")
        self.cast["former_chief"] = self.world.post(
            "前第一书记", Post.TEAM_LEADER, self.world.village, ends_on=date(2026, 10, 14)
        )
        self.cast["other_chief"] = self.world.post("外村长", Post.VILLAGE_CHIEF, self.world.sibling)
        self.cast["other_town"] = self.world.post("外镇书记", Post.TOWN_SECRETARY, self.world.other_town)
        self.cast["other_helper"] = self.world.help("外帮扶", self.world.household("赖家"))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_who_acts_for_the_household_opens_a_case(scene: Scene) -> None:
    may = {name for name, cadre in scene.cast.items() if can_open_case(cadre, scene.home, TODAY)}

    assert may == VILLAGE | TOWN | DISTRICT | {"helper"}


@pytest.mark.parametrize("step", WAY)
def test_each_step_belongs_to_its_level_alone(scene: Scene, step: Step) -> None:
    case = case_before(step, scene.home)

    may = {name for name, cadre in scene.cast.items() if can_take_step(cadre, case, step, TODAY)}

    assert may == MAY_TAKE[step]


@pytest.mark.parametrize("step", WAY[:-1])
def test_who_takes_the_next_step_may_also_refuse_the_case(scene: Scene, step: Step) -> None:
    case = case_before(step, scene.home)

    may = {name for name, cadre in scene.cast.items() if can_take_step(cadre, case, Step.REJECT, TODAY)}

    assert may == MAY_TAKE[step]


@pytest.mark.parametrize("step", WAY)
def test_the_verb_says_the_same_as_the_permission(scene: Scene, step: Step) -> None:
    make_clearable(scene.home)
    case = case_before(step, scene.home)

    for name, cadre in scene.cast.items():
        if name not in MAY_TAKE[step]:
            with pytest.raises((PermissionDenied, MonitoringCase.DoesNotExist)):
                take_step(case=case, report=report(step), actor=cadre, now=at(TODAY))
    case.refresh_from_db()
    assert case.next_step == step

    taker = next(iter(sorted(MAY_TAKE[step])))
    assert take_step(case=case, report=report(step), actor=scene.cast[taker], now=at(TODAY)).next_step != step


def test_records_are_corrected_by_their_level_and_after_the_decision_by_the_district(scene: Scene) -> None:
    before, after = case_before(Step.REVIEW, scene.home), scene.world.household("赖家二")
    decided = case_before(Step.CLEAR, after)

    early = {name for name, cadre in scene.cast.items() if can_correct_step(cadre, before, Step.CHECK, TODAY)}
    late = {name for name, cadre in scene.cast.items() if can_correct_step(cadre, decided, Step.CHECK, TODAY)}

    assert (early, late) == (MAY_TAKE[Step.CHECK], DISTRICT)


def test_what_was_found_is_corrected_by_whoever_may_open_and_later_by_the_district(scene: Scene) -> None:
    found, decided = found_case(scene.home), case_before(Step.CLEAR, scene.world.household("赖家二"))

    early = {name for name, cadre in scene.cast.items() if can_correct_case(cadre, found, TODAY)}
    late = {name for name, cadre in scene.cast.items() if can_correct_case(cadre, decided, TODAY)}

    assert (early, late) == (VILLAGE | TOWN | DISTRICT | {"helper"}, DISTRICT)
    with pytest.raises(PermissionDenied):
        correct_case(
            case=found,
            channel="hotline",
            monitoring_type="marginal",
            risks=["labour"],
            found_on=found.found_on,
            description="",
            reason="改",
            actor=scene.cast["unit_leader"],
            on=TODAY,
        )


@pytest.mark.parametrize("step", WAY[:-1])
def test_a_case_waits_for_exactly_those_who_may_take_its_next_step(scene: Scene, step: Step) -> None:
    case = case_before(step, scene.home)

    waits = {
        name
        for name, cadre in scene.cast.items()
        if MonitoringCase.objects.filter(awaiting(cadre, TODAY), pk=case.pk).exists()
    }

    assert waits == MAY_TAKE[step]
    assert {name for name, cadre in scene.cast.items() if days_of_waiting_cases(cadre, TODAY)} == waits
    assert all(MonitoringCase.objects.visible_to(scene.cast[name], TODAY).exists() for name in waits)


def test_a_notice_that_hangs_waits_for_nobody(scene: Scene) -> None:
    case_before(Step.REVIEW, scene.home)

    town = scene.cast["town_secretary"]

    assert list(days_of_waiting_cases(town, NOTICE_UNTIL)) == []
    assert list(days_of_waiting_cases(town, DAYS[Step.REVIEW])) == [date(2026, 10, 16)]


def test_a_decided_case_waits_for_nobody(scene: Scene) -> None:
    case_before(Step.CLEAR, scene.home)

    assert {name for name, cadre in scene.cast.items() if days_of_waiting_cases(cadre, TODAY)} == set()


def test_a_list_is_ordered_by_whose_turn_it_is(scene: Scene) -> None:
    world = scene.world
    ended = walk(found_case(world.household("甲")), Step.REJECT)
    decided = case_before(Step.CLEAR, world.household("乙"))
    elsewhere = case_before(Step.DECIDE, world.household("丙"))
    mine = found_case(world.household("丁"))

    cases = MonitoringCase.objects.annotate(turn=by_turn(scene.cast["chief"], TODAY)).order_by("turn")

    assert list(cases) == [mine, elsewhere, decided, ended]
    assert [case.state for case in cases][-1] == CaseState.REJECTED


@pytest.mark.parametrize("rows", [1, 3])
def test_what_waits_is_one_query(scene: Scene, rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(rows):
        found_case(scene.world.household(f"第{number}户"))

    with django_assert_num_queries(1):
        assert len(days_of_waiting_cases(scene.cast["chief"], TODAY)) == rows
