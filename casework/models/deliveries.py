"""A reminder on its way through one channel: claimed, tried, sent or given up."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.models.channels import Channel
from casework.models.reminders import Reminder
from villages.models import Cadre
from villages.models.words import Words

# Whoever claimed a delivery this long ago has died: a run ends well before (see sending.SENDING_SECONDS).
CLAIM_LASTS = timedelta(minutes=4)


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("nothing left to say")


class DeliveryQuerySet(models.QuerySet):
    """Deliveries."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Those to people whom the office of a place sees; nobody else asks who was written to."""
        return self.filter(reminder__in=Reminder.objects.for_office(cadre, on).order_by().values("pk"))

    def waiting(self) -> Self:
        """Still to be sent."""
        return self.filter(state=DeliveryState.WAITING)

    def unclaimed(self, now: datetime) -> Self:
        """In nobody's hands: never claimed, or by a worker that has died."""
        return self.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))

    def lost(self) -> Self:
        """Given up, and nothing else reaches the recipient outside of the inbox: a line for the office."""
        others = Delivery.objects.filter(reminder=models.OuterRef("reminder"))
        hopeful = others.filter(state__in=(DeliveryState.SENT, DeliveryState.WAITING))
        return self.filter(~models.Exists(hopeful), state=DeliveryState.FAILED)


class Delivery(models.Model):
    """One reminder through one channel; the unique key makes a second one impossible.

    `claimed_at` is when a worker took it, `attempted_at` when it last began to hand it over. A claim that is too old
    and had begun is in doubt: the message may have gone out. It is sent once more, with the same key.
    """

    reminder = models.ForeignKey(Reminder, models.CASCADE, verbose_name=_("reminder"), related_name="deliveries")
    channel = models.ForeignKey(Channel, models.PROTECT, verbose_name=_("channel"), related_name="deliveries")
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(pgettext_lazy("how often", "tries"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    claimed_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(_("last try at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    in_doubt = models.BooleanField(
        _("may have gone out twice"), default=False, help_text=_("A worker died while it was handing the message over.")
    )
    answer = Words(_("answer"), max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["channel", "next_try_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["reminder"], condition=Q(state="failed"), name="delivery_failed"),
            # The figures of the day ask for what was sent since midnight.
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="delivery_sent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "channel"], name="delivery_once_per_reminder_and_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} · {self.channel}"

    @property
    def key(self) -> str:
        """What a provider knows a repeated message by: it follows from the reminder's own unique key."""
        reminder = self.reminder
        return f"{reminder.kind}-{reminder.recipient_id}-{reminder.for_day:%Y%m%d}"
