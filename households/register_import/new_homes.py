"""New households as rows for their table, and what the register says of their income."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from households.models import Household, Income, RegisterImport
from households.register_import.compare import HOUSEHOLD_FIELDS, Changes
from households.register_import.records import income_of
from households.sealing import sealing_for
from villages.pour import Kept, Shared

# A household's own; the others are alike in many. Lists cannot be looked up.
OWN = ("head_name", "phone", "other_causes", "risks")
ALIKE = tuple(name for name in HOUSEHOLD_FIELDS if name not in OWN)
COLUMNS = ("id", "number", "register_row_id", "registered_on", *OWN, "village_id", *ALIKE)
INCOME_COLUMNS = ("household_id", "year", "per_head")
FIELDS: dict[str, Any] = {field.column: field for field in Household._meta.concrete_fields}
MOST_SHARED = 20_000  # different ones that are remembered
BLANKS = frozenset({None, ""})


class Arriving(NamedTuple):
    """A household that the register has and we have not; what the file says is `values` as they lie in the table,
    sealed, or what was `said`, with what finds the identity numbers of its persons.

    `comers` are the persons who come to it from other households, by number, with the changes that the preview shows;
    None where nobody has seen one.
    """

    key: int
    group_id: int
    position: int
    number: str
    village_id: str
    comers: Mapping[str, Changes | None]
    values: bytes | None
    said: bytes = b""
    id_indexes: Sequence[str] = ()


class NewHomes:
    """Makes the rows of one import. `alike` and `alike_incomes` are what is the same in all of them, for pour()."""

    def __init__(self, job: RegisterImport) -> None:
        self.as_of = job.as_of.isoformat()
        same = {column: field.get_default() for column, field in FIELDS.items() if column not in COLUMNS}
        self.alike: dict[str, Any] = same | {"register_as_of": job.as_of}
        said = income_of(job, 0, 0, "")
        fields = [field for field in Income._meta.concrete_fields if not field.primary_key]
        self.alike_incomes: dict[str, Any] = {
            str(field.column): said.get(field.attname, field.get_default())
            for field in fields
            if field.column not in INCOME_COLUMNS
        }
        self._seal = sealing_for("households.Household.phone")
        self._shared: dict[tuple[Any, ...], Shared] = {}

    def row(self, home: Arriving, piece: dict[str, Any]) -> list[Any]:
        """A row in the order of COLUMNS; `piece` is what the file says."""
        say = piece["household"].get
        alike = (home.village_id, say("members") or max(len(piece["persons"]), 1), *map(say, ALIKE))
        return [
            *(home.key, home.number, home.group_id, say("identified_on") or self.as_of),
            say("head_name") or "",
            Kept(self._seal(phone)) if (phone := say("phone")) else None,
            *(say("other_causes") or [], say("risks") or []),
            self._shared.get(alike) or self._share(alike),
        ]

    def _share(self, said: tuple[Any, ...]) -> Shared:
        """Village, members, and the others as their columns keep them."""
        village, members, *values = said
        named = dict(zip(ALIKE, values, strict=True)) | {"members": members}
        cells = [FIELDS[name].get_default() if value in BLANKS else value for name, value in named.items()]
        shared = Shared([village, *cells])
        if len(self._shared) < MOST_SHARED:
            self._shared[said] = shared
        return shared
