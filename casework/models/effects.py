"""What reminders have done: sums for one day, round and post, never for a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.models.rounds import Round


class ReminderEffect(models.Model):
    """Of the duties still owed on a day: how many a digest named, how many none did, and how many were done in a week.

    `days_left` is how far the due date was; below zero it was past. Counted once, when the week is over.
    """

    round = models.ForeignKey(Round, models.CASCADE, verbose_name=_("round"), related_name="+")
    seat = models.CharField(_("post"), max_length=200)
    for_day = models.DateField(_("day"))
    days_left = models.SmallIntegerField(_("days before the due date"))
    named = models.PositiveIntegerField(_("named in a digest"))
    named_done = models.PositiveIntegerField(_("of them done within 7 days"))
    others = models.PositiveIntegerField(_("not named"))
    others_done = models.PositiveIntegerField(_("of those done within 7 days"))

    objects = models.Manager()

    class Meta:
        verbose_name = _("effect of reminders")
        verbose_name_plural = _("effects of reminders")
        constraints = [
            models.UniqueConstraint(fields=["round", "seat", "for_day"], name="effect_once_per_round_seat_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.seat} {self.for_day}"
