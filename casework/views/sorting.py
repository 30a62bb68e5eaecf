"""Rows of a table in another order, only when it is asked for: a link in each column's head, said in the address."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from casework.forms.coverage import CoverageQuery


class Head(NamedTuple):
    """A column's head: its words, the address that sorts by it, and how it is sorted now ("" when it is not)."""

    name: str
    words: Any
    address: str
    order: str


def heads_of(columns: Iterable[tuple[str, Any]], query: CoverageQuery, **place: Any) -> list[Head]:
    """Each head leads to the largest first, then to the smallest first, then back to the order of codes."""
    sort = query.asked()["sort"]
    heads = []
    for name, words in columns:
        following = {f"-{name}": name, name: ""}.get(sort, f"-{name}")
        order = {f"-{name}": "descending", name: "ascending"}.get(sort, "")
        heads.append(Head(name, words, query.address(sort=following, **place), order))
    return heads


def in_order_asked(rows: list[Any], sort: str, value_of: Callable[[Any, str], Any]) -> list[Any]:
    """The rows as they are, unless a column is asked for; equal ones stay as they were, those without a value last."""
    if not sort:
        return rows
    name = sort.removeprefix("-")
    valued = [(value_of(row, name), row) for row in rows]
    with_value = [pair for pair in valued if pair[0] is not None]
    with_value.sort(key=lambda pair: pair[0], reverse=sort.startswith("-"))
    return [row for _value, row in with_value] + [row for value, row in valued if value is None]
