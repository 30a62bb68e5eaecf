"""Digests on their way to cadres: the outbox, and the heartbeat of those who empty it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import HelperPairing
from villages import reach
from villages.models import Cadre, Posting


class Kind(models.TextChoices):
    """What a reminder is about; casework/letters.py says who gets one and what stands in it."""

    DIGEST = "digest", _("visits due")
    SUMMARY = "summary", _("weekly summary")
    ESCALATION = "escalation", _("escalation")
    OFFICE = "office", _("notice for the office")


class ReminderQuerySet(models.QuerySet):
    """Digests."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """A cadre's inbox: the digests written to them and no others."""
        return self.filter(recipient=cadre, delivered_at__isnull=False, for_day__lte=on)

    def for_office(self, cadre: Cadre, on: date) -> Self:
        """What the office may know of: that somebody of its places was written to. Never what stands in it."""
        codes = reach.office_places(cadre, on)
        if "" in codes:
            return self
        inside = Q(pk=None)
        for code in codes:
            inside |= Q(place_code__startswith=code)
        held = Posting.objects.in_force(on).filter(inside).order_by().values("cadre")
        helping = HelperPairing.objects.in_force(on).filter(household__village__in=reach.villages_of(cadre, on))
        return self.filter(Q(recipient__in=held) | Q(recipient__in=helping.order_by().values("cadre")))

    def waiting(self) -> Self:
        """Prepared, and neither delivered nor dropped."""
        return self.filter(delivered_at=None, dropped_at=None)


class Reminder(models.Model):
    """One message of a kind for one cadre on one day; the unique key makes a second one impossible.

    The row itself is the message in the inbox; copies outside are Delivery rows. It is prepared empty. Whoever
    claims it looks the facts up again at that moment, and either delivers the lines to the inbox or drops the row
    because nothing is left to say.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name=_("recipient")
    )
    kind = models.CharField(_("Kind of reminder"), max_length=10, choices=Kind, default=Kind.DIGEST)
    for_day = models.DateField(_("day"))
    prepared_at = models.DateTimeField(_("prepared at"))
    lines = models.JSONField(_("lines"), default=list)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    dropped_at = models.DateTimeField(_("dropped at"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-for_day", "-pk"]
        indexes = [
            models.Index(fields=["for_day", "kind"], name="reminder_by_day"),
            models.Index(
                fields=["for_day"],
                condition=Q(delivered_at__isnull=True, dropped_at__isnull=True),
                name="reminder_undelivered",
            ),
            # The figures of the day ask for what was delivered since midnight.
            models.Index(fields=["delivered_at"], condition=Q(delivered_at__isnull=False), name="reminder_delivered"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "for_day"], name="reminder_once_per_cadre_kind_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.for_day}"


class Heartbeat(models.Model):
    """When a background job last ran; /healthz reads it."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    objects = models.Manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
