"""Who gets which digest on which day, and why."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import reminders
from casework.digests import digests
from casework.letters import LETTERS
from casework.models import Duty, Kind, Outcome, Reminder, TargetKind
from casework.pressing import recipients
from casework.reminders import deliver, prepare
from casework.rounds import close_round, excuse_duty
from casework.sending import send_deliveries
from casework.tests.digest_days import (
    EVERY_DAY,
    FRIDAY,
    MONDAY,
    SATURDAY,
    helper_of,
    helper_round,
    inbox,
    items,
    places,
    policy,
    sweep,
)
from casework.tests.world import at
from households.residence import move_household
from villages.models import Cadre, Post, SpecialDay

pytestmark = [pytest.mark.core, pytest.mark.django_db]


# Who hears of what ----------------------------------------------------------------------------


def test_a_helper_hears_of_what_is_due_soon_and_why(world):
    helper = helper_of(world, "张三")
    helper_round(world)

    sweep(MONDAY)

    (reminder,) = inbox(helper)
    duty = Duty.objects.get()
    assert places(reminder) == [
        {
            "village": "王母渡镇 潭埠村",
            "items": [
                {
                    "text": "张三家",
                    "why": "您自9月1日起是该户帮扶干部；10月帮扶走访；尚未走访过；10月31日（星期六）到期",
                    "url": f"/visits/new/?household={duty.household_id}",
                    "kind": "soon",
                    "about": f"{duty.round_id}:helper:{duty.household_id}",
                }
            ],
        }
    ]


def test_the_reason_names_the_last_visit_by_anybody_and_how_long_a_duty_is_overdue(world):
    helper = helper_of(world, "张三")
    household = helper.helper_pairings.get().household
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.visit(household, date(2026, 9, 1), chief)
    helper_round(world)

    sweep(date(2026, 11, 9))

    assert items(helper)[0]["why"].endswith("上次走访69天前；逾期9天（10月31日到期）")


def test_nobody_hears_of_what_is_not_yet_due_soon(world):
    helper = helper_of(world, "张三")
    helper_round(world, due_on=date(2026, 11, 3))

    sweep(MONDAY)

    assert inbox(helper) == []


def test_the_days_before_the_due_date_are_the_rounds_own(world):
    helper = helper_of(world, "张三")
    helper_round(world, due_on=date(2026, 11, 3), remind_days_before=8)

    sweep(MONDAY)

    assert len(inbox(helper)) == 1


def test_a_closed_round_and_one_still_opening_remind_nobody(world):
    helper = helper_of(world, "张三")
    close_round(round=helper_round(world), actor=None, on=date(2026, 10, 20))
    opening = helper_round(world)
    type(opening).objects.filter(pk=opening.pk).update(state="opening")

    sweep(MONDAY)

    assert inbox(helper) == []


def test_a_chief_hears_of_a_whole_village_in_one_line_that_names_the_longest_unseen(world):
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    households = [world.household(f"户主{number}") for number in range(1, 6)]
    world.round([Post.VILLAGE_CHIEF], name="遍访农户")
    world.visit(households[0], date(2026, 10, 9), chief)
    helper = world.help("帮扶乙", households[2])
    world.visit(households[1], date(2026, 10, 16), chief, outcome=Outcome.NOBODY_HOME)
    world.visit(households[2], date(2026, 10, 6), helper)

    sweep(MONDAY)

    (line,) = items(chief)
    longest = "户主4（尚未走访过）、户主5（尚未走访过）、户主3（上次走访20天前）"
    assert line["text"] == f"5户中还有4户未走访，最久未走访：{longest}"
    assert line["why"] == "您自2025年1月1日起任潭埠村大村长；遍访农户；10月31日（星期六）到期"
    assert line["url"] == f"/villages/{world.village.pk}/"


def test_a_town_secretary_has_one_line_a_village(world):
    secretary = world.post("镇书记", Post.TOWN_SECRETARY, world.town)
    for village in (world.village, world.sibling, world.foreign):
        world.household("户主", village)
    world.round([Post.TOWN_SECRETARY], TargetKind.POOR_HOUSEHOLD)

    sweep(MONDAY)

    (reminder,) = inbox(secretary)
    assert [place["village"] for place in places(reminder)] == ["王母渡镇 潭埠村", "王母渡镇 浓口村"]
    assert "任王母渡镇乡镇党委书记" in reminder.lines[0]["items"][0]["why"]


def test_a_village_to_visit_leads_to_its_form(world):
    secretary = world.post("区委书记", Post.DISTRICT_SECRETARY, world.district)
    world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE)

    sweep(MONDAY)

    (line,) = items(secretary)
    assert (line["text"], line["url"]) == ("走访本村", f"/visits/new/?village={world.village.pk}")
    assert "尚未走访过" in line["why"]


def test_many_villages_to_visit_are_told_by_town(world):
    for number in range(210, 221):
        world.make_village(f"360704102{number}", f"第{number}村委会", is_poor=True)
    secretary = world.post("区委书记", Post.DISTRICT_SECRETARY, world.district)
    world.round([Post.DISTRICT_SECRETARY], TargetKind.POOR_VILLAGE)

    sweep(MONDAY)

    (reminder,) = inbox(secretary)
    assert [place["village"] for place in places(reminder)] == ["王母渡镇", "沙地镇"]
    assert reminder.lines[1]["items"][0]["text"].startswith("还有11个村未走访")


def test_a_first_secretary_who_is_also_a_helper_gets_one_digest_with_both(world):
    cadre = helper_of(world, "张三")
    world.post(cadre, Post.FIRST_SECRETARY, world.village)
    helper_round(world)
    world.round([Post.FIRST_SECRETARY])

    sweep(MONDAY)

    assert [line["text"][:2] for line in items(cadre)] == ["1户", "张三"]


def test_any_of_several_posts_reminds_each_holder_once(world):
    cadre = world.post("干部", Post.FIRST_SECRETARY, world.village)
    world.post(cadre, Post.VILLAGE_CHIEF, world.village)
    helper = world.help("帮扶", world.household("张三"))
    posts = [Post.FIRST_SECRETARY, Post.VILLAGE_CHIEF, Post.HELPER]
    world.round(posts, is_any_post=True)

    sweep(MONDAY)

    assert len(items(cadre)) == 1
    assert [line["text"] for line in items(helper)] == ["张三家"]


def test_the_holder_of_the_day_is_addressed_not_the_one_before(world):
    before = world.post("前任", Post.VILLAGE_CHIEF, world.village, ends_on=date(2026, 10, 25))
    after = world.post("后任", Post.VILLAGE_CHIEF, world.village, starts_on=MONDAY)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF])

    sweep(MONDAY)

    assert inbox(before) == []
    assert "您自10月26日起任" in items(after)[0]["why"]


def test_a_vacant_post_reminds_nobody(world):
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF])

    sweep(MONDAY)

    assert Reminder.objects.count() == 0


def test_done_excused_and_left_targets_are_in_no_digest(world):
    helper = helper_of(world, "已访", "免访", "迁出")
    done, excused, left = [pairing.household for pairing in helper.helper_pairings.order_by("pk")]
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    helper_round(world)
    world.round([Post.VILLAGE_CHIEF], TargetKind.POOR_HOUSEHOLD)
    world.visit(done, date(2026, 10, 8), helper, chief)
    for duty in Duty.objects.filter(household=excused):
        excuse_duty(duty=duty, actor=supervisor, on=date(2026, 10, 9), reason="住院")
    move_household(
        household=left, to_village=world.foreign, moved_on=date(2026, 10, 9), actor=None, on=date(2026, 10, 9)
    )

    sweep(MONDAY)

    assert [line["text"] for line in items(helper)] == ["迁出家"]  # a helper goes along
    assert inbox(chief) == []


def test_an_outsider_and_a_closed_account_get_nothing(world):
    cast = world.cast()
    closed = helper_of(world, "张三", is_active=False)
    helper_round(world)
    world.round([Post.VILLAGE_CHIEF])

    sweep(MONDAY)

    digests = Reminder.objects.filter(kind=Kind.DIGEST)
    assert set(digests.values_list("recipient", flat=True)) == {cast["chief"].pk}
    assert inbox(closed) == inbox(cast["outsider"]) == []


def test_the_recipients_are_exactly_those_who_owe_something_pressing(world):
    cast = world.cast()
    for village in (world.village, world.sibling, world.foreign):
        world.help(f"帮扶{village.pk}", world.household("户主", village))
    helper_round(world)
    world.round([Post.DISTRICT_LEADER], TargetKind.ATTACHED_VILLAGE)
    world.round([Post.TEAM_MEMBER, Post.VILLAGE_SECRETARY], is_any_post=True)
    world.round([Post.TOWN_SECRETARY], due_on=date(2026, 12, 31))

    owing = {
        cadre.pk
        for cadre in Cadre.objects.all()
        if Duty.objects.owed_by(cadre, MONDAY).pending(MONDAY).filter(round__due_on__lte=SATURDAY).exists()
    }

    assert recipients(MONDAY) == owing == set(digests(list(Cadre.objects.values_list("pk", flat=True)), on=MONDAY))
    assert cast["town_secretary"].pk not in owing


# When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hour", [0, 7, 20, 23])
def test_nobody_is_reminded_at_an_hour_of_rest(world, hour):
    helper = helper_of(world, "张三")
    helper_round(world)

    sweep(MONDAY, hour)

    assert inbox(helper) == []


def test_nobody_is_reminded_on_a_weekend_or_a_holiday(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    policy(weekdays=EVERY_DAY)
    SpecialDay.objects.update_or_create(day=FRIDAY, defaults={"is_workday": False})

    sweep(FRIDAY)
    sweep(SATURDAY)

    assert inbox(helper) == []


def test_a_swapped_working_saturday_is_a_working_day(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    policy(weekdays=[SATURDAY.weekday()])
    SpecialDay.objects.update_or_create(day=SATURDAY, defaults={"is_workday": True})

    sweep(SATURDAY)

    assert items(helper)[0]["why"].endswith("今天到期")


# Once -----------------------------------------------------------------------------------------


def test_a_second_run_of_each_step_changes_nothing(world):
    helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    now = at(MONDAY, 9)

    first = (prepare(on=MONDAY, now=now), deliver(now=now), send_deliveries(now=now))
    before = list(Reminder.objects.values())
    second = (prepare(on=MONDAY, now=now), deliver(now=now), send_deliveries(now=now))

    assert (first, second) == ((1, 1, 1), (0, 0, 0))
    assert list(Reminder.objects.values()) == before
    assert len(mail.outbox) == 1


def test_every_day_of_the_policy_brings_one_digest_until_the_visit_is_made(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    policy(weekdays=EVERY_DAY)

    for day in (MONDAY, MONDAY, date(2026, 10, 27)):
        for hour in (8, 12, 19):
            sweep(day, hour)
    world.visit(helper.helper_pairings.get().household, date(2026, 10, 28), helper)
    sweep(date(2026, 10, 28))

    assert [reminder.for_day for reminder in inbox(helper)] == [date(2026, 10, 27), MONDAY]


def test_a_duty_done_between_preparing_and_delivering_is_not_in_the_digest(world):
    helper = helper_of(world, "张三", "李四")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    world.visit(helper.helper_pairings.first().household, MONDAY, helper, now=at(MONDAY, 9))

    deliver(now=at(MONDAY, 9, 1))

    assert [line["text"] for line in items(helper)] == ["李四家"]


def test_a_digest_with_nothing_left_to_say_is_dropped(world):
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=at(MONDAY, 9))
    world.visit(helper.helper_pairings.get().household, MONDAY, helper, now=at(MONDAY, 9))

    delivered = deliver(now=at(MONDAY, 9, 1))

    assert (delivered, inbox(helper)) == (0, [])
    assert Reminder.objects.get().dropped_at == at(MONDAY, 9, 1)
    assert send_deliveries(now=at(MONDAY, 9, 2)) == 0


def test_a_digest_not_delivered_on_its_day_becomes_the_next_working_days(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    policy(weekdays=EVERY_DAY)
    prepare(on=FRIDAY, now=at(FRIDAY, 19))
    deliver(now=at(SATURDAY, 9))
    assert inbox(helper) == []

    monday = FRIDAY + timedelta(days=3)
    deliver(now=at(monday, 9))
    sweep(monday, 10)

    assert [reminder.for_day for reminder in inbox(helper)] == [monday]
    assert Reminder.objects.get(for_day=FRIDAY).dropped_at is not None


def test_more_cadres_cost_no_more_queries(world):
    for number in range(4):
        world.post(f"队员{number}", Post.TEAM_MEMBER, world.village)
        world.help(f"帮扶{number}", world.household(f"户主{number}"))
    helper_round(world)
    world.round([Post.TEAM_MEMBER])
    ids, counts = sorted(recipients(MONDAY)), []

    for some in (ids[:1] + ids[-1:], ids[:3] + ids[-3:]):
        with CaptureQueriesContext(connection) as queries:
            digests(some, on=MONDAY)
        counts.append(len(queries))

    assert len(ids) == 8
    assert counts[0] == counts[1] <= 18


def test_who_is_to_be_told_is_asked_again_after_ten_minutes_and_at_once_on_another_day_or_an_earlier_clock(
    world, monkeypatch
):
    asked: list[date] = []

    def ask(on: date, _now: Any) -> set[int]:
        asked.append(on)
        return set()

    monkeypatch.setattr(reminders, "LETTERS", {Kind.DIGEST: replace(LETTERS[Kind.DIGEST], recipients=ask)})
    monkeypatch.setattr(reminders, "kinds_to_tell", lambda now: [Kind.DIGEST])

    for minute in (0, 1, 9, 10, 11):
        prepare(on=MONDAY, now=at(MONDAY, 9, minute))
    prepare(on=MONDAY, now=at(MONDAY, 9, 5))  # the clock was set back
    prepare(on=FRIDAY, now=at(FRIDAY, 9, 6))

    assert asked == [MONDAY] * 3 + [FRIDAY]
