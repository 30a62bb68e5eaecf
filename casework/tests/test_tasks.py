"""The background tasks call their verbs, and a second run changes nothing."""

from datetime import date

import pytest
from django.utils import timezone

from casework import rounds, tasks
from casework.models import Duty, Heartbeat, Reminder, Repetition, Round, TargetKind
from casework.models.rounds import RoundState
from casework.rounds import open_round
from casework.tests.world import World, at
from config.celery import app
from villages.models import Post

pytestmark = [pytest.mark.core, pytest.mark.django_db]

MONDAY = date(2026, 10, 26)


def opening_round(world: World) -> Round:
    """A round whose duties nobody has made yet."""
    round = Round(
        name="遍访农户",
        posts=[Post.VILLAGE_CHIEF.value],
        target_kind=TargetKind.RURAL_HOUSEHOLD,
        district=world.district,
        starts_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
    )
    return open_round(round, actor=None, on=date(2026, 10, 1))


def test_the_schedule_names_a_task_that_exists():
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks


def test_a_sweep_does_everything_that_rows_say(world, frozen):
    frozen.move_to(at(MONDAY, 9))
    world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.household("张三")
    ended = world.round([Post.VILLAGE_CHIEF], repetition=Repetition.MONTHLY, due_on=date(2026, 10, 20))
    opening = opening_round(world)

    tasks.sweep()

    assert Heartbeat.objects.get(name="sweep").at == timezone.now()
    assert Round.objects.filter(previous=ended).exists()
    opening.refresh_from_db()
    assert opening.state == RoundState.OPEN
    assert Reminder.objects.get().delivered_at == timezone.now()


def test_a_second_sweep_changes_nothing_but_the_heartbeat(world, frozen):
    frozen.move_to(at(MONDAY, 9))
    world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF], repetition=Repetition.MONTHLY, due_on=date(2026, 10, 20))
    opening_round(world)
    tasks.sweep()
    tasks.sweep()  # opens what the first one queued

    def facts() -> list[list[tuple]]:
        return [list(model.objects.order_by("pk").values_list()) for model in (Round, Duty, Reminder)]

    before = facts()
    frozen.move_to(at(MONDAY, 9, 1))
    tasks.sweep()

    assert facts() == before
    assert Heartbeat.objects.get(name="sweep").at == timezone.now()


def test_a_failing_step_is_an_error_but_stops_no_other(world, frozen, monkeypatch):
    frozen.move_to(at(MONDAY, 9))
    world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.household("张三")
    world.round([Post.VILLAGE_CHIEF])

    def fail(**_arguments):
        raise ValueError("a period that cannot be opened")

    monkeypatch.setattr(rounds, "open_next_periods", fail)
    with pytest.raises(ValueError, match="cannot be opened"):
        tasks.sweep()

    assert Reminder.objects.get().delivered_at is not None


def test_opening_a_round_twice_makes_its_duties_once(world):
    world.household("张三")
    round = opening_round(world)

    tasks.continue_opening(round.pk)
    first = list(Duty.objects.values_list("pk", flat=True))
    tasks.continue_opening(round.pk)

    assert list(Duty.objects.values_list("pk", flat=True)) == first
    assert len(first) == 1
