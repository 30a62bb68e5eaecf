"""Digests on their way to cadres: the outbox, and the heartbeat of those who empty it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from villages.models import Cadre


class MailState(models.TextChoices):
    """Where the e-mail copy of a digest stands."""

    NONE = "none", _("no address")
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("nothing left to say")


class ReminderQuerySet(models.QuerySet):
    """Digests."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """A cadre's inbox: the digests written to them and no others."""
        return self.filter(recipient=cadre, delivered_at__isnull=False, for_day__lte=on)


class Reminder(models.Model):
    """One digest for one cadre on one day; the unique key makes a second one impossible.

    The row is prepared empty. Whoever claims it looks the duties up again at that moment, and either
    delivers the lines to the inbox or drops the row because nothing is left to say.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name=_("recipient")
    )
    for_day = models.DateField(_("day"))
    prepared_at = models.DateTimeField(_("prepared at"))
    lines = models.JSONField(_("lines"), default=list)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    dropped_at = models.DateTimeField(_("dropped at"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)
    mail_state = models.CharField(_("e-mail"), max_length=10, choices=MailState, default=MailState.NONE)
    mail_claimed_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_sent_at = models.DateTimeField(null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-for_day"]
        indexes = [
            models.Index(
                fields=["for_day"],
                condition=models.Q(delivered_at__isnull=True, dropped_at__isnull=True),
                name="reminder_undelivered",
            ),
            models.Index(fields=["mail_state"], condition=models.Q(mail_state="waiting"), name="reminder_mail_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "for_day"], name="one_digest_per_cadre_and_day"),
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
