"""Days that are not what their weekday says: public holidays and swapped working days."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from villages.models.words import Words

if TYPE_CHECKING:
    from villages.models.cadres import Cadre


class SpecialDayQuerySet(models.QuerySet):
    """Special days."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """All: the calendar is public."""
        return self


class SpecialDay(models.Model):
    """A public holiday, or a weekend day that is worked instead (调休)."""

    day = models.DateField(_("day"), primary_key=True)
    is_workday = models.BooleanField(_("working day"), default=False)
    name = Words(_("name"), max_length=50, blank=True)

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
