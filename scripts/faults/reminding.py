"""The parts of the reminders' run: servers, processes, clock and providers, and how to wait for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from faults.background import Program, Redis, beat, worker
from faults.clock import SHANGHAI, Clock
from faults.cluster import Cluster, cluster
from faults.outbox import Outbox
from faults.providers import Mailbox, Outage, Robot
from faults.web import ROOT

PEOPLE, WITH_MAIL = 7000, 5800
PATIENCE = 120
FIRST_DAY, LAST_DAY = date(2027, 3, 1), date(2027, 3, 31)


@dataclass
class Run:
    """The parts of the run, and what was found."""

    database: Cluster
    redis: Redis
    clock: Clock
    outbox: Outbox
    mail: Outage
    robots: Outage
    beats: list[Program]
    workers: list[Program]
    done: list[str] = field(default_factory=list)
    late: dict[str, timedelta] = field(default_factory=dict)
    checks: dict[str, bool] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)

    def at(self, day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """Set the clock to that moment."""
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
        self.clock.set(moment)
        return moment

    def until(self, is_true: Callable[[], bool], what: str) -> None:
        """Wait for it. A run that waits in vain has failed."""
        give_up_at = time.monotonic() + PATIENCE
        while not is_true():
            if time.monotonic() > give_up_at:
                raise SystemExit(f"Waited in vain: {what}")
            time.sleep(0.1)

    def sweeps(self, number: int = 2) -> None:
        """Wait for so many sweeps to begin under the clock as it is now."""
        for _sweep in range(number):
            before = self.outbox.heartbeat()
            self.until(lambda before=before: self.outbox.heartbeat() != before, "a sweep")  # type: ignore[misc]

    def told(self, day: date, since: datetime, name: str) -> None:
        """Wait until everybody has the day's digest; note how long after `since` that was."""
        self.until(lambda: self.outbox.inbox(day).delivered >= PEOPLE, f"digests of {day}")
        self.late[name] = self.clock.now() - since

    def sent(self) -> int:
        """Messages the providers have accepted."""
        return len(self.mail.accepted) + len(self.robots.accepted)

    def kill_workers(self) -> None:
        """Kill -9 both, start both."""
        for each in self.workers:
            each.kill()
        for each in self.workers:
            each.start()

    def kill_database(self) -> None:
        """Kill -9 PostgreSQL, start it."""
        self.database.kill()
        self.database.start()


def started(folder: Path, stack: ExitStack) -> Run:
    """Everything started, everybody entered; it is Sunday noon."""
    database = stack.enter_context(cluster(folder))
    redis = Redis(folder)
    stack.callback(redis.stop)
    mail, robots = Outage(Mailbox), Outage(Robot)
    stack.callback(robots.down)
    stack.callback(mail.down)
    clock = Clock(folder / "clock", datetime(2027, 2, 28, 12, tzinfo=SHANGHAI))
    environment = _environment(folder, database.url, redis.url, mail.port)
    _python(["manage.py", "migrate", "--verbosity", "0"], environment)
    asked = [PEOPLE, WITH_MAIL, robots.port, FIRST_DAY, LAST_DAY, folder / "scene"]
    _python(["-m", "faults.digest_scene", *map(str, asked)], environment)
    beats = [beat(name, clock.file, environment, folder) for name in ("beat a", "beat b")]
    workers = [worker(name, clock.file, environment, folder) for name in ("worker a", "worker b")]
    for program in (*workers, *beats):
        stack.callback(program.stop)
    run = Run(database, redis, clock, Outbox(database.url), mail, robots, beats, workers)
    stack.callback(lambda: run.outbox.link and run.outbox.link.close())
    return run


def _environment(folder: Path, database: str, broker: str, mail_port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")]),
        "VAR_DIR": str(folder / "var"),
        "SECRET_KEY": "of one run",
        "PERSONAL_DATA_KEYS": "run:" + "A" * 43 + "=",
        "PERSONAL_DATA_INDEX_KEY": "run:" + "A" * 43 + "=",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "REMIND_FROM_HOUR": "0",
        "REMIND_UNTIL_HOUR": "24",
        "SWEEP_SECONDS": "2",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
    }


def _python(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=os.environ | environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
