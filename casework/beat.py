"""Celery's scheduler as this project runs it: on any number of hosts, and the one that holds the lease rings."""

import logging
import os
import socket
import time
import uuid
from pathlib import Path
from typing import Any

from celery.beat import Scheduler
from django.conf import settings
from django.db import Error, close_old_connections, connection

from casework.lease import Lease
from villages.bell import ring

logger = logging.getLogger(__name__)

LEASE = "beat"
ALIVE = "beat-alive"  # in VAR_DIR: touched at every look, for health checks of the container
LOOKS = 6  # so often within the time after which another takes over


class LeasedScheduler(Scheduler):
    """Rings each entry every so many seconds of the monotonic clock while the lease is ours.

    Setting the clock neither silences it nor makes it ring at once for all that was "missed". A bell that rings
    twice does no harm (each sweep claims what it does), one that nobody rings is made up at the next turn.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.rung_at: dict[str, float] = {}
        holder = f"{socket.gethostname()[:50]} {os.getpid()} {uuid.uuid4().hex[:12]}"
        self.lease = Lease(LEASE, holder, lasts=settings.BEAT_TAKE_OVER_SECONDS, clock=time.monotonic)
        self.is_active = False
        super().__init__(*args, **options)

    def setup_schedule(self) -> None:
        """The schedule is the settings' and nothing else; nothing is kept in a file."""
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *_args: Any, **_options: Any) -> float:
        """Ring what is due, if that is for us to do. Returns the seconds until the next look."""
        (Path(settings.VAR_DIR) / ALIVE).touch()
        self._note(self._may_ring())
        if self.is_active:
            for name, entry in self.schedule.items():
                self._ring_if_due(name, entry)
        return min(settings.BEAT_TAKE_OVER_SECONDS / LOOKS, settings.SWEEP_SECONDS / 2)

    def close(self) -> None:
        """Give the lease back on the way out; a database that is away will see it run out."""
        try:
            self.lease.release()
        except Error as error:
            logger.warning("The lease could not be given back (%s).", type(error).__name__)
        super().close()

    def _may_ring(self) -> bool:
        close_old_connections()
        try:
            return self.lease.hold()
        except Error as error:
            # Without the database there is nothing to look at either.
            logger.warning("The database does not answer (%s); nothing is rung until it does.", type(error).__name__)
            connection.close()
            return False

    def _note(self, may_ring: bool) -> None:
        if may_ring != self.is_active:
            logger.info("This scheduler rings from now on." if may_ring else "This scheduler stands by.")
            self.is_active = may_ring
            self.rung_at.clear()  # whoever takes over looks at once

    def _ring_if_due(self, name: str, entry: Any) -> None:
        now, every = time.monotonic(), entry.schedule.run_every.total_seconds()
        due_at = self.rung_at.get(name, now - every) + every
        if now >= due_at:
            ring(entry.task, expires=entry.options.get("expires"))
            # In step, unless the host was asleep for longer than a turn.
            self.rung_at[name] = due_at if now - due_at < every else now
