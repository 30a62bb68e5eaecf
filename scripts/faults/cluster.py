"""A PostgreSQL of our own on 127.0.0.1 that can be killed and started again on its data."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import servers

ATTEMPTS = 40


class Cluster:
    """The server's process, its port and its data; as durable as in production."""

    def __init__(self, folder: Path) -> None:
        self.programs = servers._postgresql_programs()
        self.user = servers._unprivileged_user()
        self.base = folder / "postgresql"
        self.base.mkdir()
        if self.user:
            shutil.chown(self.base, self.user)
        self.data, self.log = self.base / "data", self.base / "log"
        password_file = self.base / "password"
        servers._make_cluster(self.programs, self.data, password_file, self.user)
        self.password = password_file.read_text(encoding="ascii")
        self.port = servers._free_port()
        self.start()
        servers._make_database(self.programs, self.port, self.password)

    @property
    def url(self) -> str:
        """How Django names it."""
        return f"postgres://{servers.DATABASE}:{self.password}@127.0.0.1:{self.port}/{servers.DATABASE}"

    def start(self) -> None:
        """Start it; after a kill the old processes may hold the shared memory for a moment longer."""
        for _attempt in range(ATTEMPTS):
            self.process = servers._start(self._command(), self.log, self.user)
            if servers._wait(self.process, partial(self._is_ready, self.port)):
                return
            time.sleep(0.5)
        raise servers.CannotStart(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """Kill -9 the postmaster and every process it has started."""
        started = children(self.process.pid)
        for pid in [self.process.pid, *started]:
            kill_hard(pid)
        self.process.wait()

    def stop(self) -> None:
        """Stop it in good order."""
        servers._stop(self.process, signal.SIGINT)

    def _command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "100"}
        settings |= servers.DURABLE | {"shared_buffers": "128MB"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def _is_ready(self, port: int) -> bool:
        asked = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(asked, check=False).returncode == 0


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster, stopped at the end."""
    running = Cluster(folder)
    try:
        yield running
    finally:
        running.stop()


def children(pid: int) -> list[int]:
    """Ids of a process's children; none when it is gone."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def kill_hard(pid: int) -> None:
    """Kill -9; a process that is gone already is as good."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
