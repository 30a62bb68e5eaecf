"""The words of fields and of their stored values, looked up once a language.

Django's get_…_display() weighs all words of the set each time it is asked, and translates each of them anew.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Choices, Model
from django.utils.translation import get_language


class Fact(NamedTuple):
    """What something is called, and what it is, in words."""

    label: str
    words: str


class Words:
    """The words of one model in one language."""

    def __init__(self, model: type[Model]) -> None:
        fields = model._meta.concrete_fields
        self._labels = {field.name: str(field.verbose_name) for field in fields}
        self._sets: dict[str, dict[Any, str]] = {
            field.name: {value: str(word) for value, word in field.flatchoices} for field in fields if field.choices
        }

    def label(self, name: str) -> str:
        """What the field is called."""
        return self._labels[name]

    def of(self, row: Model, name: str) -> str:
        """What the field's value is called; a value the set no longer knows as it is stored."""
        return self.word(name, getattr(row, name))

    def word(self, name: str, value: Any) -> str:
        """What a value of the field is called."""
        return self._sets[name].get(value, str(value))


def words_of(model: type[Model]) -> Words:
    """The words of the model in the reader's language."""
    return _words(model, get_language())


def in_words(row: Model, name: str) -> str:
    """What the field's value is called in the reader's language."""
    return words_of(type(row)).of(row, name)


def word_of(choices: type[Choices], value: Any) -> str:
    """What a value of the set is called in the reader's language; one the set no longer knows as it is stored."""
    return _set(choices, get_language()).get(value, str(value))


@lru_cache(maxsize=256)
def _set(choices: type[Choices], language: str | None) -> dict[Any, str]:
    return {value: str(word) for value, word in choices.choices}


@lru_cache(maxsize=256)
def _words(model: type[Model], language: str | None) -> Words:
    return Words(model)
