"""One of several schedulers rings, the others stand by: who it is, by a row of the database."""

import time
from collections.abc import Callable

from django.db.models import F

from casework.models import BeatLease

Seen = tuple[str, int]


class Lease:
    """One scheduler's view of the lease. Ask `hold()` again and again, well within `lasts` seconds.

    The holder counts up. A stand-by that has seen the same holder and count for `lasts` seconds of its own
    monotonic clock takes over, by an update that succeeds only if nothing has changed since: of many, one.
    Setting the clock, or hosts that disagree about the time, cannot make two holders or none.
    """

    def __init__(self, name: str, holder: str, *, lasts: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self.holder, self.lasts, self.clock = name, holder, lasts, clock
        self._seen: Seen | None = None
        self._seen_since = clock()

    def hold(self) -> bool:
        """Whether we may ring now: renewed, or taken over. A holder that was away too long learns it here."""
        row = BeatLease.objects.filter(name=self.name)
        if row.filter(holder=self.holder).update(renewals=F("renewals") + 1):
            return True
        BeatLease.objects.bulk_create([BeatLease(name=self.name)], ignore_conflicts=True)
        holder, renewals = seen = row.values_list("holder", "renewals").get()
        if seen != self._seen:
            self._seen, self._seen_since = seen, self.clock()
        if holder and self.clock() - self._seen_since < self.lasts:
            return False
        unchanged = row.filter(holder=holder, renewals=renewals)
        return bool(unchanged.update(holder=self.holder, renewals=F("renewals") + 1))

    def release(self) -> None:
        """Give it back, so that the next one need not wait."""
        BeatLease.objects.filter(name=self.name, holder=self.holder).update(holder="")
