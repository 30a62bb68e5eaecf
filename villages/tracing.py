"""Which request or job a line of the log belongs to: an id that goes with it from the page to the background work."""

import re
import uuid
from typing import Any

from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars, get_contextvars

from villages.personal_numbers import has_personal_number

HEADER = "X-Request-ID"
KEY = "request_id"
# What proxies make: letters, digits and hyphens; long enough to be unique, short enough for a line.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")


def request_id(asked: str | None) -> str:
    """The id a proxy has given, if it looks like one and like no person's number; otherwise a fresh one."""
    if asked and ID.fullmatch(asked) and not has_personal_number(asked) and not asked.isdigit():
        return asked
    return uuid.uuid4().hex


def belonging_to(**ids: str) -> Any:
    """A context in which every line of the log carries these ids."""
    return bound_contextvars(**{name: value for name, value in ids.items() if value})


def begin_job(**ids: str) -> None:
    """Let every line of the log carry these ids and no others; a worker does one thing at a time."""
    clear_contextvars()
    bind_contextvars(**{name: value for name, value in ids.items() if value})


def end_job() -> None:
    """The ids are over."""
    clear_contextvars()


def for_the_bell() -> dict[str, str]:
    """The headers that tell a worker which request rang."""
    found = get_contextvars().get(KEY)
    return {KEY: found} if found else {}
