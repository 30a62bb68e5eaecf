"""Trends: at the end of each week the same figures as the coverage page, visits by place and week, in few queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.by_day import VisitWeeks
from casework.corrections import correct_visit
from casework.coverage import figures
from casework.models import Duty, Round
from casework.pace import Kind, Reason
from casework.rounds import close_round, excuse_duty
from casework.shelf import Shelf
from casework.tests.world import TODAY, World, at
from casework.trend import round_trend, visits_by_day
from households.models import Household
from villages.models import Cadre, Post, SpecialDay

pytestmark = [pytest.mark.django_db, pytest.mark.core]

SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def round(world: World) -> Round:
    """Two months, two towns; done, excused, left, vacant and open duties; the post of the other town is vacant."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.post(chief, Post.VILLAGE_CHIEF, world.sibling)
    homes = [world.household(f"户{number}") for number in range(6)]
    world.household("邻村", world.sibling)
    world.household("别镇", world.foreign)
    homes.append(world.household("走了", left_on=date(2026, 9, 20)))
    round = world.round([Post.VILLAGE_CHIEF], starts_on=SEPTEMBER, due_on=date(2026, 10, 31))
    for home, day in zip(homes, (3, 9, 16, 29), strict=False):
        world.visit(home, date(2026, 9, day), chief)
    supervisor = world.post("督导甲", Post.SUPERVISOR, world.district)
    excused = Duty.objects.get(household=homes[4])
    excuse_duty(duty=excused, actor=supervisor, on=date(2026, 9, 25), reason="住院")
    return round


def trend_of(round: Round, cadre: Cadre, on: date = TODAY, place: str = "360704"):
    return round_trend(round, cadre=cadre, on=on, place_code=place, seen_on=TODAY)


@pytest.mark.parametrize("place", ["360704", "360704101", "360704101200", "360704102"])
@pytest.mark.parametrize("on", [TODAY, date(2026, 9, 23)])
def test_each_week_ends_with_the_figures_of_that_day(
    world: World, round: Round, supervisor: Cadre, place: str, on: date
) -> None:
    for point in trend_of(round, supervisor, on, place).points():
        if point.done is not None:
            total = figures(round, cadre=supervisor, on=point.day, place_code=place, seen_on=TODAY).total
            assert (point.done, point.owed) == (total.done, total.owed)


def test_the_parts_add_up_to_the_whole_in_order_of_codes(round: Round, supervisor: Cadre) -> None:
    trend = trend_of(round, supervisor)
    parts = [part.progress(trend.period) for part in trend.parts]
    whole = trend.whole.progress(trend.period)

    assert [part.name for part in trend.parts] == ["王母渡镇", "沙地镇"]
    assert [sum(getattr(part, name) for part in parts) for name in ("done", "owed", "vacant")] == [4, 7, 1]
    assert (whole.done, whole.owed, whole.vacant) == (4, 7, 1)


def test_holidays_do_not_count_as_days_on_which_work_was_expected(round: Round, supervisor: Cadre) -> None:
    before = trend_of(round, supervisor).period
    for day in range(1, 8):
        SpecialDay.objects.create(day=date(2026, 10, day), name="国庆节")

    after = trend_of(round, supervisor).period

    assert before.workdays_between(SEPTEMBER, date(2026, 10, 31)) - 5 == after.workdays_between(
        SEPTEMBER, date(2026, 10, 31)
    )
    assert after.expected_share(date(2026, 10, 7)) == after.expected_share(date(2026, 9, 30))


def test_the_forecast_names_vacant_posts_and_what_will_be_missing(round: Round, supervisor: Cadre) -> None:
    trend = trend_of(round, supervisor, date(2026, 9, 30))

    # One in ten working days, 22 of which are left for the four that are still owed.
    found = trend.outlook(trend.whole)

    assert (found.kind, found.remaining, found.pace.done, found.left, found.short) == (Kind.LATE, 3, 1, 22, 1)
    assert found.reason == Reason.VACANT


def test_a_past_day_and_a_closed_round_stand_still(world: World, round: Round, supervisor: Cadre) -> None:
    close_round(round=round, actor=None, on=TODAY)
    round.refresh_from_db()
    world.visit(Household.objects.get(head_name="户5"), TODAY - timedelta(days=1), Cadre.objects.get(name="大村长"))

    closed, before = trend_of(round, supervisor), trend_of(round, supervisor, date(2026, 9, 10))

    assert closed.outlook(closed.whole).kind == Kind.CLOSED
    assert before.whole.progress(before.period).done == 2
    assert before.outlook(before.whole).kind == Kind.IN_TIME
    assert [point.forecast for point in closed.points() if point.forecast is not None] == []


def test_visits_are_counted_once_whatever_was_corrected_and_only_where_one_may_look(
    world: World, round: Round, supervisor: Cadre
) -> None:
    chief = Cadre.objects.get(name="大村长")
    home = Household.objects.get(head_name="户0")
    visit = world.visit(home, date(2026, 10, 5), chief, outcome="nobody_home")
    report = world.report(home, date(2026, 10, 12), chief)
    correct_visit(visit, report, actor=chief, now=at(TODAY), reason="日期填错")
    helper = world.help("帮扶", Household.objects.get(head_name="户1"))

    def seen(cadre: Cadre) -> dict[date, int]:
        found = visits_by_day(cadre=cadre, place_code="360704", first=SEPTEMBER, last=TODAY, seen_on=TODAY)
        return dict(VisitWeeks.of(found).whole)

    assert sum(seen(supervisor).values()) == 5
    assert seen(supervisor)[date(2026, 10, 12)] == 1
    assert seen(helper) == {date(2026, 9, 7): 1}
    assert seen(world.cadre("局外人")) == {}


def test_a_large_district_is_kept_for_a_minute_with_its_moment_and_nobody_elses_part(
    world: World, round: Round, supervisor: Cadre, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FIGURES_KEPT_FROM = 1
    # Of this test alone: SQLite gives the rounds of all tests the same keys.
    monkeypatch.setattr("casework.trend._SHELF", Shelf(lambda days: True))
    chief, home = Cadre.objects.get(name="大村长"), Household.objects.get(head_name="户5")
    now, second = at(TODAY), timedelta(seconds=1)

    def done(cadre: Cadre, moment, **how) -> tuple:
        found = round_trend(round, cadre=cadre, on=TODAY, place_code="360704", seen_on=TODAY, now=moment, **how)
        return found.whole.progress(found.period).done, found.counted_at

    first = done(supervisor, now)
    world.visit(home, TODAY, chief)

    assert first == (4, now)
    assert done(supervisor, now + 60 * second) == (4, now)
    assert done(chief, now + second)[0] == 5
    assert done(supervisor, now + 30 * second, is_anew=True) == (5, now + 30 * second)


def test_the_trend_costs_as_many_queries_for_three_places_as_for_one(world: World, supervisor: Cadre) -> None:
    spent = []
    for villages in ([world.village], [world.sibling, world.foreign]):
        for village in villages:
            world.household("户", village)
        round = world.round([Post.VILLAGE_CHIEF])
        with CaptureQueriesContext(connection) as queries:
            trend_of(round, supervisor).points()
        spent.append(len(queries))

    assert spent[0] == spent[1] <= 11
