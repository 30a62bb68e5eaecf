"""Which of several schedulers rings: one row that its holder keeps renewing."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BeatLease(models.Model):
    """The right to ring. Whoever sees it unchanged for long enough may take it.

    There is no moment in it: hosts need not agree on the time, and a clock that is set changes nothing.
    """

    name = models.CharField(max_length=30, primary_key=True)
    holder = models.CharField(_("holder"), max_length=100, blank=True)  # empty: given back
    renewals = models.PositiveBigIntegerField(_("renewals"), default=0)

    objects = models.Manager()

    class Meta:
        verbose_name = _("scheduler's lease")
        verbose_name_plural = _("scheduler's leases")

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"
