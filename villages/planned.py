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


def execute(connection: BaseDatabaseWrapper, cursor: Any, sql: str, parameters: list[Any]) -> None:
    """Run a statement with %s placeholders; on PostgreSQL by the plan this connection has for it."""
    if connection.vendor != "postgresql" or not settings.PLAN_ONCE:
        cursor.execute(sql, parameters)
        return
    known = _known(connection)
    if sql not in known:
        name = f"planned_{len(known) + 1}"
        with connection.connection.cursor() as driver:  # part of making the connection ready, no query of ours
            driver.execute(f"PREPARE {name} AS {_numbered(sql)}")
        known[sql] = f"EXECUTE {name} ({', '.join(['%s'] * len(parameters))})" if parameters else f"EXECUTE {name}"
    cursor.execute(known[sql], parameters)


def _known(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """What this connection has prepared; a connection made anew has nothing yet."""
    link, known = connection.__dict__.get(_KNOWN, (None, {}))
    if link is not connection.connection:
        known = {}
        connection.__dict__[_KNOWN] = (connection.connection, known)
    return known


def _numbered(sql: str) -> str:
    """The statement with $1, $2 … in place of %s, and a plain % in place of %%."""
    number = 0

    def replace(found: re.Match[str]) -> str:
        nonlocal number
        if found.group() == "%%":
            return "%"
        number += 1
        return f"${number}"

    return _PLACEHOLDER.sub(replace, sql)
