"""How far the writing of an import is, told while its transaction is still open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from households.models import ImportProgress, RegisterImport

Step = Callable[[int], None]  # told how many rows are done
STATEMENT = "UPDATE {} SET rows_done = %s WHERE job_id = %s"


@contextmanager
def told_outside(job: RegisterImport) -> Iterator[Step]:
    """A step that is told over a connection of its own: what the transaction writes, others see at its end only.

    SQLite lets only one connection write at all, so there nobody is told.
    """
    if connection.vendor != "postgresql":
        yield lambda _done: None
        return
    outside: Any = connections.create_connection(DEFAULT_DB_ALIAS)
    statement = STATEMENT.format(connection.ops.quote_name(ImportProgress._meta.db_table))

    def step(done: int) -> None:
        try:
            with outside.cursor() as cursor:
                cursor.execute(statement, [done, job.pk])
        except DatabaseError:
            outside.close()  # the next step connects again; nothing that is written depends on it

    try:
        yield step
    finally:
        outside.close()
