"""Matters that a place cannot settle by itself in time, and to which level each has climbed."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.models.rounds import Round
from casework.models.seats import seat_label
from villages import reach
from villages.models import Cadre, Village


class MatterKind(models.TextChoices):
    """What the matter is."""

    OVERDUE = "overdue", _("visits overdue")
    VACANT = "vacant", _("post vacant while it owes visits")


class Rung(models.IntegerChoices):
    """The levels a matter climbs, the lowest first."""

    VILLAGE = 1, pgettext_lazy("level", "village")
    TOWN = 2, pgettext_lazy("level", "town")
    DISTRICT = 3, pgettext_lazy("level", "district")

    @property
    def digits(self) -> int:
        """How long the code of a place of this level is."""
        return {Rung.VILLAGE: 12, Rung.TOWN: 9, Rung.DISTRICT: 6}[self]


class MatterQuerySet(models.QuerySet):
    """Matters."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Matters of the villages the cadre reaches on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(village__in=reach.villages_of(cadre, on))

    def standing(self) -> Self:
        """Matters that nobody has settled."""
        return self.filter(settled_on=None)


class Matter(models.Model):
    """What waits at one seat of one village: in a round (overdue) or in all that run (vacant).

    One row from the day it arose to the day it was settled; when it comes back it is a new matter. `left` is how
    many visits it was about when it was last looked at.
    """

    kind = models.CharField(pgettext_lazy("matter", "kind"), max_length=10, choices=MatterKind)
    round = models.ForeignKey(
        Round, models.CASCADE, verbose_name=_("round"), related_name="matters", null=True, blank=True
    )
    seat = models.CharField(_("post"), max_length=200)
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="matters")
    since = models.DateField(_("since"))
    left = models.PositiveIntegerField(_("visits left"))
    settled_on = models.DateField(_("settled on"), null=True, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter")
        verbose_name_plural = _("matters")
        ordering = ["village", "kind", "seat", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "seat", "round"],
                condition=Q(settled_on=None, round__isnull=False),
                name="matter_stands_once_per_round_and_seat",
            ),
            models.UniqueConstraint(
                fields=["village", "seat"],
                condition=Q(settled_on=None, round__isnull=True),
                name="matter_stands_once_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(kind="overdue", round__isnull=False) | Q(kind="vacant", round__isnull=True),
                name="matter_overdue_in_a_round",
            ),
        ]
        indexes = [models.Index(fields=["settled_on"], name="matter_by_settling")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.seat_label} · {self.village}"

    @property
    def seat_label(self) -> str:
        """The post's name."""
        return seat_label(self.seat)


class EscalationQuerySet(models.QuerySet):
    """Escalations."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Those of the matters the cadre sees on that day."""
        return self.filter(matter__in=Matter.objects.visible_to(cadre, on).order_by().values("pk"))

    def standing(self) -> Self:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawn_on=None)


class Escalation(models.Model):
    """A matter has reached a level; the unique key makes a second time impossible.

    `is_from_nobody` says that the level below had nobody to tell, or nobody who can be reached.
    """

    matter = models.ForeignKey(Matter, models.CASCADE, verbose_name=_("matter"), related_name="escalations")
    rung = models.PositiveSmallIntegerField(pgettext_lazy("matter", "level"), choices=Rung)
    raised_on = models.DateField(_("raised on"))
    is_from_nobody = models.BooleanField(_("nobody below could be reached"), default=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["matter", "rung"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "rung"], name="escalation_once_per_matter_and_level"),
        ]
        indexes = [
            models.Index(fields=["raised_on"], condition=Q(withdrawn_on=None), name="escalation_standing_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} · {self.get_rung_display()}"
