"""Let the database keep the plan of a statement that is sent again and again.

Planning a scoped query costs PostgreSQL as much as answering it. A prepared statement is planned once for each
connection. A pooler that hands out another connection for each transaction knows nothing of it: switch
PLAN_ONCE off there.
"""

import re
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

_PLACEHOLDER = re.compile(r"%[s%]")
_KNOWN = "planned_statements"


def execute(connection: BaseDatabaseWrapper, cursor: Any, sql: str, slots: list[Any], values: dict[str, Any]) -> None:
    """Run a statement with these values in the slots of its %s; on PostgreSQL by the plan this connection has for it.

    A value that stands in many places of a plan is sent once: a page's message has a day and a reader eighty times.
    """
    if connection.vendor != "postgresql" or not settings.PLAN_ONCE:
        cursor.execute(sql, [slot(values) if callable(slot) else slot for slot in slots])
        return
    known = _known(connection)
    if sql not in known:
        name, sent = f"planned_{len(known) + 1}", list(dict.fromkeys(slots))
        with connection.connection.cursor() as driver:  # part of making the connection ready, no query of ours
            driver.execute(f"PREPARE {name} AS {_numbered(sql, [sent.index(slot) + 1 for slot in slots])}")
        known[sql] = f"EXECUTE {name} ({', '.join(['%s'] * len(sent))})" if sent else f"EXECUTE {name}", sent
    statement, sent = known[sql]
    cursor.execute(statement, [slot(values) for slot in sent])


def _known(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, list[Any]]]:
    """What this connection has prepared; a connection made anew has nothing yet."""
    link, known = connection.__dict__.get(_KNOWN, (None, {}))
    if link is not connection.connection:
        known = {}
        connection.__dict__[_KNOWN] = (connection.connection, known)
    return known


def _numbered(sql: str, numbers: list[int]) -> str:
    """The statement with $1, $2 … as numbered in place of each %s, and a plain % in place of %%."""
    left = iter(numbers)

    def replace(found: re.Match[str]) -> str:
        return "%" if found.group() == "%%" else f"${next(left)}"

    return _PLACEHOLDER.sub(replace, sql)
