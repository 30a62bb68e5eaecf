"""Write a file's new households while the rest of it is still being read, when it shall be written in any case.

Whoever brings a file in by the command and says --confirm has decided before anything is compared. A process of its own
then follows the preview, and stores what is new in one transaction that stays open: nobody sees anything of it before
the preview is made, the import is confirmed, and everything else is written too. If that comes to nothing, the
transaction does as well, and the import is written as any other; so this may only save time, never decide anything.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from households.imports import confirm_import, write_confirmed
from households.models import RegisterImport
from households.models.imports import IllegalMove
from households.register_import.apply import NewHouseholds
from households.register_import.memory import seldom_collecting
from households.register_import.records import Stale
from villages.calendar import day_of

PAUSE = 0.1  # seconds between two looks for more households
PREVIEWED = "previewed"


class Decided(NamedTuple):
    """What will be confirmed; see confirm_import()."""

    job_id: int
    now: datetime
    lets_leave: bool
    takes_conflicts: bool | None


@contextmanager
def written_ahead(decided: Decided) -> Iterator[Callable[[], None]]:
    """Begin to write. Yields what must be called when the preview is made; it returns when all is written, or nothing.

    Where one connection cannot see what another one does (SQLite, an open transaction) nothing is begun.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield lambda: None
        return
    connections.close_all()  # two processes cannot share one
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe()
    process = forking.Process(target=_follow, args=(decided, theirs, ours), daemon=True)
    process.start()
    theirs.close()

    def finish() -> None:
        try:
            ours.send(PREVIEWED)
        except BrokenPipeError:
            return  # it has given up before
        finally:
            process.join()

    try:
        yield finish
    finally:
        ours.close()
        process.join()


def _follow(decided: Decided, told: Connection, others_end: Connection) -> None:
    """What the process does. Whatever ends it, its transaction leaves nothing behind."""
    others_end.close()  # otherwise we would not notice that the other process is gone
    try:
        _write_ahead(decided, told)
    except (EOFError, Stale, IllegalMove, ValidationError):
        return  # the import is not confirmed, or must be looked at again: whoever began it will say so


@seldom_collecting()
@transaction.atomic
def _write_ahead(decided: Decided, told: Connection) -> None:
    job = RegisterImport.objects.get(pk=decided.job_id)
    begun = NewHouseholds(job, decided.now)
    while not told.poll(PAUSE):
        begun.write(_nobody_watches)
    told.recv()
    on, lets_leave, takes = day_of(decided.now), decided.lets_leave, decided.takes_conflicts
    job = confirm_import(job=job, actor=None, on=on, lets_leave=lets_leave, takes_conflicts=takes)
    write_confirmed(job, now=decided.now, step=_nobody_watches, begun=begun)


def _nobody_watches(_rows: int) -> None:
    """A command has no bar."""
