"""What works in the background: Redis, two schedulers and two workers, each to be killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import redis
import servers

from faults.cluster import children, kill_hard
from faults.web import ROOT


class Program:
    """One process with its log."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name, self.command, self.log = name, command, folder / f"{name.replace(' ', '-')}.log"
        self.environment = environment | {"VAR_DIR": str(folder / f"var-{name.replace(' ', '-')}")}
        self.start()

    def start(self) -> None:
        """Start it; it says by its work when it is there."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=os.environ | self.environment, stdout=output, stderr=output
            )

    def kill(self) -> None:
        """Kill -9, with what it has started."""
        for pid in [self.process.pid, *children(self.process.pid)]:
            kill_hard(pid)
        self.process.wait()

    def stop(self) -> None:
        """Stop it in good order."""
        servers._stop(self.process, signal.SIGTERM)


def beat(name: str, clock: Path, environment: dict[str, str], folder: Path) -> Program:
    """A scheduler as in production."""
    return Program(name, _celery(clock, "beat", "--pidfile="), environment, folder)


def worker(name: str, clock: Path, environment: dict[str, str], folder: Path) -> Program:
    """A worker of one process."""
    options = ["--pool", "solo", "--without-gossip", "--without-mingle", "--hostname", f"{name.replace(' ', '')}@here"]
    return Program(name, _celery(clock, "worker", *options), environment, folder)


def _celery(clock: Path, *words: str) -> list[str]:
    common = ["--quiet", "-A", "config"]
    return [sys.executable, "-m", "faults.shifted", str(clock), *common, *words, "--loglevel", "info"]


class Redis:
    """Redis on a fixed port of 127.0.0.1, which keeps nothing."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if not program:
            raise servers.CannotStart("redis-server was not found. On Debian: apt-get install redis-server")
        self.program, self.folder, self.port = program, folder, servers._free_port()
        self.start()

    @property
    def url(self) -> str:
        """How Celery names it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = servers._start(
            [self.program, "--port", str(self.port), *options], self.folder / "redis.log", user=None
        )
        if not servers._wait(self.process, partial(self._answers, self.port)):
            raise servers.CannotStart("Redis did not start.")

    def flush(self) -> None:
        """FLUSHALL."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def restart(self) -> None:
        """Kill -9, a moment without, start."""
        kill_hard(self.process.pid)
        self.process.wait()
        time.sleep(1)
        self.start()

    def stop(self) -> None:
        """Stop it in good order."""
        servers._stop(self.process, signal.SIGTERM)

    def _answers(self, port: int) -> bool:
        try:
            with redis.Redis(port=port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
