"""Compile an ORM query once, and run it again and again with other values.

Building a scoped query in the ORM costs several times what the database needs to answer it. A hot
path keeps the one definition (visible_to and its like) and pays for building it once per thread.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from inspect import Parameter, signature
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from villages import planned
from villages.together import Statement

# Values no real row has: they mark, in the compiled parameters, where a caller's value belongs.
_NUMBERS = 8_765_432_109_000
_DAYS = date(1066, 1, 1)

Compiled = tuple[SQLCompiler, str, list[Any]]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a caller's value belongs, by its name, and by its place where it is a tuple; in two queries the same."""

    name: str
    place: int | None = None

    def __call__(self, values: dict[str, Any]) -> Any:
        """The value that belongs here."""
        value = values[self.name]
        return value if self.place is None else value[self.place]


def _marker(kind: type, serial: int) -> Any:
    if kind is int:
        return _NUMBERS + serial
    if kind is date:
        return _DAYS + timedelta(days=serial)
    if kind is str:
        return f"\x01{serial}\x01"
    if kind is UUID:
        return UUID(int=_NUMBERS + serial)
    raise TypeError(f"A prepared query takes int, date, str, UUID and tuples of them, not {kind.__name__}.")


class Prepared:
    """A query by its builder: a function of keyword values that returns a values_list queryset.

    The builder may use the values only as query parameters, never to decide what the query is; None
    and yes/no values are the exception: each combination of them is compiled by itself.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self.taken = taken_by(build)
        self._compiled = threading.local()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run the query with these values; tuples stand for IN lists."""
        try:
            compiler, sql, slots = self.compiled(values)
        except EmptyResultSet:  # nothing is in an empty list
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            planned.execute(connection, cursor, sql, slots, values)
            return _answer(compiler, cursor.fetchall())

    def part(self, first: int, most: int, **values: Any) -> list[tuple[Any, ...]]:
        """At most so many of the rows from one on, in the order of the query.

        The database plans it anew each time: the best way to a few rows depends on where they lie and on the values.
        """
        try:
            compiler, sql, slots = self.compiled(values)
        except EmptyResultSet:
            return []
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"{sql} LIMIT %s OFFSET %s", [*filled(slots, values), most, first])
            return _answer(compiler, cursor.fetchall())

    def compiled(self, values: dict[str, Any]) -> Compiled:
        """The query compiled for values of this shape. Raises EmptyResultSet."""
        shape = shape_of(values)
        known: dict[Any, Compiled] = self._compiled.__dict__
        if shape not in known:
            known[shape] = self._compile(values)
        return known[shape]

    def _compile(self, values: dict[str, Any]) -> Compiled:
        """Build with markers, compile, and find the markers again among the parameters."""
        marked, markers = _marked(values)
        compiler = self._compiler(self._build(**marked))
        sql, parameters = compiler.as_sql()
        return compiler, *_settled(sql, [markers.get(parameter, parameter) for parameter in parameters])

    @staticmethod
    def _compiler(built: Any) -> SQLCompiler:
        return built.query.get_compiler(DEFAULT_DB_ALIAS)


class PreparedUpdate(Prepared):
    """An UPDATE by its builder, which returns the queryset and the values to set, by field."""

    def statement(self, **values: Any) -> Statement:
        """The update with these values. Raises EmptyResultSet for an empty tuple: nothing would be updated."""
        _compiler, sql, slots = self.compiled(values)
        return Statement(sql, tuple(filled(slots, values)))

    @staticmethod
    def _compiler(built: Any) -> SQLCompiler:
        rows, changes = built
        query = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return query.get_compiler(DEFAULT_DB_ALIAS)


def _settled(sql: str, slots: list[Any]) -> tuple[str, list[Any]]:
    """The query with the values that never change written into it, and the slots that are left; PostgreSQL only.

    A plan that is kept is made without looking at the values sent with it. Only what stands in the query itself lets
    the planner use an index of running cases for state = 'found', and guess how many rows there are.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return sql, slots
    compose = connection.ops.compose_sql  # type: ignore[attr-defined]  # PostgreSQL's operations only
    written = tuple("%s" if callable(slot) else compose("%s", [slot]).replace("%", "%%") for slot in slots)
    # What is filled in is still to be filled once more: a %% of the query stays one.
    return sql.replace("%%", "%%%%") % written, [slot for slot in slots if callable(slot)]


def _answer(compiler: SQLCompiler, found: list[Any]) -> list[tuple[Any, ...]]:
    """The driver's rows with their columns as Django has them."""
    if _is_plain(compiler):
        return found
    return [tuple(row) for row in compiler.results_iter(results=[found], tuple_expected=True)]


def _is_plain(compiler: SQLCompiler) -> bool:
    """Whether the driver's rows are the answer as they are, because no column needs converting."""
    known = vars(compiler)
    if "has_plain_rows" not in known:
        columns = [selected[0] for selected in (compiler.select or [])[: compiler.col_count]]
        known["has_plain_rows"] = not compiler.get_converters(columns)
    return known["has_plain_rows"]


def padded(values: Iterable[Any]) -> tuple[Any, ...]:
    """The values as a tuple of 1, 2, 4, 8 … with the last repeated, so that lists of many lengths have few shapes."""
    listed = list(values)
    wanted = 1 << (len(listed) - 1).bit_length() if listed else 0
    return tuple(listed + listed[-1:] * (wanted - len(listed)))


def taken_by(build: Callable[..., Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What picks the values that a builder takes from those given to several."""
    parameters = signature(build).parameters.values()
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
        return lambda values: values
    names = [parameter.name for parameter in parameters]
    return lambda values: {name: values[name] for name in names}


def shape_of(values: dict[str, Any]) -> Any:
    """What of the values decides how the query is compiled."""
    return tuple((name, _shape(value)) for name, value in values.items())


def _shape(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    return (tuple, len(value)) if isinstance(value, tuple) else type(value)


def filled(slots: list[Any], values: dict[str, Any]) -> list[Any]:
    """The parameters of a compiled query with the caller's values in their places."""
    return [slot(values) if callable(slot) else slot for slot in slots]


def _marked(values: dict[str, Any]) -> tuple[dict[str, Any], dict[Any, Callable[[dict[str, Any]], Any]]]:
    """The values with a marker in place of each, and how to read the real value for each marker."""
    markers: dict[Any, Callable[[dict[str, Any]], Any]] = {}
    marked: dict[str, Any] = {}

    def mark(kind: type, read: Callable[[dict[str, Any]], Any]) -> Any:
        marker = _marker(kind, len(markers))
        markers[marker] = markers[str(marker)] = read
        if isinstance(marker, UUID):  # a database without such a type keeps the digits
            markers[marker.hex] = lambda given: read(given).hex
        return marker

    for name, value in values.items():
        if value is None or isinstance(value, bool):
            marked[name] = value
        elif isinstance(value, tuple):
            marked[name] = tuple(mark(type(item), Slot(name, place)) for place, item in enumerate(value))
        else:
            marked[name] = mark(type(value), Slot(name))
    return marked, markers
