"""Servers and workers of a run: started on 127.0.0.1, looked into by /proc, stopped by their own ids."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.district import ROOT

SECONDS_TO_START = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A process with its children; `port` where it listens, 0 when it does not."""

    process: subprocess.Popen[bytes]
    port: int = 0

    def workers(self) -> list[int]:
        """Ids of the processes that do the work: the children, or the process itself when it has none."""
        return children(self.process.pid) or [self.process.pid]

    def cpu_seconds(self) -> float:
        """Processor time of the workers since their start, user and system."""
        return sum(_cpu_seconds(pid) for pid in self.workers())

    def megabytes(self) -> float:
        """Resident memory of the largest worker: what a limit for one process must allow."""
        return max(_resident(pid) for pid in self.workers()) / 1e6


@contextmanager
def web(
    application: str, var: Path, *, workers: int = 1, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Gunicorn with this application, answering; as gunicorn.conf.py says, but one worker: a figure is that of one."""
    port = _free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--log-level", "warning"]
    command = ["gunicorn", application, *options]
    with _running(command, var, environment) as process:
        _wait_for(process, port)
        yield Server(process, port)


@contextmanager
def worker(var: Path, *, processes: int = 1, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """Celery with so many processes that work, as in production."""
    options = ["--concurrency", str(processes), "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    with _running(["celery", "--quiet", "-A", "config", "worker", *options], var, environment) as process:
        yield Server(process)


@contextmanager
def _running(
    command: list[str], var: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path, "VAR_DIR": str(var)} | (environment or {}),
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Gunicorn did not start; see above.")


def children(pid: int) -> list[int]:
    """Ids of a process's children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _cpu_seconds(pid: int) -> float:
    # The second field is the name, in brackets, and may hold blanks.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_of(pid: int) -> int:
    """The most memory that a running process, or one that it has started, has held until now: bytes; 0 when it is over.

    What wait4 says of an ended process begins with the memory of whoever started it.
    """
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        return max([_memory(pid, "VmHWM:"), *(peak_of(int(child)) for child in children)])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _resident(pid: int) -> int:
    return _memory(pid, "VmRSS:")


def _memory(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
