"""Compile an ORM query once, and run it again and again with other values.

Building a scoped query in the ORM costs several times what the database needs to answer it. A hot
path keeps the one definition (visible_to and its like) and pays for building it once per thread.
"""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

# Values no real row has: they mark, in the compiled parameters, where a caller's value belongs.
_NUMBERS = 8_765_432_109_000
_DAYS = date(1066, 1, 1)


def _marker(kind: type, serial: int) -> Any:
    if kind is int:
        return _NUMBERS + serial
    if kind is date:
        return _DAYS + timedelta(days=serial)
    if kind is str:
        return f"\x01{serial}\x01"
    raise TypeError(f"A prepared query takes int, date, str and tuples of them, not {kind.__name__}.")


class Prepared:
    """A query by its builder: a function of keyword values that returns a values_list queryset.

    The builder may use the values only as query parameters, never to decide what the query is; None
    and yes/no values are the exception: each combination of them is compiled by itself.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled = threading.local()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run the query with these values; tuples stand for IN lists."""
        shape = tuple((name, self._shape(value)) for name, value in values.items())
        known: dict[Any, tuple[SQLCompiler, str, list[Any]]] = self._compiled.__dict__
        if shape not in known:
            try:
                known[shape] = self._compile(values)
            except EmptyResultSet:  # nothing is in an empty list
                return []
        compiler, sql, slots = known[shape]
        parameters = [slot(values) if callable(slot) else slot for slot in slots]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, parameters)
            return [tuple(row) for row in compiler.results_iter(results=[cursor.fetchall()], tuple_expected=True)]

    @staticmethod
    def _shape(value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        return (tuple, len(value)) if isinstance(value, tuple) else type(value)

    def _compile(self, values: dict[str, Any]) -> tuple[SQLCompiler, str, list[Any]]:
        """Build with markers, compile, and find the markers again among the parameters."""
        markers: dict[Any, Callable[[dict[str, Any]], Any]] = {}
        marked: dict[str, Any] = {}

        def mark(kind: type, read: Callable[[dict[str, Any]], Any]) -> Any:
            marker = _marker(kind, len(markers))
            markers[marker] = markers[str(marker)] = read
            return marker

        for name, value in values.items():
            if value is None or isinstance(value, bool):
                marked[name] = value
            elif isinstance(value, tuple):
                marked[name] = tuple(
                    mark(type(item), lambda given, name=name, index=index: given[name][index])
                    for index, item in enumerate(value)
                )
            else:
                marked[name] = mark(type(value), lambda given, name=name: given[name])
        compiler = self._build(**marked).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        return compiler, sql, [markers.get(parameter, parameter) for parameter in parameters]
