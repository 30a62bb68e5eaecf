"""Several schedulers: one rings, another takes over when it falls silent, whatever the clocks say."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, connection

from casework import beat
from casework.beat import LeasedScheduler
from casework.lease import Lease
from casework.models import BeatLease
from casework.tests.test_faults import wait_for
from config.celery import app
from villages import bell

SWEEP = "casework.tasks.sweep"


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(beat.time, "monotonic", found)
    return found


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was rung; the connection stays the test's own, whose transaction lasts longer than the clock allows."""
    bells: list[str] = []
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)
    monkeypatch.setattr(beat, "ring", lambda task, **_options: bells.append(task))
    return bells


def scheduler() -> LeasedScheduler:
    return LeasedScheduler(app)


# The lease ------------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.django_db
def test_of_two_one_holds_and_the_other_takes_over_only_after_the_time() -> None:
    clock = Clock()
    first, second = (Lease("x", name, lasts=30, clock=clock) for name in ("a", "b"))

    assert (first.hold(), second.hold()) == (True, False)
    clock.seconds += 20
    assert (first.hold(), second.hold()) == (True, False)
    clock.seconds += 29
    assert not second.hold()
    clock.seconds += 2
    assert second.hold()
    # The first was only asleep; it learns before it rings.
    assert not first.hold()


@pytest.mark.core
@pytest.mark.django_db
def test_a_lease_that_was_given_back_is_taken_at_once() -> None:
    first, second = (Lease("x", name, lasts=30) for name in ("a", "b"))
    first.hold()

    second.release()  # not its own
    assert not second.hold()
    first.release()

    assert second.hold()
    assert BeatLease.objects.get().holder == "b"


@pytest.mark.django_db
def test_of_two_that_take_over_at_the_same_moment_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    dead, first, second = (Lease("x", name, lasts=30, clock=clock) for name in ("dead", "a", "b"))
    dead.hold()
    first.hold()
    second.hold()
    clock.seconds += 31
    seen = dict(first.__dict__)

    assert first.hold()
    # The second has read the row before the first wrote it.
    stale = BeatLease.objects.filter(name="x", holder="dead", renewals=seen["_seen"][1])
    assert stale.update(holder="b") == 0
    assert not second.hold()


# The scheduler --------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.django_db
def test_it_rings_at_once_and_then_each_minute_however_the_clock_is_set(clock, rung, frozen) -> None:
    only = scheduler()
    only.tick()
    assert rung == [SWEEP]

    for seconds, days in ((59, -2), (1, 0), (60, 2), (60, -2)):
        frozen.shift(timedelta(days=days))
        clock.seconds += seconds
        only.tick()

    assert rung == [SWEEP] * 4


@pytest.mark.django_db
def test_a_host_that_slept_for_an_hour_rings_once_for_it(clock, rung) -> None:
    only = scheduler()
    only.tick()
    clock.seconds += 3600
    for _look in range(3):
        only.tick()

    assert rung == [SWEEP] * 2


@pytest.mark.django_db
def test_the_one_that_stands_by_rings_nothing_and_looks_often_enough(clock, rung, settings) -> None:
    first, second = scheduler(), scheduler()
    first.tick()
    looks_again_in = second.tick()

    assert rung == [SWEEP]
    assert looks_again_in <= 60 - settings.BEAT_TAKE_OVER_SECONDS

    clock.seconds += settings.BEAT_TAKE_OVER_SECONDS + 1
    second.tick()
    first.tick()

    assert rung == [SWEEP] * 2
    assert (first.is_active, second.is_active) == (False, True)


@pytest.mark.django_db
def test_one_that_ends_in_good_order_makes_room_at_once(clock, rung) -> None:
    first, second = scheduler(), scheduler()
    first.tick()
    second.tick()
    first.close()
    second.tick()

    assert rung == [SWEEP] * 2


@pytest.mark.core
@pytest.mark.django_db
def test_without_the_database_it_waits_and_goes_on_when_it_is_back(clock, rung, monkeypatch) -> None:
    only = scheduler()
    only.tick()

    def away(_lease: Any) -> bool:
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(Lease, "hold", away)
        patch.setattr(beat.connection, "close", lambda: None)
        clock.seconds += 61
        only.tick()
    assert rung == [SWEEP]

    only.tick()
    assert rung == [SWEEP] * 2


@pytest.mark.core
def test_beat_and_the_worker_of_make_run_both_use_it_and_keep_no_file() -> None:
    assert app.conf.beat_scheduler == "casework.beat:LeasedScheduler"
    assert "celerybeat-schedule" not in (Path(django_settings.BASE_DIR) / "docker-compose.yml").read_text()


def test_a_bell_expires_late_enough_for_clocks_that_differ() -> None:
    (entry,) = app.conf.beat_schedule.values()

    assert entry["options"]["expires"] >= 300
    assert entry["schedule"].run_every.total_seconds() == 60


# Two real processes ---------------------------------------------------------------------------


@contextmanager
def real_beat(broker_url: str, folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    database = connection.settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    ours = {
        "DATABASE_URL": f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "CELERY_BROKER_URL": broker_url,
        "VAR_DIR": str(folder / name),
        "PRODUCTION": "no",
        "SWEEP_SECONDS": "1",
        "BEAT_TAKE_OVER_SECONDS": "2",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat", "--pidfile=", "--loglevel", "warning"],
        cwd=django_settings.BASE_DIR,
        env=os.environ | ours,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="processes of their own need a database server")
def test_after_kill_9_of_the_active_process_the_other_rings(redis_url: str, tmp_path: Path) -> None:
    assert bell.is_heard() is not None
    with (
        redis.Redis.from_url(redis_url) as client,
        real_beat(redis_url, tmp_path, "a") as one,
        real_beat(redis_url, tmp_path, "b") as other,
    ):

        def rings() -> int:
            return client.llen("celery")

        wait_for(lambda: rings() >= 2, "the first rings")
        holder = BeatLease.objects.get().holder
        active = one if f" {one.pid} " in holder else other
        assert f" {active.pid} " in holder
        os.kill(active.pid, signal.SIGKILL)
        active.wait()
        before = rings()
        wait_for(lambda: rings() > before, "the second rings")

        assert f" {(other if active is one else one).pid} " in BeatLease.objects.get().holder
