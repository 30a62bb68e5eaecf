"""How a household lives: its income by year, and whether the guarantees and water are met."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.categories import Source
from households.models.households import Household
from villages.models import Cadre


class OfHouseholdQuerySet(models.QuerySet):
    """Rows that belong to a household and are seen by whoever sees it."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Rows of the households the cadre sees on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(household__in=Household.objects.by_places(cadre, on))


def yuan(name: Any) -> models.DecimalField:
    """An amount in yuan, two decimals; empty when nobody knows it."""
    return models.DecimalField(name, max_digits=12, decimal_places=2, null=True, blank=True)


class Income(models.Model):
    """A household's income of one year, in yuan: wages + production + property + transfers - costs = net."""

    # Found by the constraint of one income a year, which begins with the household.
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name=_("household"), related_name="incomes", db_index=False
    )
    year = models.PositiveSmallIntegerField(_("year"))
    wages = yuan(_("wages"))
    production = yuan(_("production and business"))
    property_income = yuan(_("property"))
    transfers = yuan(_("transfers"))
    costs = yuan(_("production costs"))
    per_head = yuan(_("net income per head"))
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.OFFICE)
    as_of = models.DateField(_("as of"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+", null=True
    )

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("income of a year")
        verbose_name_plural = _("incomes by year")
        ordering = ["household", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "year"],
                name="income_once_a_year",
                violation_error_message=_("The income of this year is entered already. Correct that entry."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="income_of_a_likely_year",
                violation_error_message=_("Write the year with four digits, for example 2026."),
            ),
            models.CheckConstraint(
                condition=Q(costs__isnull=True) | Q(costs__gte=0),
                name="income_costs_not_negative",
                violation_error_message=_("Write the costs as a positive amount; they are subtracted."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.year}"

    @property
    def net(self) -> Decimal | None:
        """Net income of the household; None while nothing is known that it earns: costs alone are no income."""
        parts = [self.wages, self.production, self.property_income, self.transfers]
        if all(part is None for part in parts):
            return None
        return sum((part or Decimal(0) for part in parts), Decimal(0)) - (self.costs or Decimal(0))


class GuaranteeKind(models.TextChoices):
    """Two assurances, three guarantees, and water (两不愁三保障及饮水安全)."""

    FOOD = "food", _("food")
    CLOTHING = "clothing", _("clothing")
    EDUCATION = "education", _("compulsory education")
    MEDICAL = "medical", _("basic medical care")
    HOUSING = "housing", _("safe housing")
    WATER = "water", _("safe drinking water")


class GuaranteeState(models.TextChoices):
    """Whether a guarantee is met."""

    MET = "met", _("guaranteed")
    NOT_MET = "not_met", _("not guaranteed")
    UNKNOWN = "unknown", _("unknown")


class HousingGrade(models.TextChoices):
    """Grade of the house: A and B are safe, C and D are dangerous."""

    A = "A", _("grade A")
    B = "B", _("grade B")
    C = "C", _("grade C")
    D = "D", _("grade D")


class Guarantee(models.Model):
    """One check of one guarantee on one day; the latest check of each kind is what holds."""

    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="guarantees")
    kind = models.CharField(_("guarantee"), max_length=10, choices=GuaranteeKind)
    state = models.CharField(_("state"), max_length=8, choices=GuaranteeState)
    housing_grade = models.CharField(_("housing grade"), max_length=1, choices=HousingGrade, blank=True)
    checked_on = models.DateField(_("checked on"))
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.OFFICE)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+", null=True
    )

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of a guarantee")
        verbose_name_plural = _("checks of guarantees")
        ordering = ["household", "kind", "-checked_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind", "checked_on", "source"],
                name="guarantee_checked_once_a_day",
                violation_error_message=_("This guarantee was checked on that day already. Correct that entry."),
            ),
            models.CheckConstraint(
                condition=Q(kind="housing") | Q(housing_grade=""),
                name="only_housing_has_a_grade",
                violation_error_message=_("Only safe housing has a grade. Leave the grade empty."),
            ),
            models.CheckConstraint(
                condition=~Q(housing_grade__in=["C", "D"], state="met"),
                name="dangerous_housing_is_not_met",
                violation_error_message=_("A house of grade C or D is dangerous: the guarantee is not met."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} · {self.get_kind_display()}"
