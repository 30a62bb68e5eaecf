"""Cells of a household that are merged over the rows of its persons: only the first of these rows has them."""

from collections.abc import Sequence

from households.models import Relation
from households.register_import.cells import Cell, CellRefused, text_of
from households.register_import.columns import Column, Level

NOTHING = ("", None)
OF_HOME = (Level.PLACE, Level.HOUSEHOLD)


def filled_down(columns: Sequence[Column], above: tuple[Cell, ...], cells: tuple[Cell, ...]) -> tuple[Cell, ...] | None:
    """The row with what the one directly above it says of the household; None where it may be another's.

    It is sure where nothing is said of any household, but of a person who is no head; and where numbers of persons
    begin with that of their household, this one's does.
    """
    places = {place for place, column in enumerate(columns) if column.level in OF_HOME}
    ours, theirs = _by_field(columns, cells), _by_field(columns, above)
    is_blank = all(cells[place] in NOTHING for place in places)
    if not is_blank or not _is_member(columns, ours) or not _may_be_of(theirs, ours):
        return None
    return tuple(above[place] if place in places else cell for place, cell in enumerate(cells))


def _by_field(columns: Sequence[Column], cells: tuple[Cell, ...]) -> dict[str, Cell]:
    return {column.field: cell for column, cell in zip(columns, cells, strict=True)}


def _is_member(columns: Sequence[Column], row: dict[str, Cell]) -> bool:
    """Whether the row is that of a person who is said to be somebody's, and not the head."""
    kind = next(column.kind for column in columns if column.field == "relation")
    try:
        relation = kind.parse(row["relation"])
    except CellRefused:
        return False
    return bool(relation) and relation != Relation.HEAD and row["person_number"] not in NOTHING


def _may_be_of(above: dict[str, Cell], row: dict[str, Cell]) -> bool:
    home, person = text_of(above["number"]), text_of(row["person_number"])
    return bool(home) and (person.startswith(home) or not text_of(above["person_number"]).startswith(home))
