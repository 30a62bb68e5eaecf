"""Put many plain rows into a table at once, and let the database take note of them."""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from django.db import connection
from django.db.models import Model

# What COPY's text format reads otherwise.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def pour(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert the rows, each in the order of the columns: by COPY on PostgreSQL, else by one prepared INSERT.

    Half a million model instances would cost minutes.
    """
    quote = connection.ops.quote_name
    target = f"{quote(model._meta.db_table)} ({', '.join(quote(column) for column in columns)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = "".join("\t".join([_cell(value) for value in row]) + "\n" for row in rows)
            cursor.copy_expert(f"COPY {target} FROM STDIN", StringIO(text))
            return
        by_column = {field.column: field for field in model._meta.concrete_fields}
        fields = [by_column[column] for column in columns]
        cursor.executemany(
            f"INSERT INTO {target} VALUES ({', '.join(['%s'] * len(columns))})",
            [
                [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
                for row in rows
            ],
        )


def analyze(*models: type[Model]) -> None:
    """Let the database count the rows anew: inside one transaction nobody else can, and it would plan for none."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _cell(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(ESCAPES)
