"""Put or change many plain rows of a table at once, and let the database take note of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from io import TextIOBase
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Model
from django.utils.crypto import get_random_string

# What COPY's text format reads otherwise.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
PIECE = 1 << 16  # characters handed to the driver at a time


class Kept(str):
    """A text as the column keeps it already, such as a sealed number: nothing is made of it any more."""

    __slots__ = ()


class Shared:
    """Cells at the end of a row that many rows have alike, made into COPY's text once for all of them."""

    __slots__ = ("cells", "text")

    def __init__(self, cells: Sequence[Any]) -> None:
        self.cells, self.text = cells, "\t".join([_cell(cell) for cell in cells])


class Lines(TextIOBase):
    """A file that is written while it is read: nobody holds all of it."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._rest = lines, ""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> str:  # type: ignore[override]
        """The next `size` characters; fewer only at the end."""
        parts, length = [self._rest], len(self._rest)
        for line in self._lines:
            parts.append(line)
            length += len(line)
            if size is not None and 0 <= size <= length:
                break
        text = "".join(parts)
        cut = len(text) if size is None or size < 0 else size
        self._rest = text[cut:]
        return text[:cut]


def pour(
    model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], alike: Mapping[str, Any] | None = None
) -> None:
    """Insert the rows, each in the order of the columns: by COPY on PostgreSQL, else by one prepared INSERT.

    Half a million model instances would cost minutes. Lists and dicts are JSON. On PostgreSQL the rows are
    asked for one by one while the database stores those before. `alike` are columns in which all rows are the same; the
    last cell of a row may be a Shared that stands for several. Raises IntegrityError.
    """
    alike = alike or {}
    quote = connection.ops.quote_name
    every = (*columns, *alike)
    target = f"{quote(model._meta.db_table)} ({', '.join(quote(column) for column in every)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:
                cursor.copy_expert(f"COPY {target} FROM STDIN", _lines(model, columns, rows, alike.values()), PIECE)
            return
        wholes = ((*_unfolded(row), *alike.values()) for row in rows)
        cursor.executemany(
            f"INSERT INTO {target} VALUES ({', '.join(['%s'] * len(every))})", _prepared(model, every, wholes)
        )


def rewrite(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the columns of many rows anew; each row begins with its key, then the columns in their order."""
    key: str = model._meta.pk.column  # type: ignore[assignment]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            table = f"rewrite_{get_random_string(12).lower()}"
            named = ", ".join(quote(column) for column in (key, *columns))
            source = f"SELECT {named} FROM {quote(model._meta.db_table)} WITH NO DATA"
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS {source}")
            cursor.copy_expert(f"COPY {table} FROM STDIN", _lines(model, (key, *columns), rows))
            cursor.execute(f"ANALYZE {table}")
            news = ", ".join(f"{quote(column)} = new.{quote(column)}" for column in columns)
            cursor.execute(
                f"UPDATE {quote(model._meta.db_table)} AS old SET {news} FROM {table} AS new"
                f" WHERE old.{quote(key)} = new.{quote(key)}"
            )
            cursor.execute(f"DROP TABLE {table}")
            return
        news = ", ".join(f"{quote(column)} = %s" for column in columns)
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {news} WHERE {quote(key)} = %s",
            [(*row[1:], row[0]) for row in _prepared(model, (key, *columns), rows)],
        )


def next_keys(model: type[Model], count: int) -> list[int]:
    """Keys that no other row will get, for rows that must be pointed to before they are stored."""
    if not count:
        return []
    table, key = model._meta.db_table, str(model._meta.pk.column)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, key, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def analyze(*models: type[Model]) -> None:
    """Let the database count the rows anew: inside one transaction nobody else can, and it would plan for none."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def check_pointers(*columns: tuple[type[Model], str]) -> None:
    """Have the database look now whether the rows are there that these columns of the transaction's rows point to.

    Otherwise it looks at the end, when nobody else is at work beside it. Looking keeps the rows pointed to from being
    deleted by others until the transaction ends; they can be changed all the while. Raises IntegrityError.
    """
    if connection.vendor != "postgresql":
        return
    names = ", ".join(connection.ops.quote_name(_pointer(model._meta.db_table, column)) for model, column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE; SET CONSTRAINTS {names} DEFERRED")


@lru_cache(maxsize=100)
def _pointer(table: str, column: str) -> str:
    """The name of the constraint."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    return next(name for name, one in constraints.items() if one["foreign_key"] and one["columns"] == [column])


@contextmanager
def in_no_hurry() -> Iterator[None]:
    """A transaction whose end is not waited for on the disk: for steps that are made anew when the machine has stopped.

    It is on the disk before any later transaction that is waited for.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def _prepared(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """The rows as the database's driver takes them."""
    by_column = {str(field.column): field for field in model._meta.concrete_fields}
    fields = [by_column[column] for column in columns]
    for row in rows:
        yield [
            str(value) if value.__class__ is Kept else field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]


def _unfolded(row: Sequence[Any]) -> Sequence[Any]:
    return (*row[:-1], *row[-1].cells) if row and isinstance(row[-1], Shared) else row


def _lines(
    model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], alike: Iterable[Any] = ()
) -> Lines:
    """The rows in COPY's text format. A column that is kept otherwise than it is given says how: `pouring`."""
    by_column: dict[str, Any] = {str(field.column): field for field in model._meta.concrete_fields}
    kept = [
        (place, by_column[column].pouring())
        for place, column in enumerate(columns)
        if hasattr(by_column[column], "pouring")
    ]
    return as_copy(_poured(rows, kept) if kept else rows, alike)


def _poured(rows: Iterable[Sequence[Any]], kept: Sequence[tuple[int, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        cells = list(row)
        for place, pouring in kept:
            cells[place] = pouring(cells[place])
        yield cells


def as_copy(rows: Iterable[Sequence[Any]], alike: Iterable[Any] = ()) -> Lines:
    """The rows in COPY's text format, made while they are read; `alike` are the same last cells of each."""
    end = "".join(f"\t{_cell(value)}" for value in alike) + "\n"
    return Lines(_line(row) + end for row in rows)


def _line(row: Sequence[Any]) -> str:
    """Nearly every cell is a text without any of COPY's signs: all texts of a row are looked through at once."""
    if _is_special("".join([cell for cell in row if isinstance(cell, str)])):
        return "\t".join([_cell(cell) for cell in row])
    return "\t".join([cell if isinstance(cell, str) else _cell(cell) for cell in row])


def _is_special(text: str) -> bool:
    return "\\" in text or "\t" in text or "\n" in text or "\r" in text


def _cell(value: Any) -> str:
    """A value in COPY's text format. In the order in which they are many."""
    kind = value.__class__
    if value is None:
        return "\\N"
    if kind is Kept:
        return str(value.translate(ESCAPES)) if _is_special(value) else str(value)
    if kind is Shared:
        return str(value.text)
    if kind is str:
        return value.translate(ESCAPES)
    if kind is int or kind is bool:
        return str(value)
    if kind is list or kind is dict:
        return _json(value)
    if kind is bytes:
        return "\\\\x" + value.hex()
    if kind is date:
        return value.isoformat()
    # What is sealed prints its mask; its token is what the database keeps.
    text = str(getattr(value, "token", value))
    return text.translate(ESCAPES) if _is_special(text) else text


def _json(value: list[Any] | dict[str, Any]) -> str:
    if not value:
        return "[]" if value.__class__ is list else "{}"
    if len(value) == 1 and value.__class__ is list and value[0].__class__ is str:
        return _one_word(value[0])
    return _encode(value).replace("\\", "\\\\")  # the only one of COPY's signs that JSON leaves


def _encode(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


@lru_cache(maxsize=1000)
def _one_word(word: str) -> str:
    """A list of one word: most lists are, and there are few words."""
    return _encode([word]).replace("\\", "\\\\")
