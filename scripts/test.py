"""Run every check; a failed stage does not hide the next.

The blank databases that the tests begin with are made while the first stages look at the code alone. The slow ones of
these go on beside the tests on PostgreSQL, which often wait for a server or a browser, and are heard after them.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import CannotStart, leave_on_signal, servers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

Stage = tuple[str, list[str | Path]]
ON_CODE: list[Stage] = [
    ("style", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("translations", [BIN / "pybabel", "--quiet", "compile", "-d", "locale", "-D", "django"]),
]
BESIDE: list[Stage] = [
    ("types", [BIN / "mypy"]),
    ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
]
# Three on two cores: each of them often waits for the server, a browser or a clock. In SQLite nobody is waited for.
ON_POSTGRESQL: list[Stage] = [("tests on PostgreSQL", [BIN / "pytest", "-q", "-n", "3"])]
ON_SQLITE: list[Stage] = [("core tests on SQLite", [BIN / "pytest", "-q", "-n", "2", "-m", "core and not browser"])]


def main() -> int:
    """Start the servers, run all stages, name the failed ones last. Returns 1 when any failed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave_on_signal)
    try:
        with tempfile.TemporaryDirectory(prefix="casework-test-") as folder, servers() as urls:
            failed = run_all(Path(folder), urls)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run_all(folder: Path, urls: dict[str, str]) -> list[str]:
    """The names of the stages that failed."""
    # Compiled files are kept, also where the environment says not to: every process would compile everything anew.
    quiet = os.environ | {"VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
    postgresql = quiet | urls
    # An empty variable counts as unset: the default, SQLite, is what `make run` uses.
    sqlite = quiet | {"DATABASE_URL": "", "REDIS_URL": urls["REDIS_URL"]}
    with (
        blank_database(postgresql, folder / "blank-postgresql") as first,
        blank_database(sqlite, folder / "blank-sqlite") as second,
    ):
        failed = run(ON_CODE, postgresql)
        with beside(BESIDE, postgresql, folder) as hear:
            failed += run(ON_POSTGRESQL, postgresql | {"BLANK_DATABASE": name_of(first)})
            failed += hear()
        failed += run(ON_SQLITE, sqlite | {"BLANK_DATABASE": name_of(second)})
    return failed


@contextmanager
def blank_database(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The process that makes it now and drops it at the end. A folder of its own: keys are made at the first start."""
    process = subprocess.Popen(
        [sys.executable, "scripts/blank.py"],
        cwd=ROOT,
        env=environment | {"VAR_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is not for it: it must drop what it made
    )
    try:
        yield process
    finally:
        process.communicate()


def name_of(blank: subprocess.Popen[str]) -> str:
    """Empty when it could not be made: the tests then make their own and say what is wrong."""
    return blank.stdout.readline().strip() if blank.stdout else ""


@contextmanager
def beside(stages: list[Stage], environment: dict[str, str], folder: Path) -> Iterator[Callable[[], list[str]]]:
    """Starts the stages at once, each with its output in a file. Call what it gives to wait for them and print it."""
    started = []
    for name, command in stages:
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        started.append((name, process))

    def hear() -> list[str]:
        failed = []
        for name, process in started:
            code = process.wait()
            said = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            print(f"\n--- {name}, beside the tests\n{said}", end="", flush=True)
            if code:
                print(f"--- {name} failed", flush=True)
                failed.append(name)
        return failed

    try:
        yield hear
    finally:
        for _name, process in started:
            process.terminate()
            process.wait()


def run(stages: list[Stage], environment: dict[str, str]) -> list[str]:
    """The names of the stages that failed."""
    failed = []
    for name, command in stages:
        print(f"\n--- {name}", flush=True)
        started_at = time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) as process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
        if code:
            print(f"--- {name} failed after {time.monotonic() - started_at:.0f} s", flush=True)
            failed.append(name)
    return failed


if __name__ == "__main__":
    sys.exit(main())
