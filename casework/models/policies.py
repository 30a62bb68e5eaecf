"""Who is reminded of which round when: the office's policies, the most particular one decides."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.models.channels import Channel
from casework.models.rounds import VISITING_POSTS, Round, RoundTemplate
from villages import reach
from villages.models import Cadre

MONDAY = 0
WEEK = 7
HOURS_A_DAY = 24


def mondays() -> list[int]:
    """The weekdays of a new policy; Monday is 0."""
    return [MONDAY]


class RemindingPolicyQuerySet(models.QuerySet):
    """Policies."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """All for the office; nobody else needs them."""
        return self if reach.office_places(cadre, on) else self.none()


class RemindingPolicy(models.Model):
    """When those who owe visits are told: for one round, all rounds of a template, one post, or everybody.

    The row that names the round and the post comes first, then the round, then the template with and without the
    post, then the post alone; the row that names nothing is the default of the whole district.
    """

    round = models.ForeignKey(Round, models.CASCADE, verbose_name=_("round"), null=True, blank=True, related_name="+")
    template = models.ForeignKey(
        RoundTemplate, models.CASCADE, verbose_name=_("round template"), null=True, blank=True, related_name="+"
    )
    post = models.CharField(
        _("post"), max_length=20, choices=[(post.value, post.label) for post in VISITING_POSTS], blank=True
    )
    key = models.CharField(max_length=60, unique=True, editable=False)
    days_before = models.PositiveSmallIntegerField(
        _("from … days before the due date"),
        null=True,
        blank=True,
        help_text=_("Empty: as many days as the round itself says."),
    )
    days_after = models.PositiveSmallIntegerField(
        _("until … days after the due date"),
        null=True,
        blank=True,
        help_text=_("Then nobody is told any more. Empty: until the round is closed."),
    )
    weekdays = models.JSONField(_("on these weekdays"), default=mondays, blank=True)
    ahead = models.PositiveSmallIntegerField(
        _("and once … days before the due date"),
        default=3,
        null=True,
        blank=True,
        help_text=_("On a day off: the working day before. Empty: not. Without this and without weekdays: never."),
    )
    from_hour = models.PositiveSmallIntegerField(
        _("not before … o'clock"), null=True, blank=True, validators=[MaxValueValidator(HOURS_A_DAY)]
    )
    until_hour = models.PositiveSmallIntegerField(
        _("not after … o'clock"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(HOURS_A_DAY)],
        help_text=_("Both within the hours of the whole system. Empty: as those."),
    )
    on_days_off = models.BooleanField(
        _("also on holidays and weekends"),
        default=False,
        help_text=_("Otherwise what falls on a day off is told on the next working day."),
    )
    escalate_after = models.PositiveSmallIntegerField(
        _("tell the level above after … working days overdue"),
        default=5,
        null=True,
        blank=True,
        help_text=_("One level more after as many days again. Empty: never."),
    )
    first_channel = models.ForeignKey(
        Channel, models.SET_NULL, verbose_name=_("first channel"), null=True, blank=True, related_name="+"
    )
    second_channel = models.ForeignKey(
        Channel, models.SET_NULL, verbose_name=_("second channel"), null=True, blank=True, related_name="+"
    )
    third_channel = models.ForeignKey(
        Channel, models.SET_NULL, verbose_name=_("third channel"), null=True, blank=True, related_name="+"
    )

    objects = RemindingPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminding policy")
        verbose_name_plural = _("reminding policies")
        ordering = ["-round", "template", "post"]

    def __str__(self) -> str:
        return str(self.subject)

    @property
    def subject(self) -> Any:
        """Whom the policy is for, in words."""
        parts = [str(part) for part in (self.round or self.template, self.get_post_display()) if part]
        return " · ".join(parts) or _("everybody")

    @property
    def channels(self) -> list[int]:
        """Ids of the channels named, the first to be tried first."""
        named = (self.first_channel_id, self.second_channel_id, self.third_channel_id)
        return [pk for pk in named if pk is not None]

    def clean(self) -> None:
        """Refuse what cannot be followed, and a second policy for the same."""
        if self.round_id and self.template_id:
            raise ValidationError({"template": _("Choose a round or a template, not both.")})
        days = self.weekdays
        if not isinstance(days, list) or any(day not in range(WEEK) for day in days):
            raise ValidationError({"weekdays": _("Choose from the days of the week.")})
        if self.from_hour is not None and self.until_hour is not None and self.from_hour >= self.until_hour:
            raise ValidationError({"until_hour": _("The last hour is not after the first.")})
        self.key = self.key_of(self.round_id, self.template_id, self.post)
        if type(self).objects.filter(key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError(_("There is a policy for this round and post already. Change that one."))

    @staticmethod
    def key_of(round_id: int | None, template_id: int | None, post: str) -> str:
        """What a policy is looked up by."""
        return f"round:{round_id}:{post}" if round_id else f"template:{template_id or ''}:{post}"
