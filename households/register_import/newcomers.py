"""New persons as rows for their table: what the file says of them, their numbers sealed, with what finds them."""

from collections.abc import Sequence
from typing import Any

from households.models import Person
from households.register_import.compare import PERSON_FIELDS
from households.register_import.plan import Pick, picking
from households.register_import.preview import identity_digests
from households.sealed import Sealed
from households.sealing import blind_index, sealing_for

SEALED = {"id_number": "id", "phone": "phone", "bank_account": "account"}
COLUMNS = (*PERSON_FIELDS, "household_id", "number", "id_index", "id_tail_index")
FIELDS: dict[str, Any] = {field.column: field for field in Person._meta.concrete_fields}


class Newcomers:
    """Makes the rows. `alike` is what is the same in all of them, for pour()."""

    alike = {
        column: field.get_default()
        for column, field in FIELDS.items()
        if column not in COLUMNS and not field.primary_key
    }

    def __init__(self) -> None:
        self._blanks = [FIELDS[name].get_default() for name in PERSON_FIELDS]
        self._identity = PERSON_FIELDS.index("id_number")
        self._sealed = [
            (PERSON_FIELDS.index(name), sealing_for(column), column, kind)
            for name, kind in SEALED.items()
            for column in (f"households.Person.{name}",)
        ]
        self._tails: dict[str, str] = {}
        self._orders: dict[str, Pick] = {}

    def row(self, household: int, number: str, fields: str, cells: Sequence[Any]) -> list[Any]:
        """A row in the order of COLUMNS; `fields` names the cells, with blanks between."""
        said = self._order(fields)((*cells, None))
        row: list[Any] = [blank if value is None else value for value, blank in zip(said, self._blanks, strict=True)]
        identity = row[self._identity]
        for place, seal, column, kind in self._sealed:
            row[place] = Sealed(seal(row[place]), column, kind) if row[place] else None
        return [*row, household, number, *(self.indexes(identity) if identity else ("", ""))]

    def indexes(self, number: str) -> tuple[str, str]:
        """What an identity number, and its last four, are found by. There are few different last fours."""
        last = number[:18][-4:]
        tail = self._tails.get(last)
        if tail is None:
            tail = self._tails[last] = blind_index(last, column="households.Person.id_tail_index")
        return identity_digests(number)[0], tail

    def _order(self, fields: str) -> Pick:
        """Brings the cells into the order of PERSON_FIELDS; what the file does not say is the None behind them."""
        order = self._orders.get(fields)
        if order is None:
            places = {name: place for place, name in enumerate(fields.split())}
            order = self._orders[fields] = picking([places.get(name, len(places)) for name in PERSON_FIELDS])
        return order
