"""The door of the live server in browser tests: shut behind each test, once everybody inside has been answered.

A request that a page has sent in its last moment may otherwise still be writing while the tables are emptied: the two
wait for each other, or its rows are found by the next test.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

SECONDS = 60


class Door:
    """Counts who is inside. While it is shut, whoever comes is sent away without a look at the database."""

    def __init__(self) -> None:
        self._is_open = False
        self._inside = 0
        self._left = threading.Condition()

    def guard(self, answer: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """WSGIHandler.__call__ behind this door."""

        def guarded(handler: WSGIHandler, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            with self._left:
                if not self._is_open:
                    start_response("503 Service Unavailable", [("Content-Length", "0")])
                    return []
                self._inside += 1
            try:
                return answer(handler, environ, start_response)
            finally:
                with self._left:
                    self._inside -= 1
                    self._left.notify_all()

        return guarded

    def open(self) -> None:
        """A test begins."""
        with self._left:
            self._is_open = True

    def shut(self) -> None:
        """A test is over: nobody comes in any more, and who is inside is waited for."""
        with self._left:
            self._is_open = False
            assert self._left.wait_for(lambda: self._inside == 0, timeout=SECONDS), "a request was never answered"
