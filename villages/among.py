"""The lookup `among`: one of thousands of values, handed over as one parameter where the database can take it.

Django's `in` makes a parameter of every value, which costs more than the search. Of a queryset PostgreSQL makes the
array first and then goes by the column's index; with `in` it may read the whole table to ask row by row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Field
from django.db.models.lookups import In, Lookup
from django.db.models.sql import Query

BETWEEN = "\x1f"  # the sign between units, made for this and typed by nobody


@Field.register_lookup
class Among(Lookup):
    """number__among=[...], village__code__among=villages.values("code")"""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """As `in`: SQLite knows no arrays."""
        if isinstance(self.rhs, Query):
            return compiler.compile(In(self.lhs, self.rhs))
        values = list(self.rhs)
        return compiler.compile(In(self.lhs, values)) if values else ("0 = 1", [])

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """= ANY(array)."""
        left, parameters = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, Query):
            right, more = self.process_rhs(compiler, connection)
            return f"{left} = ANY (ARRAY{right})", [*parameters, *more]
        values = list(self.rhs)
        if values and all(value.__class__ is str for value in values):
            joined = BETWEEN.join(values)
            if joined.count(BETWEEN) == len(values) - 1:
                # The driver would quote, and the database read, each of them by itself.
                return f"{left} = ANY(string_to_array(%s, %s))", [*parameters, joined, BETWEEN]
        return f"{left} = ANY(%s)", [*parameters, values]


@contextmanager
def by_their_indexes() -> Iterator[None]:
    """Until the caller's transaction ends, thousands of values are looked up one by one, by one process.

    While a table grows under an import PostgreSQL comes to think that reading all of it, by several processes, is less
    work; it is ten times more, and takes the processors from whoever waits for a page.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL max_parallel_workers_per_gather = 0")
    yield
