"""The ways on which a reminder leaves the house: mail, robots of work chats, SMS gateways."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.sealed import SealedField
from villages import reach
from villages.models import Cadre
from villages.models.words import Words


class ChannelKind(models.TextChoices):
    """What kind of provider stands behind a channel."""

    MAIL = "mail", _("e-mail")
    WECOM = "wecom", _("WeCom robot")
    DINGTALK = "dingtalk", _("DingTalk robot")
    FEISHU = "feishu", _("Feishu robot")
    SMS = "sms", _("SMS gateway")
    OTHER = "other", _("another service")


class ChannelQuerySet(models.QuerySet):
    """Channels."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """All for the district's office, which keeps them; nobody else needs their addresses."""
        return self if reach.is_district_office(cadre, on) else self.none()

    def in_use(self) -> Self:
        """Those that messages may be handed to, in the office's order."""
        return self.filter(is_active=True).order_by("order", "pk")


class Channel(models.Model):
    """One way out of the house, kept by the district's office.

    The address is the provider's, as a URL of the apprise library, and holds its secret, so it is sealed. It may
    contain {phone} and {account}, which stand for the recipient, and {key}, the message's own key. A channel of
    mail has none: the settings name the mail server.
    """

    name = Words(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind of service"), max_length=10, choices=ChannelKind)
    address = SealedField(
        _("address of the provider"),
        kind="text",
        help_text=_(
            "A URL of the apprise library, such as wecombot://KEY, dingtalk://TOKEN/{phone} or feishu://TOKEN. "
            "{phone} and {account} stand for the recipient, {key} for the message's own key. "
            "It is kept sealed. E-mail has none."
        ),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_default = models.BooleanField(
        _("used unless chosen otherwise"),
        default=False,
        help_text=_("Otherwise only for those who chose it, or whom a policy names it for."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    away_since = models.DateTimeField(_("does not answer since"), null=True, editable=False)
    look_again_at = models.DateTimeField(null=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    def url(self) -> str:
        """The provider's address with its secret, for those who hand messages over and for nobody else."""
        address: Any = self.address
        return address.reveal() if address else ""

    # A template that asks for it gets nothing: Django calls no method marked like this.
    url.alters_data = True  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Refuse a robot without an address."""
        if self.kind != ChannelKind.MAIL and not self.address:
            raise ValidationError({"address": _("Enter the address that the provider gave for this robot or gateway.")})


class ChannelTest(models.Model):
    """A line sent to see whether a channel works: asked for in the panel, sent and answered by the worker."""

    channel = models.ForeignKey(Channel, models.CASCADE, verbose_name=_("channel"), related_name="tests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    claimed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    is_sent = models.BooleanField(_("sent"), default=False)
    answer = Words(_("answer"), max_length=200, blank=True)

    objects = models.Manager()

    class Meta:
        verbose_name = _("channel test")
        verbose_name_plural = _("channel tests")
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(answered_at=None), name="channel_test_unanswered")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.asked_at}"
