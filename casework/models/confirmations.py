"""What a household said on a visit about a measure or a benefit link: whether it has received it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.models.visits import Visit
from households.models import BenefitLink, Measure
from villages.models import Cadre


class Received(models.TextChoices):
    """The household's answer; what was not asked has no row."""

    YES = "yes", pgettext_lazy("answer", "received")
    NO = "no", _("not received")


class ConfirmationQuerySet(models.QuerySet):
    """Answers."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Answers about the measures and links of the households the cadre sees on that day."""
        return self.filter(
            Q(measure__in=Measure.objects.visible_to(cadre, on)) | Q(link__in=BenefitLink.objects.visible_to(cadre, on))
        )

    def standing(self) -> Self:
        """Answers of the versions of visits that count: the latest, and not withdrawn."""
        return self.filter(visit__superseded_by=None, visit__is_withdrawn=False)


class Confirmation(models.Model):
    """One answer at one version of a visit; a correction of the visit writes the answers anew.

    It goes along when a measure or link entered by mistake is taken back.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name=_("visit"), related_name="confirmations")
    measure = models.ForeignKey(
        Measure, models.CASCADE, verbose_name=_("measure"), related_name="confirmations", null=True
    )
    link = models.ForeignKey(
        BenefitLink, models.CASCADE, verbose_name=_("benefit link"), related_name="confirmations", null=True
    )
    answer = models.CharField(_("has the family received it"), max_length=3, choices=Received)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("household's confirmation")
        verbose_name_plural = _("households' confirmations")
        ordering = ["visit", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__isnull=False, link__isnull=True) | Q(measure__isnull=True, link__isnull=False),
                name="confirmation_of_one_thing",
                violation_error_message=_("An answer is about one measure or about one benefit link."),
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["yes", "no"]),
                name="confirmation_is_yes_or_no",
                violation_error_message=_("Answer with yes or no; leave out what was not asked."),
            ),
            models.UniqueConstraint(fields=["visit", "measure"], name="measure_confirmed_once_a_visit"),
            models.UniqueConstraint(fields=["visit", "link"], name="link_confirmed_once_a_visit"),
        ]

    def __str__(self) -> str:
        return f"{self.measure or self.link}: {self.get_answer_display()}"
