"""Gunicorn as in production, on a fixed port of 127.0.0.1, that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import servers

from faults.cluster import children, kill_hard

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 60


class Web:
    """The web server: two workers, otherwise as gunicorn.conf.py says."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        self.port = servers._free_port()
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        bind = ["--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", *bind, "--log-level", "error"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | self.environment, stdout=output, stderr=output
            )
        give_up_at = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < give_up_at and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"Gunicorn did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """Kill -9 the master and its workers."""
        for pid in [self.process.pid, *children(self.process.pid)]:
            kill_hard(pid)
        self.process.wait()

    def stop(self) -> None:
        """Stop it in good order."""
        servers._stop(self.process, signal.SIGTERM)


@contextmanager
def web(environment: dict[str, str], log: Path) -> Iterator[Web]:
    """A running web server, stopped at the end."""
    running = Web(environment, log)
    try:
        yield running
    finally:
        running.stop()
