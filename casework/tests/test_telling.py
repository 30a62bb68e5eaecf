"""What the digest adds to what presses: news, the weeks ahead, rest, “not mine any more”; and what the office sees."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from casework.effects import count_effects, effects
from casework.load_ahead import Weeks
from casework.misaddressed import report_not_mine, settle
from casework.models import Delivery, Kind, Misaddressed, Mute, Reminder, ReminderEffect
from casework.preferences import mute, muted_posts, unmute
from casework.reminders import deliver, prepare
from casework.tests.digest_days import MONDAY, helper_of, helper_round, inbox, items, policy, sweep
from casework.tests.ledger_scene import LedgerScene
from casework.tests.world import TODAY, at
from villages.models import AuditEntry, Cadre, Post

pytestmark = pytest.mark.django_db

TUESDAY = MONDAY + timedelta(days=1)


def page(cadre: Cadre, name: str, query: str = "") -> str:
    client = Client()
    client.force_login(cadre)
    answer = client.get(reverse(name) + query)
    assert answer.status_code == 200
    return answer.content.decode()


# News -----------------------------------------------------------------------------------------


@pytest.mark.core
def test_a_new_household_and_a_co_helper_are_told_once_and_to_both(world):
    first = helper_of(world, "张三")
    household = first.helper_pairings.get().household
    second = world.help("帮扶乙", household, starts_on=TUESDAY, is_primary=False)

    sweep(TUESDAY)
    sweep(TUESDAY + timedelta(days=1))

    assert [line["text"] for line in items(second)] == ["新结对：张三家"]
    assert [(line["text"], line["why"]) for line in items(first)] == [
        ("帮扶乙现在也帮扶：张三家", "自10月27日起与您共同帮扶")
    ]


def test_news_stands_in_the_digest_of_what_is_due(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    world.help(helper, world.household("李四"), starts_on=MONDAY)

    sweep(MONDAY)

    assert [(line["text"], line["kind"]) for line in items(helper)] == [("张三家", "soon"), ("新结对：李四家", "new")]


# The weeks ahead ------------------------------------------------------------------------------


def test_visits_are_spread_over_the_working_days_left():
    workdays = [MONDAY + timedelta(days=day) for day in range(28) if day % 7 < 5]

    shares = [
        Weeks(MONDAY, workdays).shares(10, due_on)
        for due_on in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=4), MONDAY + timedelta(days=25))
    ]

    assert shares == [(10, 0), (10, 0), (3, 2)]


@pytest.mark.core
def test_on_mondays_the_weeks_ahead_stand_below_with_rounds_that_do_not_press_yet(world):
    helper = helper_of(world, "张三", "李四")
    helper_round(world)
    world.post(helper, Post.VILLAGE_CHIEF, world.sibling)
    for number in range(4):
        world.household(f"户主{number}", world.sibling)
    world.round([Post.VILLAGE_CHIEF], due_on=MONDAY + timedelta(days=18))

    sweep(MONDAY)

    (reminder,) = inbox(helper)
    section = reminder.lines[-1]
    assert (section["village"], [item["text"] for item in section["items"]]) == (
        "本周和下周走访量",
        ["王母渡镇 潭埠村：本周约2次，下周约0次", "王母渡镇 浓口村：本周约2次，下周约1次"],
    )


# Rest -----------------------------------------------------------------------------------------


@pytest.mark.core
def test_who_rests_is_told_nothing_until_the_day_and_only_the_supervisor_of_the_place_sees_it(world):
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF])
    supervisor = world.post("督导", Post.SUPERVISOR, world.town)
    mute(cadre=chief, until=MONDAY, reason="外出学习", on=MONDAY)

    sweep(MONDAY)

    assert inbox(chief) == []
    [(row, [posting])] = muted_posts(supervisor, MONDAY)
    assert (row.until, posting.post) == (MONDAY, Post.VILLAGE_CHIEF)
    assert muted_posts(world.post("他镇督导", Post.SUPERVISOR, world.other_town), MONDAY) == []
    with pytest.raises(PermissionDenied):
        muted_posts(chief, MONDAY)
    sweep(MONDAY + timedelta(days=7))
    assert len(inbox(chief)) == 1


@pytest.mark.parametrize("days", [-1, 61])
def test_nobody_rests_for_ever_or_without_a_reason(world, days):
    cadre = world.cadre("张")

    with pytest.raises(ValidationError):
        mute(cadre=cadre, until=MONDAY + timedelta(days=days), reason="休假", on=MONDAY)
    with pytest.raises(ValidationError):
        mute(cadre=cadre, until=MONDAY, reason=" ", on=MONDAY)


def test_resting_twice_moves_the_day_and_can_be_ended(world):
    cadre = world.cadre("张")
    mute(cadre=cadre, until=MONDAY, reason="休假", on=MONDAY)
    mute(cadre=cadre, until=TUESDAY, reason="休假", on=MONDAY)

    assert [row.until for row in Mute.objects.in_force(MONDAY)] == [TUESDAY]
    unmute(cadre=cadre, on=MONDAY)
    assert not Mute.objects.in_force(MONDAY)
    assert AuditEntry.objects.filter(verb__startswith="reminders.").count() == 3


def test_the_settings_page_saves_each_part_by_its_own_button(world):
    helper = helper_of(world, "张三", email="a@example.org")
    client = Client()
    client.force_login(helper)
    address = reverse("inbox_settings")

    client.post(address, {"do": "channels", "digest_first": "inbox", "digest_then": ""})
    client.post(address, {"do": "number", "phone": "13800000000"})
    client.post(address, {"do": "mute", "until": "2026-10-20", "reason": "休假"})

    shown = client.get(address).content.decode()
    assert "138****0000" in shown
    assert "13800000000" not in shown
    assert "休假" in shown
    client.post(address, {"do": "unmute"})
    sweep(MONDAY)
    assert (len(inbox(helper)), Delivery.objects.count()) == (0, 0)


# Not mine any more ----------------------------------------------------------------------------


@pytest.mark.core
def test_a_line_is_reported_once_and_settled_by_the_supervisor_of_the_place(world, frozen):
    frozen.move_to(at(MONDAY))
    helper = helper_of(world, "张三")
    helper_round(world)
    sweep(MONDAY)
    (reminder,), (line,) = inbox(helper), items(helper)
    town, other = (world.post("督导", Post.SUPERVISOR, place) for place in (world.town, world.other_town))
    client = Client()
    client.force_login(helper)
    address = f"{reverse('reminder_not_mine', args=[reminder.pk])}?about={line['about']}"

    for _time in range(2):
        client.post(address, {"words": "已换人"})

    report = Misaddressed.objects.get()
    assert (report.words, report.place_code) == ("已换人", world.village.pk)
    assert "张三" in page(town, "reminder_reports")
    assert "张三" not in page(other, "reminder_reports")
    with pytest.raises(Misaddressed.DoesNotExist):
        settle(report_id=report.pk, is_accepted=True, answer="", actor=other, on=TUESDAY)
    with pytest.raises(ValidationError):
        settle(report_id=report.pk, is_accepted=False, answer=" ", actor=town, on=TUESDAY)
    client.force_login(town)
    client.post(reverse("reminder_reports"), {"report": report.pk, "decision": "decline", "answer": "名册未变"})
    assert "名册未变" in page(helper, "reminder_reports")
    assert AuditEntry.objects.filter(verb__startswith="duty.not_mine").count() == 2


def test_nobody_reports_a_line_of_somebody_else_or_one_that_is_not_there(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    sweep(MONDAY)
    (reminder,), (line,) = inbox(helper), items(helper)

    with pytest.raises(PermissionDenied):
        report_not_mine(reminder=reminder, about=line["about"], words="", actor=world.cadre("他"), on=MONDAY)
    with pytest.raises(ValidationError):
        report_not_mine(reminder=reminder, about="0:helper:0", words="", actor=helper, on=MONDAY)


# What the office sees -------------------------------------------------------------------------


def test_the_dry_run_says_who_would_hear_what_and_why_and_writes_nothing(world):
    helper = helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    world.help(helper, world.household("外镇户", world.foreign), starts_on=date(2026, 9, 1))
    town = world.post("镇督导", Post.SUPERVISOR, world.town)

    monday, tuesday = (page(town, "reminder_run", f"?on={day}") for day in (MONDAY, TUESDAY))

    assert "将有1人收到提醒" in monday
    assert "张三家" in monday
    assert "规则规定的星期" in monday
    assert "电子邮件" in monday
    assert "外镇户" not in monday
    assert "将有0人收到提醒" in tuesday
    assert "不在规则规定的日子" in tuesday
    assert not Reminder.objects.exists()


@pytest.mark.core
def test_the_dry_run_and_the_sweep_agree(world):
    cast = world.cast()
    for village in (world.village, world.sibling, world.foreign):
        world.help(f"帮扶{village.pk}", world.household("户主", village))
    helper_round(world)
    world.round([Post.VILLAGE_CHIEF, Post.TEAM_MEMBER])

    said = page(cast["supervisor"], "reminder_run", f"?on={MONDAY}")
    prepare(on=MONDAY, now=at(MONDAY, 9))

    told = Reminder.objects.filter(kind=Kind.DIGEST).count()
    assert f"将有{told}人收到提醒" in said
    assert told == 5


def test_the_dry_run_foretells_the_supervisors_week_to_the_own_office_alone(world):
    district, town, other = (
        world.post(name, Post.SUPERVISOR, place)
        for name, place in (("区督导", world.district), ("镇督导", world.town), ("外镇督导", world.other_town))
    )
    world.household("户主")
    world.round([Post.FIRST_SECRETARY], name="空岗的轮次")

    whole, own, foreign = (
        page(cadre, "reminder_run", f"?on={MONDAY}&kind=summary") for cadre in (district, town, other)
    )
    tuesday = page(town, "reminder_run", f"?on={TUESDAY}&kind=summary")

    assert ("将有2人收到提醒" in whole, "空缺岗位：第一书记" in whole) == (True, True)
    assert ("将有1人收到提醒" in own, "空缺岗位：第一书记" in own) == (True, True)
    assert ("将有0人收到提醒" in foreign, "空缺岗位：第一书记" in foreign) == (True, False)
    assert "将有0人收到提醒" in tuesday
    assert not Reminder.objects.exists()


def test_whoever_is_told_of_news_alone_is_shown_as_such(world):
    helper = helper_of(world, "张三")
    helper_round(world)
    world.help(helper, world.household("新结对户"), starts_on=TUESDAY)

    tuesday = page(world.post("镇督导", Post.SUPERVISOR, world.town), "reminder_run", f"?on={TUESDAY}")

    assert "今天因有变化而提醒" in tuesday


def test_the_send_log_shows_that_something_was_sent_but_not_what(world):
    helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    sweep(MONDAY)
    district, town, other = (
        world.post("督导", Post.SUPERVISOR, place) for place in (world.district, world.town, world.other_town)
    )

    for cadre in (district, town):
        shown = page(cadre, "reminder_log", f"?on={MONDAY}&kind=digest&state=sent")
        assert "帮扶甲" in shown
        assert "张三" not in shown
    assert "帮扶甲" not in page(other, "reminder_log")


@pytest.mark.core
def test_the_effect_compares_named_with_unnamed_duties_once_a_week_is_over(world):
    helper = helper_of(world, "张三", "李四")
    resting = world.help("帮扶乙", world.household("王五"))
    helper_round(world)
    mute(cadre=resting, until=MONDAY, reason="休假", on=MONDAY)
    sweep(MONDAY)
    world.visit(helper.helper_pairings.first().household, TUESDAY, helper)
    later = MONDAY + timedelta(days=8)

    counted = [count_effects(on=day, now=at(day)) for day in (TUESDAY, later, later, later + timedelta(days=1))]

    assert counted == [0, 1, 0, 0]
    (effect,) = effects(rounds=ReminderEffect.objects.values_list("round", flat=True))
    assert (effect.named, effect.named_done, effect.others, effect.others_done) == (2, 1, 1, 0)
    assert (effect.named_share, effect.others_share) == ("50.00%", "0.00%")
    assert "50.00%" in page(world.post("督导", Post.SUPERVISOR, world.district), "reminder_effects")


def test_a_policy_on_days_off_tells_only_those_it_is_for(world):
    helper = helper_of(world, "张三")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    helper_round(world)
    world.round([Post.VILLAGE_CHIEF])
    policy(post=Post.HELPER, on_days_off=True, weekdays=[5], ahead=None)
    saturday = date(2026, 10, 24)

    prepare(on=saturday, now=at(saturday, 9))
    deliver(now=at(saturday, 9))

    assert (len(inbox(helper)), len(inbox(chief))) == (1, 0)


def test_the_office_keeps_policies_in_the_panel(world, client):
    client.force_login(world.post("录入员", Post.CLERK, world.district))
    add = reverse("admin:casework_remindingpolicy_add")
    fields = {"post": "helper", "weekdays": ["0", "3"], "ahead": "3", "escalate_after": "5"}

    client.post(add, fields)
    again = client.post(add, fields)

    listed = client.get(reverse("admin:casework_remindingpolicy_changelist")).content.decode()
    assert "星期一、星期四" in listed
    assert "该轮次和岗位已有规则" in again.content.decode()


def test_a_problem_handed_over_is_news_for_whom_it_was_given_to_and_told_once():
    scene = LedgerScene()
    scene.assign()
    responsible = scene.problem.responsible
    assert responsible is not None

    for day in (TODAY, TODAY + timedelta(days=1)):
        sweep(day, 11)

    (line,) = items(responsible)
    assert line["text"] == f"交给您的问题：{scene.problem.text}"
    assert line["url"] == reverse("problem", args=[scene.problem.pk])
