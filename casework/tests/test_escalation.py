"""What stays climbs a level each so many working days, once, and is withdrawn when it is settled."""

from datetime import date
from typing import Any

import pytest

from casework.escalation import climb
from casework.models import Kind, Level, Problem, Reminder, TargetKind
from casework.models.matters import Escalation, Matter, Rung
from casework.problems import assign_problem, escalate_overdue
from casework.reminders import deliver, prepare
from casework.tests.digest_days import policy
from casework.tests.world import World, at
from villages.models import Cadre, Post

pytestmark = [pytest.mark.core, pytest.mark.django_db]

# The helpers' round is due on Thursday the 15th; by the morning of the 23rd five working days are over.
DUE = date(2026, 10, 15)
AT_VILLAGE = date(2026, 10, 23)
AT_TOWN = date(2026, 10, 30)
AT_DISTRICT = date(2026, 11, 6)


class Scene:
    """A household whose helper is late, and somebody who answers at each level."""

    def __init__(self) -> None:
        self.world = World()
        self.household = self.world.household("张三")
        self.helper = self.world.help("帮扶甲", self.household)
        self.chief = self.world.post("大村长", Post.VILLAGE_CHIEF, self.world.village)
        self.town = self.world.post("镇督导", Post.SUPERVISOR, self.world.town)
        self.district = self.world.post("区督导", Post.SUPERVISOR, self.world.district)
        self.round = self.world.round(
            [Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="10月帮扶走访", due_on=DUE, grace_days=60
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


def sweep(day: date, hour: int = 9) -> None:
    now = at(day, hour)
    climb(now=now)
    prepare(on=day, now=now)
    deliver(now=now)


def letters(cadre: Cadre) -> list[Reminder]:
    return list(Reminder.objects.filter(recipient=cadre, kind=Kind.ESCALATION, delivered_at__isnull=False))


def told(cadre: Cadre) -> list[dict[str, Any]]:
    """The lines of the cadre's only letter."""
    (letter,) = letters(cadre)
    return [item for place in letter.lines for item in place["items"]]


def test_nobody_above_hears_while_there_is_time_to_settle_it_below(scene):
    sweep(date(2026, 10, 22))

    assert Matter.objects.get().left == 1
    assert not Escalation.objects.exists()
    assert letters(scene.chief) == []


def test_it_climbs_from_village_to_town_to_district(scene):
    for day in (AT_VILLAGE, AT_TOWN, AT_DISTRICT):
        sweep(day)

    days = dict(Escalation.objects.values_list("rung", "raised_on"))
    assert days == {Rung.VILLAGE: AT_VILLAGE, Rung.TOWN: AT_TOWN, Rung.DISTRICT: AT_DISTRICT}
    assert [len(letters(cadre)) for cadre in (scene.chief, scene.town, scene.district)] == [1, 1, 1]
    assert told(scene.chief) == [
        {
            "text": "帮扶干部：“10月帮扶走访”有1户次逾期未走访",
            "why": "10月16日起；下级未按时解决",
            "url": f"/coverage/{scene.round.pk}/list/?place=360704101200&post=helper&state=overdue",
        }
    ]


def test_each_level_hears_once_however_often_the_sweep_runs(scene):
    for hour in (9, 10, 11):
        sweep(AT_VILLAGE, hour)
    sweep(date(2026, 10, 26))

    assert len(letters(scene.chief)) == 1


def test_what_is_settled_before_the_letter_is_delivered_is_not_in_it(scene):
    now = at(AT_VILLAGE)
    climb(now=now)
    prepare(on=AT_VILLAGE, now=now)
    scene.world.visit(scene.household, AT_VILLAGE, scene.helper)

    deliver(now=now)

    assert letters(scene.chief) == []


def test_a_settled_matter_is_withdrawn_and_climbs_no_further(scene):
    sweep(AT_VILLAGE)
    scene.world.visit(scene.household, AT_VILLAGE, scene.helper)

    for day in (AT_TOWN, AT_DISTRICT):
        sweep(day)

    assert Matter.objects.get().settled_on == AT_TOWN
    assert Escalation.objects.get().withdrawn_on == AT_TOWN
    assert letters(scene.town) == []


def test_where_nobody_stands_the_next_level_hears_at_once(scene):
    scene.world.post(scene.chief, Post.VILLAGE_CHIEF, scene.world.sibling)
    posting = scene.chief.postings.get(village=scene.world.village)
    posting.ends_on = date(2026, 10, 19)
    posting.save()

    sweep(AT_VILLAGE)

    assert dict(Escalation.objects.filter(matter__round=scene.round).values_list("rung", "is_from_nobody")) == {
        Rung.VILLAGE: False,
        Rung.TOWN: True,
    }
    assert told(scene.town)[0]["why"].endswith("下级无人可通知")


def test_where_nobody_has_an_address_the_next_level_hears_too(scene):
    Cadre.objects.filter(pk=scene.town.pk).update(email="town@example.org")

    sweep(AT_VILLAGE)

    assert [len(letters(cadre)) for cadre in (scene.chief, scene.town, scene.district)] == [1, 1, 0]


def test_without_any_supervisor_the_administrators_hear(scene):
    Cadre.objects.filter(pk__in=[scene.chief.pk, scene.town.pk, scene.district.pk]).update(is_active=False)
    administrator = Cadre.objects.create_superuser("root", "secret-words", name="系统管理员")

    sweep(AT_VILLAGE)

    assert len(letters(administrator)) == 1


def test_the_district_hears_by_town(scene):
    other = scene.world.household("李四", scene.world.sibling)
    scene.world.help(scene.helper, other)
    scene.world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, name="补走", due_on=DUE)

    for day in (AT_VILLAGE, AT_TOWN, AT_DISTRICT):
        sweep(day)

    (letter,) = letters(scene.district)
    assert [place["village"] for place in letter.lines] == ["王母渡镇"]
    assert "2个村；帮扶干部：“补走”有2户次逾期未走访" in [item["text"] for item in letter.lines[0]["items"]]


def test_a_vacant_post_that_owes_visits_is_a_matter_for_the_town(scene):
    scene.world.round([Post.FIRST_SECRETARY], name="第一书记遍访", starts_on=date(2026, 10, 16))

    sweep(date(2026, 10, 16))
    sweep(date(2026, 10, 23))

    (matter,) = Matter.objects.filter(kind="vacant")
    assert (matter.seat, matter.left, matter.since) == ("first_secretary", 1, date(2026, 10, 16))
    assert told(scene.town)[0]["text"] == "第一书记：空缺，1次走访无人负责"


def test_the_weekly_summary_takes_the_place_of_the_letter(scene):
    monday = date(2026, 11, 2)
    for day in (AT_VILLAGE, monday, date(2026, 11, 3)):
        sweep(day)

    assert Escalation.objects.get(rung=Rung.TOWN).raised_on == monday
    assert letters(scene.town) == []
    assert Reminder.objects.get(recipient=scene.town, kind=Kind.SUMMARY).for_day == monday


def test_a_policy_says_how_long_a_level_has_and_whether_it_climbs_at_all(scene):
    policy(post=Post.HELPER, escalate_after=2)
    sweep(date(2026, 10, 20))
    assert Escalation.objects.get().rung == Rung.VILLAGE

    policy(round=scene.round, escalate_after=None)
    sweep(AT_DISTRICT)

    assert Escalation.objects.count() == 1


def test_after_the_clock_was_set_back_it_goes_on(scene):
    sweep(AT_TOWN)

    sweep(AT_VILLAGE)
    sweep(AT_TOWN, 10)

    assert Escalation.objects.count() == 2
    assert len(letters(scene.town)) == 1


def test_a_late_problem_that_the_ledger_takes_up_is_told_at_the_new_level(scene):
    monday = date(2026, 10, 26)
    visit = scene.world.visit(scene.household, date(2026, 10, 14), scene.helper, problem="屋顶漏雨")
    problem = Problem.objects.get(visit=visit)
    assign_problem(
        problem_id=problem.pk, actor=scene.chief, now=at(date(2026, 10, 14)), responsible=scene.chief, due_on=AT_VILLAGE
    )
    scene.round.delete()
    escalate_overdue(now=at(monday, 8))

    sweep(monday)
    sweep(date(2026, 10, 27))

    assert Problem.objects.get().level == Level.TOWN
    assert letters(scene.town) == []
    summary = Reminder.objects.get(recipient=scene.town, kind=Kind.SUMMARY)
    assert [item["text"] for item in summary.lines[0]["items"]] == ["1个问题超过办理期限"]


def test_a_problem_taken_up_within_the_week_comes_by_letter(scene):
    visit = scene.world.visit(scene.household, date(2026, 10, 14), scene.helper, problem="屋顶漏雨")
    assign_problem(
        problem_id=Problem.objects.get(visit=visit).pk,
        actor=scene.chief,
        now=at(date(2026, 10, 14)),
        responsible=scene.chief,
        due_on=date(2026, 10, 26),
    )
    day = date(2026, 10, 27)
    escalate_overdue(now=at(day, 8))

    sweep(day)
    sweep(date(2026, 10, 28))

    assert told(scene.town)[0] == {
        "text": "问题：屋顶漏雨",
        "why": "已过办理期限（10月26日），下级未解决",
        "url": f"/problems/{visit.pk}/",
    }
