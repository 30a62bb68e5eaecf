"""Which day is a day of telling: pure questions, asked without a database where that is possible."""

from datetime import date, timedelta

import pytest

from casework.models import Round, RoundTemplate
from casework.policies import Days, Policies, Rule, Why, why_today
from casework.pressing import pressing_on, recipients
from casework.tests.digest_days import MONDAY, helper_of, helper_round, policy
from casework.tests.world import World
from villages.models import Post

pytestmark = pytest.mark.core

HOLIDAYS = [date(2026, 10, day) for day in range(1, 8)]
DEFAULT = Rule(7, None, frozenset({0}), 3, False, 8, 20, (), 5)
FIRST = date(2026, 9, 1)


def days(on: date, since: date | None = None, off: list[date] | None = None) -> Days:
    """The days around, with the national holiday off."""
    around = [on + timedelta(days=number) for number in range(-14, 15)]
    worked = frozenset(day for day in around if day.weekday() < 5 and day not in (HOLIDAYS if off is None else off))
    before = max(day for day in worked if day < on)
    return Days(on, since or before, worked)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 10, 23), Why.TOO_EARLY),
        (date(2026, 10, 26), Why.WEEKDAY),
        (date(2026, 10, 27), Why.OTHER_DAY),
        (date(2026, 10, 28), Why.AHEAD),
        (date(2026, 10, 29), Why.OTHER_DAY),
        (date(2026, 10, 31), Why.DAY_OFF),
        (date(2026, 11, 2), Why.WEEKDAY),
    ],
)
def test_by_default_people_are_told_on_mondays_and_three_days_before(on, why):
    assert why_today(DEFAULT, starts_on=FIRST, due_on=date(2026, 10, 31), days=days(on)) == why


def test_what_falls_on_a_holiday_is_told_before_it_or_on_the_next_working_day():
    told = {
        on: why_today(DEFAULT, starts_on=FIRST, due_on=date(2026, 10, 5), days=days(on))
        for on in (date(2026, 9, 30), date(2026, 10, 5), date(2026, 10, 8), date(2026, 10, 9))
    }

    # Three days before the due date is the 2nd, and Monday the 5th: both are holidays.
    assert list(told.values()) == [Why.AHEAD, Why.DAY_OFF, Why.WEEKDAY, Why.OTHER_DAY]


def test_a_policy_that_counts_days_off_tells_on_them_once():
    rule = DEFAULT._replace(on_days_off=True)

    told = [
        why_today(rule, starts_on=FIRST, due_on=date(2026, 10, 5), days=days(on))
        for on in (date(2026, 10, 2), date(2026, 10, 3), date(2026, 10, 5), date(2026, 10, 8))
    ]

    assert told == [Why.AHEAD, Why.OTHER_DAY, Why.WEEKDAY, Why.OTHER_DAY]


def test_after_an_outage_over_monday_everybody_is_told_on_tuesday():
    tuesday = days(date(2026, 10, 27), since=date(2026, 10, 23))

    assert why_today(DEFAULT, starts_on=FIRST, due_on=date(2026, 10, 31), days=tuesday) == Why.WEEKDAY


def test_nagging_ends_and_a_short_round_is_told_of_at_all():
    rule = DEFAULT._replace(days_after=10)
    day = date(2026, 10, 16)

    assert why_today(rule, starts_on=FIRST, due_on=date(2026, 10, 14), days=days(date(2026, 10, 26))) == Why.LONG_PAST
    assert why_today(rule, starts_on=day, due_on=day, days=days(day)) == Why.AHEAD


@pytest.mark.django_db
def test_the_most_particular_policy_decides():
    template = RoundTemplate.objects.get(key="helper")
    world = World()
    helper_of(world, "张三")
    round = helper_round(world, template=template)
    policies = {
        "everybody": policy(days_before=1),
        "post": policy(days_before=2, post=Post.HELPER),
        "template": policy(days_before=3, template=template),
        "template and post": policy(days_before=4, template=template, post=Post.HELPER),
        "round": policy(days_before=5, round=round),
        "round and post": policy(days_before=6, round=round, post=Post.HELPER),
    }

    found = []
    for name in reversed(policies):
        found.append(Policies.read((8, 20)).rule_for(round, Post.HELPER).days_before)
        policies[name].delete()
    found.append(Policies.read((8, 20)).rule_for(round, Post.HELPER).days_before)

    assert found == [6, 5, 4, 3, 2, 1, round.remind_days_before]


@pytest.mark.django_db
def test_posts_of_one_round_can_be_told_on_different_days():
    world = World()
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    secretary = world.post("村书记", Post.VILLAGE_SECRETARY, world.village)
    world.household("张三")
    round: Round = world.round([Post.VILLAGE_CHIEF, Post.VILLAGE_SECRETARY])
    policy(round=round, post=Post.VILLAGE_CHIEF, weekdays=[1], ahead=None)

    assert recipients(MONDAY) == {secretary.pk}
    assert recipients(MONDAY + timedelta(days=1)) == {chief.pk}
    assert pressing_on(MONDAY).whys[round.pk, "village_chief"] == Why.OTHER_DAY
