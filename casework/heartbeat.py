"""When the background work last ran, and whether that is recent enough."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from casework.models import Heartbeat
from villages.prepared import Prepared

SWEEP = "sweep"
EFFECTS = "effects"  # when it was last looked for what reminders have done
PREPARED = "prepared"  # when reminders were last prepared on a working day
LONGEST_SILENCE = timedelta(minutes=5)


def beat(name: str, *, now: datetime) -> None:
    """Note that the job runs. One statement, so that two workers at once cannot collide."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def last_beat(name: str) -> datetime | None:
    """When the job last ran; None: never."""
    return next((at for (at,) in _LAST.rows(name=name)), None)


def _last(name: str) -> QuerySet[Any]:
    return Heartbeat.objects.filter(name=name).values_list("at")


_LAST = Prepared(_last)  # every sweep asks for several


def is_recent(at: datetime | None, *, now: datetime) -> bool:
    """Whether the beat is at most five minutes away from now, in either direction.

    A beat from the future means that the clock was set back, or that hosts disagree about the time. The next
    sweep puts it right; if it does not, that is just what must be noticed.
    """
    return at is not None and abs(now - at) <= LONGEST_SILENCE
