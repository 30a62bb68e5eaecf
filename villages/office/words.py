"""Columns in words: yes and no instead of coloured icons."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext


def in_words(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """A column for a yes/no field. Words, because a red cross reads as a fault where "no" is no fault."""

    @admin.display(description=model._meta.get_field(name).verbose_name, ordering=name)  # type: ignore[union-attr]
    def said(row: Any) -> str:
        return gettext("yes") if getattr(row, name) else gettext("no")

    said.__name__ = name
    return said
