"""The weekly summary of a supervisor: what needs somebody in the own places, on the week's first working day."""

from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from casework.escalation import climb
from casework.models import Kind, Reminder, TargetKind
from casework.reminders import deliver, prepare
from casework.sending import send_deliveries
from casework.tests.world import TODAY, at
from villages.models import Post, SpecialDay

pytestmark = [pytest.mark.core, pytest.mark.django_db]

MONDAY = date(2026, 11, 2)


def sweep(day: date) -> None:
    now = at(day, 9)
    climb(now=now)
    prepare(on=day, now=now)
    deliver(now=now)


def test_a_supervisor_hears_of_vacancies_overdue_visits_and_villages_behind(world):
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    town.email = "a@example.org"
    town.save(update_fields=["email"])
    district = world.post("区督导", Post.SUPERVISOR, world.district)
    world.help("帮扶甲", world.household("张三"))
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="十月帮扶", due_on=date(2026, 10, 16))
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访", due_on=date(2026, 11, 6))
    world.round([Post.TOWN_SECRETARY], name="书记遍访", due_on=date(2026, 11, 7))

    sweep(MONDAY)

    letters = {letter.recipient: letter for letter in Reminder.objects.filter(kind=Kind.SUMMARY)}
    assert [place["village"] for place in letters[town].lines] == ["王母渡镇 潭埠村"]
    assert [place["village"] for place in letters[district].lines] == ["王母渡镇"]
    assert [item["text"] for item in letters[town].lines[0]["items"]] == [
        "空缺岗位：乡镇党委书记、大村长",
        "逾期：帮扶干部1户次",
        "进度落后：潭埠村（已走访0，应走访1）",
        "进度落后：潭埠村（已走访0，应走访1）",
    ]
    send_deliveries(now=at(MONDAY, 10))
    assert [message.to for message in mail.outbox] == [[town.email]]
    assert "本周需要您过问的事项（按地区）：" in mail.outbox[0].body
    assert "每个工作日最多发送一次" not in mail.outbox[0].body
    whys = [item["why"] for item in letters[town].lines[0]["items"][2:]]
    assert [name in why for name, why in zip(("大村长遍访", "书记遍访"), whys, strict=True)] == [True, True]


def test_there_is_none_on_other_days_and_none_without_anything_to_say(world):
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访", due_on=date(2026, 11, 30))

    sweep(MONDAY)
    sweep(date(2026, 11, 3))

    assert not Reminder.objects.filter(recipient=town, delivered_at__isnull=False).exists()


def test_a_holiday_moves_it_to_the_first_working_day(world):
    world.post("镇督导", Post.SUPERVISOR, world.town)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF], name="大村长遍访", due_on=date(2026, 11, 6))
    SpecialDay.objects.update_or_create(day=MONDAY, defaults={"is_workday": False, "name": "假日"})

    sweep(MONDAY)
    sweep(date(2026, 11, 3))

    assert list(Reminder.objects.filter(kind=Kind.SUMMARY).values_list("for_day", flat=True)) == [date(2026, 11, 3)]


def test_the_page_shows_matters_of_the_own_places_only(world, client):
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.foreign)
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    world.help("帮扶甲", world.household("张三"))
    world.round(
        [Post.HELPER],
        TargetKind.PAIRED_HOUSEHOLD,
        name="十月帮扶",
        starts_on=date(2026, 9, 1),
        due_on=date(2026, 9, 30),
    )
    climb(now=at(TODAY))

    shown = []
    for cadre in (town, chief):
        client.force_login(cadre)
        shown.append("十月帮扶" in client.get(reverse("matters")).content.decode())

    assert shown == [True, False]
