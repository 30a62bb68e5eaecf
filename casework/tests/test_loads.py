"""The loads a round would put on its holders: told before it opens, by place, with what would ease them."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.loads import LoadForecast, holder_loads, load_forecast
from casework.models import Round, TargetKind
from casework.targets import Asked, preview_round
from casework.tests.world import TODAY, World
from villages.models import Cadre, Post, SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

CHIEF, FIRST, MEMBER = Post.VILLAGE_CHIEF.value, Post.FIRST_SECRETARY.value, Post.TEAM_MEMBER.value
FRIDAY = date(2026, 10, 16)
TWO_WEEKS = date(2026, 10, 29)  # the tenth working day after the one before FRIDAY


def draft(world: World, posts: list[str], **fields) -> Round:
    defaults = {"target_kind": TargetKind.RURAL_HOUSEHOLD, "starts_on": FRIDAY, "due_on": TWO_WEEKS}
    return Round(name="预览", posts=posts, district=world.district, opened_on=TODAY, **(defaults | fields))


def forecast(round: Round, cadre: Cadre) -> LoadForecast:
    return load_forecast(round, preview_round(round, on=TODAY), cadre=cadre, on=TODAY)


def fill(world: World, *counts: int) -> None:
    """So many households in each of the three villages."""
    for village, count in zip((world.village, world.sibling, world.foreign), counts, strict=False):
        for number in range(count):
            world.household(f"户{number}", village)


def test_visits_a_week_are_those_of_the_period_shared_by_the_holders_of_the_post(
    world: World, supervisor: Cadre, settings
) -> None:
    settings.LOAD_VISITS_A_WEEK = 2
    fill(world, 6, 4, 1)
    world.post("甲", MEMBER, world.village)
    for name in ("乙", "丙"):
        world.post(name, MEMBER, world.sibling)

    found = forecast(draft(world, [MEMBER]), supervisor)

    assert found.workdays == 10
    assert [(row.name, row.visits, row.vacant, len(row.holders), row.least, row.most) for row in found.places] == [
        ("王母渡镇", 10, 0, 3, 1.0, 3.0),
        ("沙地镇", 1, 1, 0, 0.0, 0.0),
    ]
    assert [(row.place, row.holder, row.a_week, row.hands) for row in found.above] == [("潭埠村", "甲", 3.0, 2)]
    # Six visits at two a week: fifteen working days.
    assert found.above[0].until == found.until == date(2026, 11, 5)


def test_what_is_owed_already_counts_over_the_weeks_left(world: World, supervisor: Cadre, settings) -> None:
    settings.LOAD_VISITS_A_WEEK = 1
    fill(world, 4)
    world.post("甲", CHIEF, world.village)
    helper = world.help("帮扶", world.household("结对", world.sibling))
    world.post(helper, FIRST, world.village)
    world.round(
        [CHIEF], starts_on=date(2026, 10, 1), due_on=date(2026, 10, 28)
    )  # ten working days left, of four visits
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, due_on=date(2026, 10, 16))  # within the week: one

    found = forecast(draft(world, [CHIEF, FIRST], town=world.town), supervisor)
    above = {row.holder: (row.fresh_a_week, row.owed_a_week) for row in found.above}

    assert above == {"甲": (2.0, 2.0), "帮扶": (2.0, 1.0)}
    assert (found.overloaded_already, found.until) == (2, None)
    assert [row.until for row in found.above] == [None, None]


def test_it_says_what_any_one_post_would_change(world: World, supervisor: Cadre, settings) -> None:
    settings.LOAD_VISITS_A_WEEK = 2
    fill(world, 6)
    world.post("甲", CHIEF, world.village)
    world.post("乙", FIRST, world.village)

    each = forecast(draft(world, [CHIEF, FIRST]), supervisor)
    any_one = forecast(draft(world, [CHIEF, FIRST], is_any_post=True), supervisor)

    assert (each.above_count, each.above_if_any) == (2, 0)
    assert (any_one.above_count, any_one.above_if_any) == (0, None)


def test_holidays_and_swapped_days_are_named_and_a_period_without_work_is_refused_in_words(
    world: World, supervisor: Cadre
) -> None:
    fill(world, 1)
    for number in range(3):
        SpecialDay.objects.create(day=FRIDAY + timedelta(days=number), name="秋收节")
    SpecialDay.objects.create(day=date(2026, 10, 24), is_workday=True, name="调休")

    found = forecast(draft(world, [CHIEF]), supervisor)
    none = forecast(draft(world, [CHIEF], due_on=date(2026, 10, 18)), supervisor)

    assert [(one.name, one.first, one.last, one.workdays) for one in found.holidays] == [
        ("秋收节", FRIDAY, date(2026, 10, 18), 1)
    ]
    assert (found.workdays, found.swapped, none.workdays) == (10, 1, 0)
    assert forecast(draft(world, [CHIEF], due_on=date(2027, 1, 31)), supervisor).years_unknown == [2027]


def test_the_page_warns_above_the_button_and_lists_holders_in_order_of_places(
    client: Client, world: World, supervisor: Cadre, settings
) -> None:
    settings.LOAD_VISITS_A_WEEK = 1
    fill(world, 1, 9, 2)
    for village, name in ((world.foreign, "丙"), (world.sibling, "乙"), (world.village, "甲")):
        world.post(name, CHIEF, village)
    client.force_login(supervisor)
    values = {
        "request_key": "0b6c4d0e-5d0e-4a55-9f5e-7a3a5f6b1c2d", "name": "遍访", "place": world.district.pk,
        "posts": [CHIEF, FIRST], "is_any_post": "each", "target_kind": TargetKind.RURAL_HOUSEHOLD,
        "repetition": "once", "starts_on": FRIDAY, "due_on": date(2026, 10, 16), "contacts": ["home"],
        "outcomes": ["met"], "grace_days": 0, "remind_days_before": 7,
    }  # fmt: skip

    page = BeautifulSoup(client.post(reverse("round_preview"), values).content, "html.parser")

    assert page.select_one("[data-above]")["data-above"] == "3"
    assert [row.select("td")[1].text for row in page.select("table")[-1].select("tbody tr")] == ["甲", "乙", "丙"]
    page = BeautifulSoup(
        client.post(
            reverse("round_preview"), values | {"due_on": date(2026, 10, 18), "starts_on": "2026-10-17"}
        ).content,
        "html.parser",
    )
    assert page.select_one("[data-cannot]")


def test_it_costs_as_many_queries_for_three_villages_as_for_one(world: World, supervisor: Cadre) -> None:
    spent = []
    for counts in ((1,), (0, 2, 2)):
        fill(world, *counts)
        world.round([CHIEF])
        world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
        with CaptureQueriesContext(connection) as queries:
            forecast(draft(world, [CHIEF, Post.HELPER.value]), supervisor)
        spent.append(len(queries))

    assert spent[0] == spent[1] <= 16


rows = st.builds(
    Asked,
    st.sampled_from([CHIEF, FIRST]),
    st.sampled_from(["360704101200", "360704101201", "360704102200"]),
    st.integers(1, 50),
    st.frozensets(st.integers(1, 6), max_size=3),
)


@settings(max_examples=25, derandomize=True, database=None, deadline=None)
@given(st.lists(rows, max_size=12))
def test_nothing_is_lost_or_doubled_when_seats_are_shared(asked: list[Asked]) -> None:
    loads = holder_loads(asked, {})

    assert sum(load.fresh for load in loads.values()) == pytest.approx(sum(row.visits for row in asked if row.holders))
    assert all(code.startswith(load.place_code) for load in loads.values() for code in load.villages)
