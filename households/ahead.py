"""Write a file's new households while the rest of it is still being read, when it shall be written in any case.

Whoever brings a file in by the command and says --confirm has decided before anything is compared. A process of its own
then follows the preview, and stores what is new in one transaction that stays open: nobody sees anything of it before
the preview is made, the import is confirmed, and everything else is written too. If that comes to nothing, the
transaction does as well, and the import is written as any other; so this may only save time, never decide anything.
"""

import marshal
import multiprocessing
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from households.imports import confirm_import, write_confirmed
from households.models import RegisterImport
from households.models.imports import IllegalMove
from households.register_import.apply import NewHouseholds
from households.register_import.memory import seldom_collecting
from households.register_import.preview import Handed
from households.register_import.records import Stale
from villages.calendar import day_of

MOST_WAITING = 32 << 20  # bytes that may wait to be written
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
        with Waiting(told) as waiting:
            _write_ahead(decided, waiting)
    except (EOFError, Stale, IllegalMove, ValidationError):
        return  # the import is not confirmed, or must be looked at again: whoever began it will say so


@seldom_collecting()
@transaction.atomic
def _write_ahead(decided: Decided, waiting: "Waiting") -> None:
    job = RegisterImport.objects.get(pk=decided.job_id)
    begun = NewHouseholds(job, decided.now)
    while message := waiting.next():
        begun.write(_nobody_watches, [Handed(*home) for home in marshal.loads(message)])
    on, lets_leave, takes = day_of(decided.now), decided.lets_leave, decided.takes_conflicts
    job = confirm_import(job=job, actor=None, on=on, lets_leave=lets_leave, takes_conflicts=takes)
    write_confirmed(job, now=decided.now, step=_nobody_watches, begun=begun)


class Waiting:
    """What was handed on, taken off the pipe by a thread, so that the preview goes on while it is written."""

    def __init__(self, told: Connection) -> None:
        self._told = told
        self._messages: deque[bytes | None] = deque()
        self._bytes, self._is_over = 0, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Nobody is listened to any more: whoever is still talking notices by the closed pipe that we are gone."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def next(self) -> bytes:
        """The next message, when it is there. Raises EOFError when the other process is gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages)
            message = self._messages.popleft()
            self._bytes -= len(message or b"")
            self._changed.notify_all()
        if message is None:
            raise EOFError
        return message

    def _take(self) -> None:
        message: bytes | None = None
        while message != PREVIEWED:
            try:
                message = self._told.recv_bytes()
            except EOFError:
                message = None
            with self._changed:
                self._changed.wait_for(lambda: self._bytes < MOST_WAITING or self._is_over)
                self._messages.append(message)
                self._bytes += len(message or b"")
                self._changed.notify_all()
            if message is None or self._is_over:
                return


def _nobody_watches(_rows: int) -> None:
    """A command has no bar."""
