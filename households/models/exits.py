"""How a household or a village left poverty: historic records, imported and never changed."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.households import Household
from villages.models import Cadre, Village

# In the order of the law; not every old record knows the day of each.
STEPS = ("appraised_on", "verified_on", "consented_on", "noticed_on", "approved_on")


class ExitRecordQuerySet(models.QuerySet):
    """Exit records."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Exits of the households and villages the cadre sees on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(
            Q(household__in=Household.objects.visible_to(cadre, on))
            | Q(household=None, village__in=Village.objects.visible_to(cadre, on))
        )


class ExitRecord(models.Model):
    """An exit from poverty with the days of its steps: appraisal, verification, consent, notice, approval.

    Of a household, or of a village when household is empty. Wrong exits come from assessments.
    """

    household = models.OneToOneField(
        Household, models.PROTECT, verbose_name=_("household"), related_name="exit_record", null=True, blank=True
    )
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="exit_records")
    appraised_on = models.DateField(_("democratic appraisal on"), null=True, blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    consented_on = models.DateField(_("household consented on"), null=True, blank=True)
    noticed_on = models.DateField(_("public notice on"), null=True, blank=True)
    approved_on = models.DateField(_("approved on"))
    is_wrong = models.BooleanField(_("found wrong by an assessment"), default=False)

    objects = ExitRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("exit from poverty")
        verbose_name_plural = _("exits from poverty")
        ordering = ["village", "household", "approved_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["village"],
                condition=Q(household__isnull=True),
                name="village_exits_once",
                violation_error_message=_("The exit of this village is recorded already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household or self.village} {self.approved_on}"

    def clean(self) -> None:
        """Refuse steps whose days are out of order."""
        latest: date | None = None
        for name in STEPS:
            day = getattr(self, name)
            if day and latest and day < latest:
                raise ValidationError(
                    {name: _("This step is earlier than the one before it. Correct one of the days.")}
                )
            latest = day or latest

    @property
    def steps(self) -> list[tuple[str, date]]:
        """Name and day of each step that is known, in the order of the law."""
        labels = {field.name: str(field.verbose_name) for field in ExitRecord._meta.concrete_fields}
        return [(labels[name], day) for name in STEPS if (day := getattr(self, name)) is not None]
