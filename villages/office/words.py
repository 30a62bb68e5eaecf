"""Columns in words: yes and no instead of coloured icons; and words of the stock panel that we say otherwise."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext, gettext_noop

# Django's own words, which its Chinese sets with blanks between; our catalogue comes before its.
SAID_OTHERWISE = (
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Add another %(model)s"),
    gettext_noop("Select all %(total_count)s %(module_name)s"),
)


@cache  # a page names the column twice, to show it and as read-only; it must be the same
def in_words(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """A column for a yes/no field. Words, because a red cross reads as a fault where "no" is no fault."""

    @admin.display(description=model._meta.get_field(name).verbose_name, ordering=name)  # type: ignore[union-attr]
    def said(row: Any) -> str:
        return gettext("Yes") if getattr(row, name) else gettext("No")

    said.__name__ = name
    return said
