"""Columns for personal numbers: sealed in the database, masked wherever they are printed."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from households.masking import masked, masked_account, masked_id, masked_phone
from households.sealing import blind_index, seal, unseal

MASKS: dict[str, Callable[[str], str]] = {
    "id": masked_id,
    "phone": masked_phone,
    "account": masked_account,
    "text": masked,
}


class Sealed:
    """A personal number as a row carries it. Printing it shows the mask; only reveal() has the number."""

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


class SealedAttribute(DeferredAttribute):
    """Seals what is assigned at once, so that a row in memory never carries the number in the open."""

    field: "SealedField"

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.sealed(value)


class SealedField(models.TextField):
    """A personal number. Rows carry a Sealed or None; assign a text to set it, an empty one to clear it.

    `kind` says how it is masked: id, phone, account or text. The column's name is part of what is sealed, so
    that a value copied into another column cannot be read there.
    """

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **{"null": True, "blank": True, **kwargs})

    def deconstruct(self) -> Any:
        """What a migration needs."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "kind": self.kind}

    @property
    def label(self) -> str:
        """The column as it is sealed: "households.Person.phone"."""
        return f"{self.model._meta.label}.{self.name}"

    def sealed(self, value: Any) -> Sealed | None:
        """A text or a sealed value as a row carries it."""
        if isinstance(value, Sealed) or value is None:
            return value
        text = str(value).strip()
        return Sealed.of(text, self.label, self.kind) if text else None

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        """A row from the database."""
        return Sealed(value, self.label, self.kind) if value else None

    def to_python(self, value: Any) -> Any:
        """Forms and fixtures: a text is sealed when it is saved."""
        return value if isinstance(value, Sealed) else self.sealed(value)

    def get_prep_value(self, value: Any) -> str | None:
        """What the database keeps."""
        found = self.sealed(value)
        return found.token if found else None

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it there": what is sealed cannot be compared in the database; ask its blind index."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class BlindIndexField(models.CharField):
    """A keyed digest of a sealed column beside it, written with it; `tail` digests only its last characters."""

    def __init__(self, *args: Any, of: str, tail: int = 0, **kwargs: Any) -> None:
        self.of, self.tail = of, tail
        super().__init__(*args, **{"max_length": 32, "blank": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        """What a migration needs."""
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "blank", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of, "tail": self.tail}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Computed from the sealed column, never assigned."""
        column: SealedField = self.model._meta.get_field(self.of)  # type: ignore[assignment]
        value = column.sealed(getattr(model_instance, self.of))
        digest = self.digest(value.reveal()) if value else ""
        setattr(model_instance, self.attname, digest)
        return digest

    def digest(self, number: str) -> str:
        """What a number, or its last characters, is found by; capital X and no blanks, whatever was typed."""
        text = "".join(number.split()).upper()
        return blind_index(text[-self.tail :] if self.tail else text, column=f"{self.model._meta.label}.{self.name}")
