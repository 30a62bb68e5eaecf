"""A list of the panel as one clerk likes to see it: filters, search and order under a name of one's own."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from villages.models.cadres import Cadre
from villages.models.words import Words

LONGEST_QUERY = 1000


class SavedFilterQuerySet(models.QuerySet):
    """Saved filters."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own: nobody, the technical administrator included, looks at what a colleague looks for."""
        return self.filter(cadre=cadre)

    def of_page(self, page: str) -> Self:
        """Those of one list, by the label of its model: "households.Household"."""
        return self.filter(page=page)


class SavedFilter(models.Model):
    """The query of a list's address under a name. How often it is used is not counted."""

    cadre = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("whose"), related_name="saved_filters"
    )
    page = models.CharField(_("list"), max_length=50)
    name = Words(_("name of the filter"), max_length=30)
    query = models.CharField(_("filters, search and order"), max_length=LONGEST_QUERY)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "page", "name"],
                name="saved_filter_name_once",
                violation_error_message=_("You already have a filter of this name for this list. Choose another name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
