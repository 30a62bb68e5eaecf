"""Run every check, one stage after the other; a failed stage does not hide the next."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import CannotStart, leave_on_signal, servers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

Stage = tuple[str, list[str | Path]]
ON_POSTGRESQL: list[Stage] = [
    ("style", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("translations", [BIN / "pybabel", "--quiet", "compile", "-d", "locale", "-D", "django"]),
    ("tests on PostgreSQL", [BIN / "pytest", "-q", "-n", "2"]),
]
ON_SQLITE: list[Stage] = [("core tests on SQLite", [BIN / "pytest", "-q", "-n", "2", "-m", "core and not browser"])]


def main() -> int:
    """Start the servers, run all stages, name the failed ones last. Returns 1 when any failed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave_on_signal)
    try:
        with tempfile.TemporaryDirectory(prefix="casework-test-") as folder, servers() as urls:
            quiet = os.environ | {"VAR_DIR": folder, "PYTHONUNBUFFERED": "1"}
            failed = run(ON_POSTGRESQL, quiet | urls)
            # An empty variable counts as unset: the default, SQLite, is what `make run` uses.
            failed += run(ON_SQLITE, quiet | {"DATABASE_URL": "", "REDIS_URL": urls["REDIS_URL"]})
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


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
