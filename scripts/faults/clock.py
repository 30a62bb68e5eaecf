"""The time of day of the background processes: a number of seconds in a file, which they follow."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Taken before anybody sets a clock in this process; the monotonic clock is never set.
BEGAN_AT = time.time() - time.monotonic()
SECONDS_TO_FOLLOW = 0.4


def real_now() -> datetime:
    """The time of day as the machine has it, whatever the clock of this process says."""
    return datetime.fromtimestamp(BEGAN_AT + time.monotonic(), UTC)


def seconds_in(file: Path) -> float:
    """By how much the clock is set forward."""
    return float(file.read_text(encoding="ascii"))


class Clock:
    """Set by the harness, followed by every process that was started with its file."""

    def __init__(self, file: Path, at: datetime) -> None:
        self.file = file
        self.seconds = 0.0
        self.set(at)

    def set(self, at: datetime) -> None:
        """Let it be that moment from now on."""
        self._write((at - real_now()).total_seconds())

    def forward(self, **by: float) -> None:
        """Set it forward; back when negative."""
        self._write(self.seconds + timedelta(**by).total_seconds())

    def now(self) -> datetime:
        """The time of day there."""
        return (real_now() + timedelta(seconds=self.seconds)).astimezone(SHANGHAI)

    def _write(self, seconds: float) -> None:
        self.seconds = seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.replace(self.file)
        time.sleep(SECONDS_TO_FOLLOW)
