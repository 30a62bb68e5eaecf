"""The example row of a template: what it says, and whether it still says that when the table comes back."""

from collections.abc import Sequence

from households.register_import.cells import Cell, CellRefused, Words, text_of
from households.register_import.columns import Column

EXAMPLE = "示例"  # in the first cell of the row that shows how to fill a template in
PLACES = ("county", "town", "village")  # which example they have depends on whose template it is


def example_of(column: Column, words: Sequence[str], *, is_open: bool) -> str:
    """What the example says in a column that offers these words; where it is open, something else may be said too."""
    return words[0] if words and not is_open and column.example not in words else column.example


def is_untouched(columns: Sequence[Column], cells: Sequence[Cell]) -> bool:
    """Whether the cells of these columns are those of the example: nobody has typed a row of their own over it."""
    return all(_says(column, cell) for column, cell in zip(columns, cells, strict=True) if column.field not in PLACES)


def _says(column: Column, cell: Cell) -> bool:
    example = example_of(column, column.kind.words(), is_open=isinstance(column.kind, Words))
    try:
        return text_of(cell) == example or column.kind.parse(cell) == column.kind.parse(example)
    except CellRefused:
        return False
