"""Lines of digests of which the recipient says: this is not mine any more."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.models.rounds import Round
from households.models import Household
from villages import reach
from villages.models import Cadre, Post
from villages.models.words import Words


class MisaddressedQuerySet(models.QuerySet):
    """Reports."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """One's own, and those about the places one supervises."""
        own = Q(cadre=cadre)
        return self.all() if cadre.is_superuser else self.filter(own | _supervised(cadre, on))

    def for_supervisor(self, cadre: Cadre, on: date) -> Self:
        """Those about the places that the cadre supervises."""
        return self.all() if cadre.is_superuser else self.filter(_supervised(cadre, on))

    def open(self) -> Self:
        """Not settled yet."""
        return self.filter(settled_on=None)


def _supervised(cadre: Cadre, on: date) -> Q:
    held = reach.own_postings(cadre, on).filter(post__in=reach.SUPERVISORS).exclude(place_code="")
    inside = Q(pk=None)
    for code in held.order_by().values_list("place_code", flat=True):
        inside |= Q(place_code__startswith=code)
    return inside


class Misaddressed(models.Model):
    """A cadre says that a duty is not theirs; the supervisor of the place settles it.

    Accepting changes no post and no pairing: those are entered where they are kept, with their own dates.
    """

    cadre = models.ForeignKey(Cadre, models.PROTECT, verbose_name=_("said by"), related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, verbose_name=_("round"), related_name="+")
    post = models.CharField(_("post"), max_length=20, choices=Post)
    place_code = models.CharField(_("place"), max_length=12, help_text=_("A village, or a town where it is many."))
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=_("household"), null=True, blank=True, related_name="+"
    )
    words = Words(_("in own words"), max_length=200, blank=True)
    reported_on = models.DateField(_("said on"))
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Cadre, models.PROTECT, verbose_name=_("settled by"), null=True, blank=True, related_name="+"
    )
    is_accepted = models.BooleanField(_("accepted"), null=True, blank=True)
    answer = Words(_("answer"), max_length=200, blank=True)

    objects = MisaddressedQuerySet.as_manager()

    class Meta:
        verbose_name = _("“not mine any more”")
        verbose_name_plural = _("“not mine any more”")
        ordering = ["place_code", "reported_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "round", "post", "place_code", "household"],
                condition=Q(settled_on=None, household__isnull=False),
                name="misaddressed_household_once",
            ),
            models.UniqueConstraint(
                fields=["cadre", "round", "post", "place_code"],
                condition=Q(settled_on=None, household=None),
                name="misaddressed_place_once",
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None, settled_by=None, is_accepted=None)
                | Q(settled_on__isnull=False, settled_by__isnull=False, is_accepted__isnull=False),
                name="misaddressed_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} – {self.household or self.place_code}"
