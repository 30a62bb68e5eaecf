"""Start a PostgreSQL and a Redis of our own for one command, and stop them after it.

    python scripts/servers.py [--durable] [--keep FOLDER] -- COMMAND

COMMAND sees DATABASE_URL and REDIS_URL. A variable that is already set is left alone and its server
is not started. Only the standard library is used, so that any Python can run this.
"""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

DATABASE = "casework"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# As docker-compose.yml has it.
DURABLE = {"shared_buffers": "1GB", "effective_cache_size": "4GB", "work_mem": "32MB", "max_wal_size": "4GB"}


class CannotStart(Exception):
    """A server is not here or did not come up; the message says what to do."""


@contextmanager
def servers(*, is_durable: bool = False, keep: Path | None = None) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of running servers; those already in the environment are passed on.

    `is_durable` keeps PostgreSQL's writes as safe, and as slow, as in production. `keep` is a folder
    whose database stays after the end and is used again.
    """
    with ExitStack() as stack:
        urls = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        if not all(urls.values()):
            folder = stack.enter_context(_folder())
            if not urls["DATABASE_URL"]:
                urls["DATABASE_URL"] = stack.enter_context(_postgresql(folder, is_durable, keep))
            if not urls["REDIS_URL"]:
                urls["REDIS_URL"] = stack.enter_context(_redis(folder))
        yield urls


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder that the servers' user can enter, also when root's own TMPDIR is closed to others."""
    path = Path(tempfile.mkdtemp(prefix="casework-servers-", dir="/tmp" if os.geteuid() == 0 else None))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _postgresql(folder: Path, is_durable: bool, keep: Path | None) -> Iterator[str]:
    programs = _postgresql_programs()
    user = _unprivileged_user()
    base = (keep or folder / "postgresql").resolve()
    base.mkdir(parents=True, exist_ok=True)
    if user:
        shutil.chown(base, user)
    data, password_file, log = base / "data", base / "password", base / "log"
    if not (data / "PG_VERSION").exists():
        _make_cluster(programs, data, password_file, user)
    password = password_file.read_text(encoding="ascii")
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
    settings |= DURABLE if is_durable else FAST

    def command(port: int) -> list[str]:
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]

    def is_ready(port: int) -> bool:
        asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(asked, check=False).returncode == 0

    with _running("PostgreSQL", command, is_ready, log=log, user=user, stop_with=signal.SIGINT) as port:
        _make_database(programs, port, password)
        yield f"postgres://{DATABASE}:{password}@127.0.0.1:{port}/{DATABASE}"


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if not program:
        raise CannotStart("redis-server was not found. On Debian: apt-get install redis-server")

    def command(port: int) -> list[str]:
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        return [program, "--port", str(port), *options]

    def is_ready(port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False

    with _running("Redis", command, is_ready, log=folder / "redis.log", stop_with=signal.SIGTERM) as port:
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def _running(
    name: str,
    command: Callable[[int], list[str]],
    is_ready: Callable[[int], bool],
    *,
    log: Path,
    stop_with: signal.Signals,
    user: str | None = None,
) -> Iterator[int]:
    """The port of the started server. A port that somebody took in between is tried again with another."""
    for attempts_left in (2, 1, 0):
        port = _free_port()
        process = _start(command(port), log, user)
        if _wait(process, partial(is_ready, port)):
            break
        _stop(process, signal.SIGKILL)
        if not attempts_left:
            raise CannotStart(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
    try:
        yield port
    finally:
        _stop(process, stop_with)


def _start(command: list[str], log: Path, user: str | None) -> subprocess.Popen[bytes]:
    """Start in a session of its own: Ctrl-C is for the command, which must end before its servers."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            **_as(user),
        )


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    """Whether the server answered in time and is still alive."""
    give_up_at = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up_at:
        if is_ready():
            return process.poll() is None
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes], stop_with: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop_with)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postgresql_programs() -> Path:
    """The folder with initdb, postgres and createdb: Debian keeps the newest version's off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    folders = [path.parent for path in reversed(found)] + ([Path(on_path).resolve().parent] if on_path else [])
    for folder in folders:
        if all((folder / program).exists() for program in ("initdb", "postgres", "createdb", "pg_isready")):
            return folder
    raise CannotStart("PostgreSQL's programs were not found. On Debian: apt-get install postgresql")


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as instead, none when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise CannotStart("PostgreSQL cannot run as root, and there is neither a user postgres nor nobody.")


def _as(user: str | None) -> dict[str, Any]:
    """The arguments of subprocess that make a command run as this user."""
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _make_cluster(programs: Path, data: Path, password_file: Path, user: str | None) -> None:
    """C.UTF-8, not C: trigrams of Chinese words are empty in C."""
    password_file.write_text(secrets.token_hex(16), encoding="ascii")
    password_file.chmod(0o600)
    if user:
        shutil.chown(password_file, user)
    options = [f"--username={DATABASE}", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
    command = [str(programs / "initdb"), "-D", str(data), "--encoding=UTF8", "--locale=C.UTF-8", *options]
    made = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **_as(user))
    if made.returncode:
        raise CannotStart(f"initdb failed:\n{made.stderr}")


def _make_database(programs: Path, port: int, password: str) -> None:
    command = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", DATABASE, DATABASE]
    made = subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": password}
    )
    if made.returncode and "already exists" not in made.stderr:
        raise CannotStart(f"createdb failed:\n{made.stderr}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def leave_on_signal(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an ordinary exit, so that the servers are stopped on the way out."""
    sys.exit(128 + number)


def main() -> int:
    """Run the command between start and stop; its exit code is ours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--durable", action="store_true", help="keep PostgreSQL's writes safe, as in production")
    parser.add_argument("--keep", type=Path, help="a folder whose database stays after the end")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave_on_signal)
    try:
        with servers(is_durable=chosen.durable, keep=chosen.keep) as urls:
            command = subprocess.Popen(chosen.command, env=os.environ | urls)
            try:
                return command.wait()
            finally:
                _stop(command, signal.SIGTERM)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
