"""Figures that were counted a moment ago, with that moment: a cache, which may be emptied at any time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.models.rounds import Round


class KeptFigures(models.Model):
    """What a round's figures as of the end of a day were when somebody last counted them.

    Nothing is ever added to a kept figure: it is counted anew as a whole (casework/kept.py). The sums stand
    beside the cells, so that a page about many rounds need not read these. `claimed_at` is set while somebody
    counts, so that nobody else does.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="kept_figures", verbose_name=_("round"))
    day = models.DateField(_("day"))
    counted_at = models.DateTimeField(_("counted at"), null=True)
    claimed_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(_("total"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    by_phone = models.PositiveIntegerField(_("of it by phone"), default=0)
    open = models.PositiveIntegerField(_("open"), default=0)
    overdue = models.PositiveIntegerField(_("overdue"), default=0)
    vacant = models.PositiveIntegerField(_("vacant"), default=0)
    excused = models.PositiveIntegerField(_("excused"), default=0)
    cells = models.JSONField(default=list, help_text=_("Village, post, and the numbers in the order of the columns."))

    objects = models.Manager()

    class Meta:
        verbose_name = _("kept figures")
        verbose_name_plural = _("kept figures")
        constraints = [models.UniqueConstraint(fields=["round", "day"], name="kept_figures_once_per_round_and_day")]

    def __str__(self) -> str:
        return f"{self.round} {self.day}"
