"""Kill workers, lose brokers, restart servers: nothing is lost or doubled."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection, connections, transaction

from casework import reminders, sending, tasks
from casework.models import Channel, ChannelKind, DeliveryState, Duty, Heartbeat, Reminder, Round, TargetKind
from casework.models.rounds import RoundState
from casework.rounds import continue_opening, open_round
from casework.tests.world import SHANGHAI, World, at
from households.models import Household
from villages import bell
from villages.models import Post, SpecialDay, Town

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a worker of its own needs a database server"),
]

MONDAY = date(2026, 10, 26)
SECONDS = 60


def real_now() -> datetime:
    """The time outside the frozen clock: a worker in its own process lives in it. Not the last minute of a day."""
    clock = time_machine.escape_hatch.datetime.datetime
    while (clock.now(SHANGHAI) + timedelta(seconds=SECONDS)).date() != clock.now(SHANGHAI).date():
        time.sleep(1)
    return clock.now(SHANGHAI)


def wait_for(is_true: Callable[[], Any], what: str) -> None:
    """Ask again and again, for a minute at most."""
    give_up_at = time.perf_counter() + SECONDS
    while not is_true():
        assert time.perf_counter() < give_up_at, f"waited in vain: {what}"
        time.sleep(0.02)


def quickest(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and answer of the quickest of three: a busy machine may hold up one of them, a broker holds up all."""
    tries = []
    for _try in range(3):
        started_at = time.perf_counter()
        answer = act()
        tries.append((time.perf_counter() - started_at, answer))
    return min(tries, key=lambda one: one[0])


@contextmanager
def worker(broker_url: str, var_dir: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the test's database and broker."""
    database = connection.settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    url = f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    ours = {"DATABASE_URL": url, "CELERY_BROKER_URL": broker_url, "VAR_DIR": str(var_dir), "PRODUCTION": "no"}
    options = ["--pool", "solo", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", *options],
        cwd=django_settings.BASE_DIR,
        env=os.environ | ours | environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def opening_round(world: World) -> Round:
    """A round over every household of the district whose duties nobody has made yet."""
    round = Round(
        name="遍访农户",
        posts=[Post.VILLAGE_CHIEF.value, Post.FIRST_SECRETARY.value],
        target_kind=TargetKind.RURAL_HOUSEHOLD,
        district=world.district,
        starts_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
    )
    return open_round(round, actor=None, on=date(2026, 10, 1))


def many_towns(world: World) -> None:
    """Eight towns of one village and two households each."""
    for number in range(103, 109):
        Town.objects.create(code=f"360704{number}", district=world.district, name=f"第{number}镇")
        world.make_village(f"360704{number}200", f"第{number}村委会")
    for village in {town.villages.first() for town in Town.objects.all()}:
        world.household("甲", village)
        world.household("乙", village)


def owed_in(round: Round) -> set[tuple[str, int | None]]:
    return set(Duty.objects.in_round(round).values_list("seat", "household"))


# The bell -------------------------------------------------------------------------------------


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_broker_that_is_away_costs_less_than_a_second_and_no_round(settings):
    world = World()
    many_towns(world)
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    bell.is_heard()  # the transport's modules are imported

    waited, round = quickest(lambda: opening_round(world))
    tasks.sweep()

    assert waited < 1
    assert owed_in(round) == owed_in_full(round)


def owed_in_full(round: Round) -> set[tuple[str, int | None]]:
    """What the round must owe: each of its seats for each household."""
    return {(seat, pk) for seat in round.seats() for pk in Household.objects.values_list("pk", flat=True)}


def test_a_broker_that_hangs_costs_less_than_a_second(settings, deaf_port):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{deaf_port}/0"
    bell.is_heard()

    waited, is_heard = quickest(lambda: bell.ring("casework.tasks.sweep"))

    assert not is_heard
    assert waited < 1


def test_a_bell_lost_with_redis_is_made_up_by_the_sweep(settings, redis_url):
    world = World()
    many_towns(world)
    settings.CELERY_BROKER_URL = redis_url
    round = opening_round(world)
    with redis.Redis.from_url(redis_url) as client:
        assert client.llen("celery") == 1
        client.flushdb()

    tasks.sweep()

    assert owed_in(round) == owed_in_full(round)


@pytest.mark.parametrize("kind", ["redis", "filesystem"])
def test_a_real_worker_hears_the_bell(settings, redis_url, tmp_path, kind):
    world = World()
    many_towns(world)
    if kind == "redis":
        settings.CELERY_BROKER_URL = redis_url
    else:
        queue, control = tmp_path / "broker" / "queue", tmp_path / "broker" / "control"
        queue.mkdir(parents=True)
        settings.CELERY_BROKER_URL = "filesystem://"
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(control),
        }
    round = opening_round(world)

    with worker(settings.CELERY_BROKER_URL, tmp_path):
        wait_for(lambda: Round.objects.get(pk=round.pk).state == RoundState.OPEN, "the round is open")

    assert owed_in(round) == owed_in_full(round)


# kill -9 --------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_of_an_opening_leaves_a_round_the_sweep_finishes(settings, redis_url, tmp_path):
    world = World()
    many_towns(world)
    settings.CELERY_BROKER_URL = redis_url
    round = opening_round(world)
    fifth = list(Town.objects.order_by("code"))[4]
    household = Household.objects.filter(village__town=fifth).first()

    with transaction.atomic():
        # The worker must wait for this row, which is never committed, in the middle of the fifth town.
        Duty.objects.create(round=round, seat="village_chief", village=household.village, household=household)
        with worker(redis_url, tmp_path) as process:
            wait_for(lambda: _waits_for_us(), "the worker stands in the fifth town")
            assert Round.objects.get(pk=round.pk).steps_done == 4
            process.kill()
            process.wait()
        transaction.set_rollback(True)
    tasks.sweep()

    round.refresh_from_db()
    assert (round.state, round.steps_done) == (RoundState.OPEN, 8)
    assert owed_in(round) == owed_in_full(round)
    assert Duty.objects.in_round(round).count() == 2 * Household.objects.count()
    assert continue_opening(round.pk)


def _waits_for_us() -> bool:
    with connection.cursor() as cursor:
        # For us alone: tests that run beside this one have locks of their own.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def test_a_worker_killed_in_the_middle_of_delivering_loses_and_doubles_nothing(settings, redis_url, tmp_path):
    now = real_now()
    today = now.date()
    SpecialDay.objects.update_or_create(day=today, defaults={"is_workday": True})
    settings.REMIND_FROM_HOUR, settings.REMIND_UNTIL_HOUR = 0, 24
    settings.CELERY_BROKER_URL = redis_url
    world = World()
    helpers = [world.help(f"帮扶{number}", world.household(f"户主{number}")) for number in range(5)]
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD, starts_on=today, due_on=today)
    reminders.prepare(on=today, now=now)
    bell.ring("casework.tasks.sweep")

    with transaction.atomic():
        with connection.cursor() as cursor:
            # Delivering must read the households: it waits with its claims in hand.
            cursor.execute("LOCK TABLE households_household IN ACCESS EXCLUSIVE MODE")
        with worker(redis_url, tmp_path, REMIND_FROM_HOUR="0", REMIND_UNTIL_HOUR="24") as process:
            wait_for(_waits_for_us, "the worker is delivering")
            process.kill()
            process.wait()
    assert Heartbeat.objects.filter(name="sweep").exists()
    wait_for(lambda: reminders.deliver(now=now) or _all_delivered(), "the claims of the dead worker are released")
    reminders.deliver(now=now)

    assert sorted(Reminder.objects.values_list("recipient", flat=True)) == sorted(helper.pk for helper in helpers)
    assert _all_delivered()


def _all_delivered() -> bool:
    return not Reminder.objects.filter(delivered_at=None).exists()


# Two at once ----------------------------------------------------------------------------------


def test_two_sweeps_at_the_same_moment_make_one_digest_each(monkeypatch):
    world = World()
    for number in range(30):
        helper = world.cadre(f"帮扶{number}", email=f"{number}@example.org")
        world.help(helper, world.household(f"户主{number}"))
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)
    Channel.objects.get_or_create(kind=ChannelKind.MAIL, defaults={"name": "电子邮件", "is_default": True})
    monkeypatch.setattr(reminders, "BATCH", 4)
    start, now = Barrier(2), at(MONDAY, 9)

    def sweep() -> None:
        start.wait()
        try:
            reminders.prepare(on=MONDAY, now=now)
            reminders.deliver(now=now)
            sending.send_deliveries(now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(sweep) for _worker in range(2)]:
            running.result()
    # Each may have passed by a row that the other was about to finish.
    sending.send_deliveries(now=now)

    told = Reminder.objects.filter(delivered_at=now, deliveries__state=DeliveryState.SENT)
    assert (told.count(), Reminder.objects.count()) == (30, 30)
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == len(mail.outbox) == 30
