"""Columns for personal numbers: sealed in the database, masked wherever they are printed."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.text import capfirst

from households.forms.sealed import SealedFormField
from households.numbers import identity_part, tidy
from households.sealed import Sealed
from households.sealing import (
    CannotUnseal,
    blind_indexes,
    is_current,
    seal,
    seal_bytes,
    sealing_bytes_for,
    unseal,
    unseal_bytes,
)

# How a sealed value is written into a fixture or a copy of the tables, so that it comes back as what it was.
COPIED = "sealed:"


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
        """Fixtures and copied rows. Raises CannotUnseal for a value sealed for another column."""
        if isinstance(value, str) and value.startswith(COPIED):
            found = Sealed(value.removeprefix(COPIED), self.label, self.kind)
            found.reveal()
            return found
        return self.sealed(value)

    def value_to_string(self, obj: models.Model) -> str:
        """For a copy of the row: still sealed."""
        found: Any = self.value_from_object(obj)
        return f"{COPIED}{found.token}" if found else ""

    def formfield(self, **kwargs: Any) -> Any:
        """A field that shows the mask. The panel asks for its widget of long texts and gets that of short ones."""
        attrs = {"class": "vTextField"} if kwargs.pop("widget", None) else {}
        options = {"label": capfirst(self.verbose_name), "required": not self.blank, "kind": self.kind, "attrs": attrs}
        if self.help_text:
            options["help_text"] = self.help_text
        return SealedFormField(**{**options, **kwargs})

    def resealed(self, stored: str) -> str | None:
        """The stored value sealed anew with the key in use; None when it is already. Raises CannotUnseal."""
        return None if is_current(stored) else seal(unseal(stored, column=self.label), column=self.label)

    def get_prep_value(self, value: Any) -> str | None:
        """What the database keeps."""
        found = self.sealed(value)
        return found.token if found else None

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it there": what is sealed cannot be compared in the database; ask its blind index."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SealedBytesField(models.BinaryField):
    """Bytes that hold personal data, sealed on their way into the database and unsealed on their way out.

    For what the system itself reads again (pieces of files, imported values), never for what a page shows.
    """

    @property
    def label(self) -> str:
        """The column as it is sealed: "households.ImportPart.content"."""
        return f"{self.model._meta.label}.{self.name}"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        """The bytes that were sealed."""
        return None if value is None else unseal_bytes(bytes(value), column=self.label)

    def pouring(self) -> Callable[[bytes | None], bytes | None]:
        """Makes the sealed bytes of many rows that are put into the table at once."""
        seal = sealing_bytes_for(self.label)
        return lambda value: None if value is None else seal(value)

    def resealed(self, stored: bytes) -> bytes | None:
        """The stored bytes sealed anew with the key in use; None when they are already. Raises CannotUnseal."""
        stored = bytes(stored)
        if is_current(stored.partition(b":")[0].decode("ascii", "replace")):
            return None
        return seal_bytes(unseal_bytes(stored, column=self.label), column=self.label)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """The sealed bytes."""
        sealed = None if value is None else seal_bytes(value, column=self.label)
        return super().get_db_prep_value(sealed, connection, prepared)


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

    def read(self, stored: str | None) -> str | None:
        """The number in the stored column beside it; "" for none, None when no key reads it."""
        column: SealedField = self.model._meta.get_field(self.of)  # type: ignore[assignment]
        try:
            return unseal(stored, column=column.label) if stored else ""
        except CannotUnseal:
            return None

    def digest(self, number: str) -> str:
        """What is stored for a number, or for its last characters."""
        return self.digests(number)[0]

    def digests(self, number: str) -> list[str]:
        """What a number, or its last characters, is found by, however it was typed; see sealing.blind_indexes().

        A disability certificate is found by the identity number in it.
        """
        column: SealedField = self.model._meta.get_field(self.of)  # type: ignore[assignment]
        text = identity_part(number) if column.kind == "id" else tidy(number)
        return blind_indexes(text[-self.tail :] if self.tail else text, column=f"{self.model._meta.label}.{self.name}")
