"""What a cadre has asked for: on which channels to be told what, at which number, and not until when."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casework.models.reminders import Kind
from households.models.sealed import SealedField
from villages.models import Cadre
from villages.models.words import Words


class ChannelChoice(models.Model):
    """The channels somebody chose for one kind of reminder, in order; none: the inbox alone."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, verbose_name=_("cadre"), related_name="+")
    kind = models.CharField(_("Kind of reminder"), max_length=10, choices=Kind)
    channels = models.JSONField(_("channels"), default=list)

    objects = models.Manager()

    class Meta:
        verbose_name = _("choice of channels")
        verbose_name_plural = _("choices of channels")
        constraints = [models.UniqueConstraint(fields=["cadre", "kind"], name="channel_choice_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.kind}"


class MessageNumber(models.Model):
    """The telephone number to which somebody wants messages."""

    cadre = models.OneToOneField(Cadre, models.CASCADE, verbose_name=_("cadre"), related_name="message_number")
    phone = SealedField(_("number for messages"), kind="phone")

    objects = models.Manager()

    class Meta:
        verbose_name = _("number for messages")
        verbose_name_plural = _("numbers for messages")

    def __str__(self) -> str:
        return str(self.phone or "")

    def number(self) -> str:
        """The number in full, for those who hand messages over and for nobody else."""
        phone: Any = self.phone
        return phone.reveal() if phone else ""

    # A template that asks for it gets nothing: Django calls no method marked like this.
    number.alters_data = True  # type: ignore[attr-defined]


class MuteQuerySet(models.QuerySet):
    """Times of rest."""

    def in_force(self, on: date) -> Self:
        """Those of that day."""
        return self.filter(starts_on__lte=on, until__gte=on, ended_on=None)


class Mute(models.Model):
    """No digests for a cadre until a day, with a reason. The duties stay; the supervisor sees that a post is muted."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, verbose_name=_("cadre"), related_name="mutes")
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"))
    reason = Words(_("reason"), max_length=200)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = MuteQuerySet.as_manager()

    class Meta:
        verbose_name = _("muting")
        verbose_name_plural = _("mutings")
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(fields=["cadre"], condition=Q(ended_on=None), name="one_mute_at_a_time"),
            models.CheckConstraint(condition=Q(until__gte=F("starts_on")), name="mute_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} – {self.until}"
