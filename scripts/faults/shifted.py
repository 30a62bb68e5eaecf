"""Celery under a clock that can be set while it runs: `python -m faults.shifted CLOCK beat ...`.

As when somebody sets a host's clock, the time of day jumps and the monotonic clock does not. (libfaketime was tried:
Python's sleep() fails under it.) PostgreSQL and Redis keep the real time; our code never asks them for it.
"""

import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import time_machine
from celery.__main__ import main

from faults.clock import real_now, seconds_in

LOOK_EVERY = 0.1


def follow(file: Path, clock: time_machine.Traveller) -> None:
    """Set the clock whenever the file says something else."""
    last = None
    while True:
        seconds = seconds_in(file)
        if seconds != last:
            clock.move_to(real_now() + timedelta(seconds=seconds))
            last = seconds
        time.sleep(LOOK_EVERY)


if __name__ == "__main__":
    where, *rest = sys.argv[1:]
    file = Path(where)
    with time_machine.travel(real_now() + timedelta(seconds=seconds_in(file)), tick=True) as clock:
        threading.Thread(target=follow, args=(file, clock), daemon=True).start()
        sys.argv = ["celery", *rest]
        sys.exit(main())
