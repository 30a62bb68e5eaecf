"""A visit as it was reported: append-only, in versions."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Household
from villages.models import Cadre, Village
from villages.models.words import LongWords, Words


class Contact(models.TextChoices):
    """How the family, or the village, was met."""

    HOME = "home", _("home visit")
    ELSEWHERE = "elsewhere", _("met elsewhere")
    PHONE = "phone", _("phone")
    VIDEO = "video", _("video")


REMOTE_CONTACTS = frozenset({Contact.PHONE, Contact.VIDEO})


class Outcome(models.TextChoices):
    """Whom the visitor met."""

    MET = "met", _("met")
    NOBODY_HOME = "nobody_home", _("nobody home")
    FAMILY_AWAY = "family_away", _("whole family away")
    REFUSED = "refused", _("refused")


class Talk(models.TextChoices):
    """What kind of visit or meeting it was besides the usual one (夜访、屋场会、乡村夜话)."""

    NIGHT_VISIT = "night_visit", _("visit in the evening")
    YARD_MEETING = "yard_meeting", _("meeting in the yard")
    EVENING_TALK = "evening_talk", _("evening talk")


LONGEST_LINE = 1000  # characters of needs, ideas and results


def _line(label: Any) -> LongWords:
    return LongWords(label, blank=True, max_length=LONGEST_LINE, default="", db_default="")


class VisitQuerySet(models.QuerySet):
    """Visits, every version of them."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Visits of households and villages the cadre sees, and those the cadre made or typed in."""
        return self.filter(
            Q(household__in=Household.objects.visible_to(cadre, on))
            | Q(household=None, village__in=Village.objects.visible_to(cadre, on))
            | Q(entered_by=cadre)
            | Q(pk__in=VisitVisitor.objects.filter(cadre=cadre).values("visit"))
        )

    def current(self) -> Self:
        """Only the latest version of each visit."""
        return self.filter(superseded_by=None)

    def standing(self) -> Self:
        """Latest versions that were not withdrawn: the visits that can count."""
        return self.current().filter(is_withdrawn=False)


class Visit(models.Model):
    """One version of one visit to a household, or to a village when household is empty.

    The id is made when the form opens, so that sending twice is noticed. A correction is a new row
    that the old one points to by superseded_by, the only column ever written after the insert.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=_("household"), related_name="visits", null=True, blank=True
    )
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="visits")
    visited_on = models.DateField(_("day of the visit"))
    contact = models.CharField(_("contact"), max_length=10, choices=Contact, default=Contact.HOME)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.MET)
    note = LongWords(_("what was seen and said"), blank=True, max_length=5000)
    problem = Words(_("problem found"), max_length=500, blank=True)
    # What may be added, and never has to be: see casework/extras.py.
    needs = _line(_("needs heard"))
    ideas = _line(_("ideas heard"))
    results = _line(_("results seen"))
    talk = models.CharField(_("kind"), max_length=12, choices=Talk, blank=True, default="", db_default="")
    head_count = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    guarantees = models.JSONField(_("guarantees looked at"), null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy = models.PositiveIntegerField(_("accuracy in metres"), null=True, blank=True)
    visitors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="VisitVisitor", related_name="visits", verbose_name=_("who went")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("typed in by"), related_name="entered_visits"
    )
    received_at = models.DateTimeField(_("received at"))
    is_late = models.BooleanField(_("late entry"), default=False)
    digest = models.CharField(_("content digest"), max_length=64, editable=False)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, verbose_name=_("corrected by"), related_name="supersedes", null=True, editable=False
    )
    reason = Words(_("reason for the correction"), max_length=200, blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-visited_on", "-received_at"]
        indexes = [
            models.Index(fields=["household", "-visited_on"], name="visit_by_household"),
            # Without superseded versions, and enough to count standing visits by place and day from the index alone.
            models.Index(
                fields=["village", "-visited_on", "is_withdrawn"],
                condition=Q(superseded_by__isnull=True),
                name="visit_standing_by_village",
            ),
            models.Index(fields=["received_at"], name="visit_by_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.household or self.village}"

    @property
    def is_remote(self) -> bool:
        """Whether the contact was by phone or video."""
        return self.contact in REMOTE_CONTACTS


class VisitVisitor(models.Model):
    """A cadre went on a visit; the place of the first is the one who reports."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="visit_visitors")
    cadre = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = models.Manager()

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "cadre"], name="visitor_once_per_visit"),
        ]

    def __str__(self) -> str:
        return str(self.cadre)
