"""Pour rows that name only some of their columns; the others take their defaults, as in an instance."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Field, Model

from villages.pour import pour


def pour_all(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert any number of rows, while they are made."""
    missing = _columns_with_defaults(model, columns)
    names = [*columns, *(str(field.column) for field in missing)]
    pour(model, names, ((*row, *(field.get_default() for field in missing)) for row in rows))


def _columns_with_defaults(model: type[Model], columns: Sequence[str]) -> "list[Field[Any, Any]]":
    return [
        field
        for field in model._meta.concrete_fields
        if field.column not in columns and not (field.primary_key or field.generated)
    ]
