"""Start the whole system on this machine: database, demo district, web server and worker, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent a signal."""


def main() -> int:
    """Prepare, then hand over to honcho. Returns 0 when asked to stop, otherwise the code of what failed."""
    port = os.environ.get("PORT") or "8000"
    if problem := port_problem(port):
        print(f"{problem} Choose another one: make run PORT=8001", file=sys.stderr)
        return 1
    address = f"http://127.0.0.1:{port}/"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "SITE_URL": os.environ.get("SITE_URL") or address,
    }
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        if code := run([sys.executable, str(ROOT / "scripts" / "prepare.py"), "--demo"], environment):
            return code
        print(f"\n  {address}\n  Ctrl-C stops it.\n", flush=True)
        return run([sys.executable, "-m", "honcho", "start", "--port", port], environment)
    except Stopped:
        print("Stopped.")
        return 0


def stop(number: int, frame: FrameType | None) -> None:
    """Leave what is running, once; further signals must not disturb the tidying up."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def run(command: list[str], environment: dict[str, str]) -> int:
    """The exit code of the command, which is stopped first when we are. Ctrl-C reaches only us, not it."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def port_problem(port: str) -> str:
    """Why nothing can listen on the port; empty when it is free."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT must be a number from 1 to 65535, not {port!r}."
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except OSError as error:
            return f"Port {port} cannot be used ({error.strerror})."
    return ""


if __name__ == "__main__":
    sys.exit(main())
