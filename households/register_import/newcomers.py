"""New persons as rows for their table: what the file says of them, their numbers sealed, with what finds them."""

from collections.abc import Sequence
from typing import Any

from households.models import Person
from households.numbers import IDENTITY_LENGTH
from households.register_import.compare import PERSON_FIELDS
from households.register_import.plan import Pick, picking
from households.register_import.twins import IDENTITY_INDEX
from households.sealing import indexing_for, sealing_for
from villages.pour import Kept, Shared

SEALED = ("id_number", "phone", "bank_account")
# A person's own; the others (relation, schooling, …) are few different ones for half a million persons. `health` is a
# list, which cannot be looked up.
OWN = (*SEALED, "name", "born_on", "place_of_work", "health")
ALIKE = tuple(name for name in PERSON_FIELDS if name not in OWN)
COLUMNS = (*OWN, "household_id", "number", "id_index", "id_tail_index", *ALIKE)
FIELDS: dict[str, Any] = {field.column: field for field in Person._meta.concrete_fields}
MOST_SHARED = 20_000  # different ones that are remembered


class Newcomers:
    """Makes the rows. `alike` is what is the same in all of them, for pour()."""

    alike = {
        column: field.get_default()
        for column, field in FIELDS.items()
        if column not in COLUMNS and not field.primary_key
    }

    def __init__(self) -> None:
        self._seals = [sealing_for(f"households.Person.{name}") for name in SEALED]
        self._blanks = [FIELDS[name].get_default() for name in OWN[len(SEALED) :]]
        self._index, self._tail_index = indexing_for(IDENTITY_INDEX), indexing_for("households.Person.id_tail_index")
        self._tails: dict[str, str] = {}
        self._orders: dict[str, tuple[Pick, Pick]] = {}
        self._shared: dict[tuple[Any, ...], Shared] = {}

    def row(self, household: int, number: str, fields: str, cells: Sequence[Any], id_index: str = "") -> list[Any]:
        """A row in the order of COLUMNS; `fields` names the cells, with blanks between.

        `id_index` is by what the identity number is found, where somebody knows it already.
        """
        own, alike = self._orders.get(fields) or self._order(fields)
        said: Any = (*cells, None)
        own_cells: Any = own(said)
        identity, phone, account, *plain = own_cells
        shared = alike(said)
        seal_identity, seal_phone, seal_account = self._seals
        return [
            Kept(seal_identity(identity)) if identity else None,
            Kept(seal_phone(phone)) if phone else None,
            Kept(seal_account(account)) if account else None,
            *[blank if value is None else value for value, blank in zip(plain, self._blanks, strict=True)],
            household,
            number,
            *((id_index or self._index_of(identity), self._tail_of(identity)) if identity else ("", "")),
            self._shared.get(shared) or self._share(shared),
        ]

    def indexes(self, number: str) -> tuple[str, str]:
        """What an identity number, and its last four, are found by."""
        return self._index_of(number), self._tail_of(number)

    def _index_of(self, number: str) -> str:
        return self._index(number[:IDENTITY_LENGTH])[0]

    def _tail_of(self, number: str) -> str:
        """There are few different last fours."""
        last = number[:IDENTITY_LENGTH][-4:]
        tail = self._tails.get(last)
        if tail is None:
            tail = self._tails[last] = self._tail_index(last)[0]
        return tail

    def _share(self, said: tuple[Any, ...]) -> Shared:
        shared = Shared(
            [FIELDS[name].get_default() if value is None else value for name, value in zip(ALIKE, said, strict=True)]
        )
        if len(self._shared) < MOST_SHARED:
            self._shared[said] = shared
        return shared

    def _order(self, fields: str) -> tuple[Pick, Pick]:
        """Brings the cells into the order of COLUMNS; what the file does not say is the None behind them."""
        places = {name: place for place, name in enumerate(fields.split())}
        own, alike = (picking([places.get(name, len(places)) for name in names]) for names in (OWN, ALIKE))
        order = self._orders[fields] = (own, alike)
        return order
