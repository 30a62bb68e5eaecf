"""What to watch at a door, and how the duties of one household are told."""

from datetime import date
from decimal import Decimal

import pytest

from casework.doorstep import duties_at, duty_line, measure_line, record_source, source_said, watch_list
from casework.models import Duty, Problem
from casework.tests.rich_household import RichHousehold
from casework.tests.world import TODAY, World
from households.file import file_of, household_seen
from households.models import BenefitYear, Guarantee, Household, Income, Measure, MonitoringCase
from households.residence import move_household
from villages.models import Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def watched(cadre: Cadre, household: Household, *, shows_sensitive: bool = True) -> dict[str, bool]:
    """What is said, and whether it is grave."""
    file = file_of(household_seen(cadre, household.pk, TODAY), TODAY)
    problems = list(Problem.objects.filter(household=household).open(TODAY).order_by("-found_on"))
    items = watch_list(file, problems, shows_sensitive=shows_sensitive)
    return {item.text: item.is_grave for item in items}


def grave(found: dict[str, bool], words: str) -> list[bool]:
    """The gravity of whatever mentions the words."""
    return [is_grave for text, is_grave in found.items() if words in text]


def test_monitoring_and_the_clock_of_its_case_come_first(world: World) -> None:
    rich = RichHousehold(world, rows=1)

    texts = list(watched(rich.helper, rich.household))

    household, case = rich.household, MonitoringCase.objects.get()
    assert household.get_monitoring_type_display() in texts[0]  # type: ignore[attr-defined]
    assert case.get_state_display() in texts[1]  # type: ignore[attr-defined]


def test_a_case_past_its_day_is_grave(world: World) -> None:
    rich = RichHousehold(world, rows=1)
    state = MonitoringCase.objects.get().get_state_display()  # type: ignore[attr-defined]

    in_time = grave(watched(rich.helper, rich.household), state)
    MonitoringCase.objects.update(decide_by=date(2026, 10, 14))

    assert (in_time, grave(watched(rich.helper, rich.household), state)) == ([False], [True])


def test_a_guarantee_that_is_not_met_is_grave_and_one_nobody_checked_is_to_be_looked_at(world: World) -> None:
    rich = RichHousehold(world, rows=1)
    Guarantee.objects.filter(kind="food").delete()

    found = watched(rich.helper, rich.household)

    words = {kind: str(Guarantee(kind=kind).get_kind_display()) for kind in ("water", "food")}  # type: ignore[attr-defined]
    assert (grave(found, words["water"]), grave(found, words["food"])) == ([True], [False])


def test_only_income_under_the_line_is_a_warning(world: World) -> None:
    rich = RichHousehold(world, rows=1)

    under = grave(watched(rich.helper, rich.household), "8,500")
    Income.objects.update(per_head=Decimal(9000))

    assert (under, grave(watched(rich.helper, rich.household), "8,500")) == ([True], [])


def test_a_promise_is_watched_until_it_is_kept(world: World) -> None:
    rich = RichHousehold(world, rows=1)

    open_promise = grave(watched(rich.helper, rich.household), "股份经济合作社")
    BenefitYear.objects.update(received=600)

    assert (open_promise, grave(watched(rich.helper, rich.household), "股份经济合作社")) == ([False], [])


def test_the_last_problem_is_told(world: World) -> None:
    rich = RichHousehold(world, rows=1, visits=0)
    world.visit(rich.household, date(2026, 9, 1), rich.helper, problem="缺水")
    world.visit(rich.household, date(2026, 9, 9), rich.helper, problem="缺电")

    found = watched(rich.helper, rich.household)

    assert (grave(found, "缺水"), grave(found, "缺电")) == ([], [False])
    file = file_of(household_seen(rich.helper, rich.household.pk, TODAY), TODAY)
    last = watch_list(file, list(Problem.objects.order_by("-found_on")), shows_sensitive=True)[-1]
    assert last.source == "走访 · 9月9日 · 另有1个未解决的问题"


def test_risks_are_told_only_to_those_who_need_them(world: World) -> None:
    rich = RichHousehold(world, rows=1)
    MonitoringCase.objects.update(state="rejected")
    Household.objects.update(monitoring_type="")
    risk = "因病"

    shown = watched(rich.helper, rich.household)
    hidden = watched(rich.helper, rich.household, shows_sensitive=False)

    assert len(shown) == len(hidden)
    assert [text for text in hidden if risk in text] == []


def test_duties_have_the_state_every_list_shows(world: World) -> None:
    rich = RichHousehold(world, visits=0)
    world.round([Post.HELPER], name="帮扶")
    world.round([Post.FIRST_SECRETARY], name="第一书记")
    world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 9, 1), due_on=date(2026, 9, 30), name="大村长")
    world.visit(rich.household, TODAY, rich.helper)

    found = {duty.round.name: duty.state for duty in duties_at(rich.household, rich.helper, TODAY)}  # type: ignore[attr-defined]

    of_all = Duty.objects.with_state(TODAY).filter(household=rich.household)
    assert found == dict(of_all.values_list("round__name", "state"))
    assert sorted(found.values()) == ["done", "overdue", "vacant"]


def test_a_duty_left_behind_in_another_village_is_hidden_from_the_new_one(world: World) -> None:
    rich = RichHousehold(world, visits=0)
    world.round([Post.VILLAGE_CHIEF])
    newcomer = world.post("新村长", Post.VILLAGE_CHIEF, world.foreign)
    household = move_household(household=rich.household, to_village=world.foreign, moved_on=TODAY, actor=None, on=TODAY)

    seen_by_helper = duties_at(household, rich.helper, TODAY)
    seen_by_newcomer = duties_at(household, newcomer, TODAY)

    assert (len(seen_by_helper), len(seen_by_newcomer)) == (1, 0)


def test_a_duty_is_told_by_its_state(world: World) -> None:
    rich = RichHousehold(world, visits=0)
    world.round([Post.HELPER])
    [duty] = duties_at(rich.household, rich.helper, TODAY)

    open_line = duty_line(duty, TODAY)
    world.visit(rich.household, TODAY, rich.helper)
    [done] = duties_at(rich.household, rich.helper, TODAY)
    assert done.is_by_phone is False  # type: ignore[attr-defined]
    Duty.objects.update(credited_on=None, credited_visit=None, in_person_on=None, excused_on=TODAY, excuse="住院")
    [excused] = duties_at(rich.household, rich.helper, TODAY)

    assert "10月31日" in open_line or "31" in open_line
    assert "15" in duty_line(done, TODAY)
    assert duty_line(excused, TODAY) == "住院"


def test_a_measure_tells_for_whom_how_much_and_until_when(world: World) -> None:
    household = world.household("户")
    measure = Measure(household=household, kind="industry", amount=3000, starts_on=date(2026, 3, 1))

    line = measure_line(measure, TODAY)

    assert "3,000" in line
    assert line.count(" · ") == 2


def test_a_source_is_named_with_its_day(world: World) -> None:
    household = world.household("户", register_as_of=date(2025, 6, 30))

    assert record_source(household, TODAY, is_on_paper=True).endswith(" · 2025-06-30")
    assert "2025" in record_source(household, TODAY)
    household.register_as_of = None
    assert record_source(household, TODAY) == "办公室录入 · 截至10月15日"
    assert record_source(household, TODAY, is_on_paper=True) == "办公室录入 · 截至2026-10-15"
    assert " · " not in source_said("office", None, TODAY)
