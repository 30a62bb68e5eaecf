"""Soft signals that a visit may not have been as it reads. They never block, and are no verdict on anybody."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.models.visits import Visit, VisitVisitor
from villages import reach
from villages.models import Cadre, Village
from villages.models.words import Words


class FlagKind(models.TextChoices):
    """What was noticed."""

    SAME_TEXT = "same_text", _("the same text for several families")
    MANY_VILLAGES = "many_villages", _("many villages in a few minutes")
    FAR_AWAY = "far_away", _("far from the village")


class FlagReason(models.TextChoices):
    """What those who went say about it, by one tap."""

    WRITTEN_LATER = "written_later", _("written down together afterwards")
    SAME_MATTER = "same_matter", _("the same matter in several families")
    MET_ELSEWHERE = "met_elsewhere", _("we met at another place")
    WRONG_POSITION = "wrong_position", _("the phone's position was wrong")
    MISTAKE = "mistake", _("entered by mistake, I correct it")
    OTHER = "other", pgettext_lazy("reason of a flag", "another reason")


# Answers of a re-check by which the household settles a question; see models/rechecks.py.
HOUSEHOLDS_WORD = ("visited", "not_visited")


class VisitFlagQuerySet(models.QuerySet):
    """Flags of visits."""

    def lasting(self) -> Self:
        """Those of visits as they stand: a corrected or withdrawn visit has lost its flags."""
        return self.filter(visit__superseded_by=None, visit__is_withdrawn=False)

    def settled(self) -> Self:
        """Those that the household's own word has settled, whichever way."""
        return self.filter(visit__recheck__answer__in=HOUSEHOLDS_WORD)

    def unsettled(self) -> Self:
        """Those on which the household has not been heard, or could not say."""
        return self.exclude(visit__recheck__answer__in=HOUSEHOLDS_WORD)

    def of_visitor(self, cadre: Cadre) -> Self:
        """Those of visits on which the cadre went."""
        went = VisitVisitor.objects.filter(visit=OuterRef("visit"), cadre=cadre)
        return self.lasting().filter(Exists(went))

    def for_supervisor(self, cadre: Cadre, on: date) -> Self:
        """Those at the places that the cadre supervises, once explained or when there was time to explain them."""
        first_raised = on - timedelta(days=settings.FLAG_EXPLAIN_DAYS)
        told = self.lasting().filter(Q(explained_on__isnull=False) | Q(raised_on__lte=first_raised))
        return told.filter(visit__village__in=_supervised(cadre, on))

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Shown first to those who went, later also to the supervisors of the place; to nobody else."""
        own = self.of_visitor(cadre).order_by().values("pk")
        return self.filter(Q(pk__in=own) | Q(pk__in=self.for_supervisor(cadre, on).order_by().values("pk")))


def _supervised(cadre: Cadre, on: date) -> models.QuerySet[Village]:
    villages = Village.objects.order_by()
    if cadre.is_superuser:
        return villages
    held = reach.own_postings(cadre, on).filter(post__in=reach.SUPERVISORS).exclude(place_code="")
    inside = Q(pk=None)
    for code in held.order_by().values_list("place_code", flat=True):
        inside |= Q(code__startswith=code)
    return villages.filter(inside)


class VisitFlag(models.Model):
    """Something about a visit that asks for a word of those who went.

    `facts` holds what was counted: {"visits": n}, {"villages": n, "minutes": n} or {"metres": n}.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name=_("visit"), related_name="flags")
    kind = models.CharField(_("what was noticed"), max_length=15, choices=FlagKind)
    facts = models.JSONField(_("what was counted"), default=dict)
    raised_on = models.DateField(_("noticed on"))
    explained_on = models.DateField(_("explained on"), null=True)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("explained by"), related_name="+", null=True
    )
    reason = models.CharField(_("explanation"), max_length=15, choices=FlagReason, blank=True)
    words = Words(_("in own words"), max_length=200, blank=True)

    objects = VisitFlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about a visit")
        verbose_name_plural = _("questions about visits")
        ordering = ["-raised_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "kind"], name="flag_once_per_visit_and_kind"),
            models.CheckConstraint(
                condition=Q(explained_on__isnull=True, reason="") | (Q(explained_on__isnull=False) & ~Q(reason="")),
                name="flag_explained_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.visit}"

    @property
    def is_explained(self) -> bool:
        """Whether those who went have said something about it."""
        return self.explained_on is not None

    @property
    def households_word(self) -> str:
        """What the household itself said at a re-check, in words; empty while it settles nothing."""
        recheck = getattr(self.visit, "recheck", None)
        return str(recheck.get_answer_display()) if recheck and recheck.answer in HOUSEHOLDS_WORD else ""
