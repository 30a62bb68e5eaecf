"""Columns for what people write in their own words: no identity or telephone number may stand in them."""

from typing import Any

from django.db import models

from villages.personal_numbers import no_personal_number


class Words(models.CharField):
    """A line of free text. The database keeps an ordinary column, so a migration knows it as one."""

    default_validators = [no_personal_number]

    def deconstruct(self) -> Any:
        """As the column it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class LongWords(models.TextField):
    """Free text of several lines, as Words."""

    default_validators = [no_personal_number]

    def deconstruct(self) -> Any:
        """As the column it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
