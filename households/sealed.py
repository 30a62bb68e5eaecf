"""A personal number as a row carries it: printing it shows a mask, only reveal() has the number."""

from collections.abc import Callable

from households.masking import masked, masked_account, masked_id, masked_phone
from households.sealing import blind_index, seal, unseal

# What any text made of a number shows. For identity numbers see the table in masking.py.
MASKS: dict[str, Callable[[str], str]] = {
    "id": masked_id,
    "phone": masked_phone,
    "account": masked_account,
    "text": masked,
}


class Sealed:
    """A sealed value of one column ("households.Person.phone") and kind (id, phone, account, text)."""

    __slots__ = ("_token", "column", "kind")

    def __init__(self, token: str, column: str, kind: str) -> None:
        self._token, self.column, self.kind = token, column, kind

    @classmethod
    def of(cls, text: str, column: str, kind: str) -> "Sealed":
        """Seal a number."""
        return cls(seal(text, column=column), column, kind)

    @property
    def token(self) -> str:
        """What the database keeps."""
        return self._token

    def reveal(self) -> str:
        """The number itself. Showing it to a person is an act of its own: see households/revealing.py."""
        return unseal(self._token, column=self.column)

    # A template that asks for it gets nothing: Django calls no method marked like this.
    reveal.alters_data = True  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return MASKS[self.kind](self.reveal())

    def __repr__(self) -> str:
        return f"<sealed {self.column}>"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sealed):
            return self.column == other.column and self.reveal() == other.reveal()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.column, blind_index(self.reveal(), column=self.column)))

    def as_json(self) -> str:
        """For the audit trail: the mask, and a mark that differs whenever the number does."""
        return f"{self} #{blind_index(self.reveal(), column=self.column)[:6]}"
