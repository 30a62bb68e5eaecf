"""A small random sample of last week's visits, in which the household itself says how it was (随机复核)."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from casework.models.visits import Visit, VisitVisitor
from households.models import Household
from households.models.households import is_in_reach
from villages import reach
from villages.models import Cadre, Town, Village
from villages.models.words import Words


class Answer(models.TextChoices):
    """What the household said, or that it could not be asked."""

    VISITED = "visited", _("the household: yes, they were here")
    NOT_VISITED = "not_visited", _("the household: no, nobody was here")
    CANNOT_SAY = "cannot_say", _("the household cannot say")
    NOT_REACHED = "not_reached", _("nobody reached yet")


class Way(models.TextChoices):
    """How the household was asked."""

    PHONE = "phone", _("by phone")
    VISIT = "visit", _("at the door")


class RecheckDraw(models.Model):
    """The sample of one town and week (its Monday): drawn once. `candidates` is how many visits it was drawn from."""

    town = models.ForeignKey(Town, models.PROTECT, verbose_name=_("town"), related_name="recheck_draws")
    week = models.DateField(_("week of the visits"))
    drawn_at = models.DateTimeField(_("drawn at"))
    candidates = models.PositiveIntegerField(_("visits of the week"), default=0)

    objects = models.Manager()

    class Meta:
        verbose_name = _("sample of visits")
        verbose_name_plural = _("samples of visits")
        ordering = ["-week", "town"]
        constraints = [models.UniqueConstraint(fields=["town", "week"], name="recheck_drawn_once_a_week")]

    def __str__(self) -> str:
        return f"{self.town} {self.week}"


class RecheckQuerySet(models.QuerySet):
    """Visits to ask the household about."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """For the office of the place and whom it names; for those who went once the household has answered."""
        if cadre.is_superuser:
            return self
        mine = Q(reviewer=cadre) & is_in_reach(cadre, on, of="household__")
        for code in reach.office_places(cadre, on):
            mine |= Q(village__code__startswith=code)
        went = Exists(VisitVisitor.objects.filter(visit=OuterRef("visit"), cadre=cadre))
        # Whoever went is not told beforehand whom the office will ask.
        return self.filter((mine & ~went) | (Q(went) & ~Q(answer="")))

    def lasting(self) -> Self:
        """Those of visits that have not been withdrawn since."""
        return self.exclude(visit__superseded_by__is_withdrawn=True)

    def unanswered(self) -> Self:
        """Those of which the household has said nothing yet."""
        return self.filter(answer__in=["", Answer.NOT_REACHED])


class Recheck(models.Model):
    """One visit of the sample, what the household says of it, and what those who went reply. It blocks nothing.

    `reviewer` is whom the office has asked to phone or go; empty, the office does it itself.
    """

    draw = models.ForeignKey(RecheckDraw, models.PROTECT, verbose_name=_("sample"), related_name="rechecks")
    visit = models.OneToOneField(Visit, models.PROTECT, verbose_name=_("visit"), related_name="recheck")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="rechecks")
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="rechecks")
    visited_on = models.DateField(_("day of the visit"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("who asks"), related_name="+", null=True, blank=True
    )
    answer = models.CharField(_("the household's answer"), max_length=12, choices=Answer, blank=True)
    way = models.CharField(_("how it was asked"), max_length=5, choices=Way, blank=True)
    words = Words(_("in the household's words"), max_length=300, blank=True)
    answered_on = models.DateField(_("asked on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+", null=True, blank=True
    )
    reply = Words(_("reply of those who went"), max_length=300, blank=True)
    replied_on = models.DateField(_("replied on"), null=True, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reply by"), related_name="+", null=True, blank=True
    )

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-check of a visit")
        verbose_name_plural = _("re-checks of visits")
        ordering = ["village", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_on__isnull=True) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="recheck_answered_on_a_day",
                violation_error_message=_("An answer needs the day on which it was given."),
            ),
            models.CheckConstraint(
                condition=Q(reply="") | ~Q(answer=""),
                name="recheck_reply_after_the_answer",
                violation_error_message=_("There is nothing to reply to yet."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.visited_on}"

    @property
    def is_answered(self) -> bool:
        """Whether the household could be asked."""
        return self.answer not in ("", Answer.NOT_REACHED)
