"""Which versions of the phone's app are taken: the one handed out now, and each for a month after it was replaced.

A version is the digest of the scripts, so that none can change without being another one. When it was replaced is
noted here when the first phone comes afterwards: the day of a release says nothing about when an office installs it.
"""

from datetime import date, datetime, timedelta

from casework import shell
from casework.models import AppVersion
from villages.calendar import day_of

OLD_VERSION_DAYS = 30
# What phones called themselves before their scripts were their version.
FIRST = "1"


def versions_accepted(now: datetime) -> list[str]:
    """The names of those that are taken, the newest last. One query, and another one after a new version came."""
    present = shell.app_version()
    known = [(name, day_of(since)) for name, since in AppVersion.objects.values_list("name", "since")]
    if not known or known[-1][0] != present:
        _note(present, now)
        known = [*((name, since) for name, since in known if name != present), (present, day_of(now))]
    return taken([(FIRST, date.min), *known], day_of(now))


def taken(known: list[tuple[str, date]], on: date) -> list[str]:
    """Of versions with the days since when they were handed out, in that order, those that are taken on a day."""
    replaced_on = [since for _name, since in known[1:]]
    limit = timedelta(days=OLD_VERSION_DAYS)
    old = [name for (name, _since), day in zip(known, replaced_on, strict=False) if on <= day + limit]
    return [*old, known[-1][0]]


def _note(name: str, now: datetime) -> None:
    """From now on this one is handed out, perhaps again. One statement, so that two at once cannot collide."""
    row = AppVersion(name=name, since=now)
    AppVersion.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["since"])
