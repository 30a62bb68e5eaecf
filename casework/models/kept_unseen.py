"""Numbers of the households nobody has met, kept for a minute: of a whole district they take long to count."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from villages.models import District


class KeptUnseen(models.Model):
    """One district's numbers for a day and a number of days, with the moment they were counted at.

    `cells` is a list of [village code, monitoring type, base type, total, met, by phone, unseen and monitored]. Can be
    emptied at any time. Nobody reads it but casework/unseen_figures.py, which shows of it what the cadre reaches.
    `claimed_at` is set while somebody counts, so that nobody else does.
    """

    district = models.ForeignKey(District, models.CASCADE, verbose_name=_("district"), related_name="+")
    day = models.DateField(_("day"))
    days = models.PositiveIntegerField(_("days"))
    counted_at = models.DateTimeField(_("counted at"), null=True)
    claimed_at = models.DateTimeField(null=True)
    cells = models.JSONField(default=list)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "day", "days"], name="unseen_kept_once_per_district_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.district_id} {self.day} {self.days}"
