"""Write a file's new households while the rest of it is still being read, when it shall be written in any case.

Whoever brings a file in by the command and says --confirm has decided before anything is compared. A process of its own
then follows the preview, and stores what is new in one transaction that stays open: nobody sees anything of it before
the preview is made, the import is confirmed, and everything else is written too. If that comes to nothing, the
transaction does as well, and the import is written as any other; so this may only save time, never decide anything.
"""

import marshal
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from households.imports import confirm_import, write_confirmed
from households.models import RegisterImport
from households.models.imports import IllegalMove
from households.register_import.apply import NewHouseholds
from households.register_import.memory import seldom_collecting
from households.register_import.preview import Handed
from households.register_import.records import Stale
from households.register_import.taken_off import TakenOff
from villages.calendar import day_of

PREVIEWED = b""


class Decided(NamedTuple):
    """What will be confirmed; see confirm_import()."""

    job_id: int
    now: datetime
    lets_leave: bool
    takes_conflicts: bool | None


class Follower:
    """The other process, for whoever makes the preview; None where none was begun."""

    def __init__(self, process: BaseProcess | None = None, ours: Connection | None = None) -> None:
        self._process, self._ours = process, ours

    def hand_on(self, homes: Sequence[Handed]) -> None:
        """New households of the preview, which the database has already: they need not be read from there."""
        self._say(marshal.dumps([tuple(home) for home in homes]))

    def finish(self) -> None:
        """The preview is made. Returns when all is written, or nothing."""
        self._say(PREVIEWED)
        if self._process:
            self._process.join()

    def _say(self, message: bytes) -> None:
        if self._ours is None:
            return
        try:
            self._ours.send_bytes(message)
        except ConnectionError:
            self._ours = None  # it has given up

    @property
    def is_there(self) -> bool:
        """Whether anybody wants to be handed anything."""
        return self._ours is not None


@contextmanager
def written_ahead(decided: Decided) -> Iterator[Follower]:
    """Begin to write. Yields whom to hand the preview's new households, and to tell when it is made.

    Where one connection cannot see what another one does (SQLite, an open transaction) nothing is begun.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield Follower()
        return
    connections.close_all()  # two processes cannot share one
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe()
    process = forking.Process(target=_follow, args=(decided, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Follower(process, ours)
    finally:
        ours.close()
        process.join()


def _follow(decided: Decided, told: Connection, others_end: Connection) -> None:
    """What the process does. Whatever ends it, its transaction leaves nothing behind."""
    others_end.close()  # otherwise we would not notice that the other process is gone
    try:
        with TakenOff(partial(_told, told)) as waiting:
            _write_ahead(decided, waiting)
    except (EOFError, Stale, IllegalMove, ValidationError):
        return  # the import is not confirmed, or must be looked at again: whoever began it will say so


@seldom_collecting()
@transaction.atomic
def _write_ahead(decided: Decided, waiting: TakenOff) -> None:
    job = RegisterImport.objects.get(pk=decided.job_id)
    begun = NewHouseholds(job, decided.now)
    while message := waiting.next():
        begun.write(_nobody_watches, [Handed(*home) for home in marshal.loads(message)])
    if message is None:
        raise EOFError
    on, lets_leave, takes = day_of(decided.now), decided.lets_leave, decided.takes_conflicts
    job = confirm_import(job=job, actor=None, on=on, lets_leave=lets_leave, takes_conflicts=takes)
    write_confirmed(job, now=decided.now, step=_nobody_watches, begun=begun)


def _told(told: Connection) -> bytes | None:
    """The next message; None when the other process is gone."""
    try:
        return told.recv_bytes()
    except EOFError:
        return None


def _nobody_watches(_rows: int) -> None:
    """A command has no bar."""
