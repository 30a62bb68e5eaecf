"""Whole rows by prepared queries, several of them in one message: for pages that read many small tables."""

import json
import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateField, DateTimeField, DecimalField, Field, JSONField, Model, QuerySet, UUIDField
from django.db.models.base import ModelState

from villages import planned
from villages.prepared import Compiled, Prepared, shape_of, taken_by

Row = TypeVar("Row", bound=Model)
Rows = list[tuple[Any, ...]]
Reader = Callable[[Any], Any]
_JSON = json.JSONDecoder(parse_float=Decimal)  # json.loads() makes one for each text it is to read in this way


def known(model: type[Row], columns: Iterable[str], values: Iterable[Any]) -> Row:
    """A stored row of which these columns are known; any other is read from the database when it is asked for.

    It is what from_db() makes, without asking every field what to do with its value: a page reads fifty rows.
    """
    row = model.__new__(model)
    row.__dict__.update(zip(columns, values, strict=False))
    row._state = state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return row


class PreparedRows(Generic[Row]):
    """A prepared query of a model by its builder, a function of keyword values that returns a queryset of it.

    `more` names what is asked for beside the row's own columns: annotations, and columns of joined tables.
    """

    def __init__(self, model: type[Row], build: Callable[..., QuerySet[Any, Any]], *more: str) -> None:
        def named(**values: Any) -> QuerySet[Any, Any]:
            return build(**values).values_list(*self._columns(), *more)

        self._model, self._prepared = model, Prepared(named)
        self.taken = taken_by(build)

    def rows(self, **values: Any) -> list[tuple[Row, tuple[Any, ...]]]:
        """Run the query with these values: the rows, each with a tuple of what else was asked for."""
        columns = self._columns()
        return [self.row(columns, found) for found in self._prepared.rows(**values)]

    def row(self, columns: list[str], found: tuple[Any, ...]) -> tuple[Row, tuple[Any, ...]]:
        """One row as the database gave it, as an instance of the model and what else was asked for."""
        return known(self._model, columns, found), found[len(columns) :]

    def compiled(self, values: dict[str, Any]) -> tuple[list[str], Compiled]:
        """The names of the row's own columns, and the query compiled for values of this shape."""
        return self._columns(), self._prepared.compiled(values)

    def _columns(self) -> list[str]:
        return [field.attname for field in self._model._meta.concrete_fields]


class Together:
    """Several prepared queries, each of which takes its own of the values given to all.

    PostgreSQL gets them in one message, as arrays of rows.
    """

    def __init__(self, *queries: Prepared | PreparedRows[Any]) -> None:
        self._queries = queries
        self._kept = threading.local()

    def rows(self, **values: Any) -> list[Rows]:
        """The rows of each query, in the order of the queries."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor != "postgresql":
            return [query.rows(**query.taken(values)) for query in self._queries]
        sql, slots, readers = self._message(values)
        with connection.cursor() as cursor:
            planned.execute(connection, cursor, sql, slots, values)
            found = cursor.fetchone()
        return [read(_JSON.decode(text) if text else []) for read, text in zip(readers, found, strict=True)]

    def _message(self, values: dict[str, Any]) -> tuple[str, list[Any], list[Callable[[list[Any]], Rows]]]:
        """The one statement, where its values belong, and how each answer is read."""
        kept: dict[Any, Any] = self._kept.__dict__
        shape = shape_of(values)
        if shape not in kept:
            parts, slots, readers = [], [], []
            for query in self._queries:
                row, (compiler, sql, its_slots) = _compiled(query, query.taken(values))
                fields = [column.output_field for column, _sql, _alias in compiler.select]
                names = ", ".join(f"c{number}" for number in range(len(fields)))
                parts.append(f"(SELECT json_agg(json_build_array({names}))::text FROM ({sql}) AS rows({names}))")
                slots += its_slots
                its_readers = [(place, read) for place, field in enumerate(fields) if (read := _reader(field))]
                readers.append(partial(_read, row, its_readers))
            kept[shape] = f"SELECT {', '.join(parts)}", slots, readers
        return kept[shape]


def _compiled(query: Prepared | PreparedRows[Any], values: dict[str, Any]) -> tuple[Reader | None, Compiled]:
    """What makes a row of its columns (None: it is a row as it is), and the compiled query."""
    if isinstance(query, Prepared):
        return None, query.compiled(values)
    columns, compiled = query.compiled(values)
    return partial(query.row, columns), compiled


def _read(make: Reader | None, readers: list[tuple[int, Reader]], found: list[list[Any]]) -> Rows:
    for row in found:
        for place, read in readers:
            if row[place] is not None:
                row[place] = read(row[place])
    rows = [tuple(row) for row in found]
    return rows if make is None else [make(row) for row in rows]


def _reader(field: Field) -> Reader | None:
    """What makes a value of the field of what JSON has for it; None where JSON has it as it is."""
    if isinstance(field, DateTimeField):
        return datetime.fromisoformat
    if isinstance(field, DateField):
        return date.fromisoformat
    if isinstance(field, DecimalField):
        return Decimal
    if isinstance(field, UUIDField):
        return UUID
    if hasattr(field, "from_db_value") and not isinstance(field, JSONField):
        return partial(field.from_db_value, expression=None, connection=connections[DEFAULT_DB_ALIAS])
    return None
