"""Which helper cadre is paired with which household, from when to when."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.households import Household
from villages import reach
from villages.models import Cadre
from villages.models.periods import DatedFact, DatedQuerySet, OneAtATime, ends_after_start


class HelperPairingQuerySet(DatedQuerySet):
    """Dated pairings of helpers with households."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Pairings of households in the cadre's villages, and the cadre's own."""
        return self.filter(Q(household__village__in=reach.villages_of(cadre, on)) | Q(cadre=cadre))


class HelperPairing(DatedFact):
    """A helper cadre (帮扶干部) is responsible for a household; a second helper may stand beside."""

    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=_("household"), related_name="helper_pairings"
    )
    cadre = models.ForeignKey(Cadre, models.PROTECT, verbose_name=_("helper cadre"), related_name="helper_pairings")
    is_primary = models.BooleanField(_("primary helper"), default=True)

    objects = HelperPairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("helper pairing")
        verbose_name_plural = _("helper pairings")
        ordering = ["household", "-is_primary", "-starts_on"]
        constraints = [
            ends_after_start("helper_pairing_ends_after_start"),
            OneAtATime(
                name="one_primary_helper_at_a_time",
                fields=["household"],
                condition=Q(is_primary=True),
                violation_error_message=_(
                    "This household already has a primary helper in that time. "
                    "End that pairing first, or use “Change the helper”."
                ),
            ),
            OneAtATime(
                name="helper_paired_once_at_a_time",
                fields=["household", "cadre"],
                violation_error_message=_("This helper is already paired with this household in that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} – {self.household}"
