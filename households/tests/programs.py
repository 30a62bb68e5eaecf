"""Programs of ours that run beside the tests."""

import os
from pathlib import Path


def readers_at_work() -> list[str]:
    """The programs that read files and still run, by the kernel's list."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [pid for file in found for pid in file.read_text().split()]
    commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]
    return [command for command in commands if "reader-program" in command]
