"""Send several writes of one transaction to the database in one message.

A saved visit is five writes. Each by itself costs a round trip, and building it in the ORM costs more than the
database needs to do it; the statements here are compiled once and go out together.
"""

import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model
from django.db.models.sql import InsertQuery

_inserts = threading.local()


class Statement(NamedTuple):
    """A compiled statement and its values."""

    sql: str
    parameters: tuple[Any, ...]


def run_together(statements: Iterable[Statement]) -> None:
    """Run the statements in their order: one message on PostgreSQL, one by one where that is not possible.

    Call it inside a transaction. Raises IntegrityError like any write, and then none of them has happened.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    listed = list(statements)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            values = [value for statement in listed for value in statement.parameters]
            cursor.execute("; ".join(statement.sql for statement in listed), values)
            return
        for statement in listed:
            cursor.execute(*statement)


def insert_of(row: Model) -> Statement:
    """The INSERT of a new row as save() would send it; a key that the database makes is not read back."""
    sql, fields = _insert_into(type(row))
    connection = connections[DEFAULT_DB_ALIAS]
    return Statement(sql, tuple(field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields))


def _insert_into(model: type[Model]) -> tuple[str, list[Field]]:
    known: dict[Any, tuple[str, list[Field]]] = _inserts.__dict__
    if model not in known:
        made_by_database = model._meta.auto_field
        fields = [
            field for field in model._meta.concrete_fields if field is not made_by_database and not field.generated
        ]
        query = InsertQuery(model)
        query.insert_values(fields, [model()])
        ((sql, _values),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        known[model] = sql, fields
    return known[model]
