"""Messages taken off a pipe by a thread, so that whoever sends them goes on while they are used."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Self

MOST_WAITING = 32 << 20  # bytes that may wait to be used


class TakenOff:
    """What `receive` gives, until it gives None. `stop` ends the sender, where it is ours to end."""

    def __init__(self, receive: Callable[[], bytes | None], *, stop: Callable[[], None] | None = None) -> None:
        self._receive, self._stop = receive, stop
        self._messages: deque[bytes] = deque()
        self._bytes, self._is_over = 0, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """However the caller leaves, nothing is taken any more; a sender of ours and the thread are over afterwards."""
        if self._stop:
            self._stop()
        self._end()
        if self._stop:
            self._thread.join()

    def next(self) -> bytes | None:
        """The next message, when it is there; None when no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._is_over)
            message = self._messages.popleft() if self._messages else None
            self._bytes -= len(message or b"")
            self._changed.notify_all()
        return message

    def _take(self) -> None:
        while (message := self._receive()) is not None:
            with self._changed:
                self._changed.wait_for(lambda: self._bytes < MOST_WAITING or self._is_over)
                if self._is_over:
                    return
                self._messages.append(message)
                self._bytes += len(message)
                self._changed.notify_all()
        self._end()

    def _end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
