"""What a reviewer asks to be looked after at a place or a household, until when, and what has become of it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import HelperPairing, Household
from households.sensitive import DOOR_POSTS
from villages import reach
from villages.models import Cadre, Post, Town, Village
from villages.models.words import Words

SUBJECTS = ("household", "village", "town")


def about_one_thing() -> Q:
    """The condition that a note is about one household, village or town."""
    condition = Q()
    for filled in SUBJECTS:
        condition |= Q(**{f"{name}__isnull": name != filled for name in SUBJECTS})
    return condition


class ReviewNoteQuerySet(models.QuerySet):
    """Reviewers' notes."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Notes on the households, villages and towns the cadre sees on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(
            Q(household__in=Household.objects.visible_to(cadre, on))
            | Q(village__in=reach.villages_of(cadre, on))
            | Q(town__in=Town.objects.visible_to(cadre, on))
        )

    def on_places(self, cadre: Cadre, on: date, town: str, villages: tuple[str, str]) -> Self:
        """Those of them on this town or on villages from one code to another: no household is looked at."""
        if cadre.is_superuser:
            return self.filter(household=None)
        seen_villages = reach.villages_of(cadre, on).filter(code__range=villages)
        return self.filter(
            Q(village__in=seen_villages) | Q(town__in=Town.objects.visible_to(cadre, on).filter(code=town))
        )

    def answered_for_by(self, cadre: Cadre, on: date) -> Self:
        """Notes for whose matter the cadre answers that day: helpers, posts in the village, the town's secretary."""
        mine = reach.own_postings(cadre, on).order_by()
        doors = mine.filter(post__in=sorted(DOOR_POSTS)).values("village")
        towns = mine.filter(post=Post.TOWN_SECRETARY).values("town")
        helped = HelperPairing.objects.in_force(on).filter(cadre=cadre).order_by().values("household")
        return self.filter(
            Q(village__in=doors) | Q(household__village__in=doors) | Q(household__in=helped) | Q(town__in=towns)
        )

    def open(self) -> Self:
        """Notes that still ask for something."""
        return self.filter(done_on=None, withdrawn_on=None)


class ReviewNote(models.Model):
    """A note on one household, village or town, due on a day; finished with words, or withdrawn by the office."""

    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=_("household"), related_name="review_notes", null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, verbose_name=_("village"), related_name="review_notes", null=True, blank=True
    )
    town = models.ForeignKey(
        Town, models.PROTECT, verbose_name=_("town"), related_name="review_notes", null=True, blank=True
    )
    text = Words(_("what is asked"), max_length=500)
    due_on = models.DateField(_("due on"))
    written_on = models.DateField(_("written on"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("author"), related_name="+")
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("done by"), related_name="+", null=True, blank=True
    )
    outcome = Words(_("what has become of it"), max_length=300, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = ReviewNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("reviewer's note")
        verbose_name_plural = _("reviewers' notes")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=about_one_thing(),
                name="note_about_one_thing",
                violation_error_message=_("A note is about one household, one village or one town."),
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, outcome="") | (Q(done_on__isnull=False) & ~Q(outcome="")),
                name="note_done_with_words",
                violation_error_message=_("Say in a few words what has become of it."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("written_on")),
                name="note_due_after_writing",
                violation_error_message=_("The due date lies before the day on which the note was written."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def is_open(self) -> bool:
        """Whether it still asks for something."""
        return self.done_on is None and self.withdrawn_on is None

    @property
    def place_code(self) -> str:
        """Code of the village or town it is about."""
        if self.household is not None:
            return self.household.village_id
        return self.village_id or self.town_id or ""
