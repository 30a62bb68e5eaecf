"""What is done for a household or one of its persons, and who shares earnings with it."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.models.categories import Source
from households.models.households import Household
from households.models.living import OfHouseholdQuerySet
from households.models.persons import Person
from villages.models import Cadre
from villages.models.words import Words

FIRST_LIKELY_YEAR, LAST_LIKELY_YEAR = 2000, 2100


def yuan(name: Any) -> models.DecimalField:
    """An amount that is given: in yuan with two decimals, never negative; empty when nobody knows it."""
    least = MinValueValidator(0, _("The amount cannot be negative."))
    return models.DecimalField(name, max_digits=12, decimal_places=2, null=True, blank=True, validators=[least])


def check_days(starts_on: date | None) -> None:
    """Refuse a first day that is a slip of the pen."""
    if starts_on and not FIRST_LIKELY_YEAR <= starts_on.year <= LAST_LIKELY_YEAR:
        raise ValidationError({"starts_on": _("Check the year of the first day.")})


class MeasureKind(models.TextChoices):
    """Kinds of measures (帮扶措施)."""

    INDUSTRY = "industry", _("industry")
    EMPLOYMENT = "employment", _("employment")
    FINANCE = "finance", _("finance")
    PUBLIC_POST = "public_post", _("public-welfare post")
    HOUSING = "housing", pgettext_lazy("measure", "housing")
    WATER = "water", pgettext_lazy("measure", "drinking water")
    HEALTH = "health", pgettext_lazy("measure", "health")
    COMPULSORY_EDUCATION = "compulsory_education", pgettext_lazy("measure", "compulsory education")
    EDUCATION = "education", _("other education")
    SOCIAL_SECURITY = "social_security", _("social security")
    SOCIAL_HELP = "social_help", _("social help")
    RELOCATION = "relocation", _("relocation")
    LIVING = "living", _("living conditions")
    INFRASTRUCTURE = "infrastructure", _("infrastructure")


# The four that let a household earn (开发式帮扶措施).
DEVELOPMENT = frozenset({MeasureKind.INDUSTRY, MeasureKind.EMPLOYMENT, MeasureKind.FINANCE, MeasureKind.PUBLIC_POST})
# Whoever has one of these earns wages.
JOBS = frozenset({MeasureKind.EMPLOYMENT, MeasureKind.PUBLIC_POST})


class MeasureQuerySet(OfHouseholdQuerySet):
    """Measures."""

    def in_force(self, on: date) -> Self:
        """Measures that run on that day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def in_year(self, year: int) -> Self:
        """Measures that ran on at least one day of the year."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)

    def within(self, place_code: str) -> Self:
        """Measures for households of a district, a town or a village by its code."""
        return self.filter(household__village__code__startswith=place_code)


class Measure(models.Model):
    """A measure for a household, or for one of its persons (因户施策, 因人施策). Amount in yuan.

    `batch` is shared by the rows that were entered together with one form.
    """

    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="measures")
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name=_("person"), related_name="measures", null=True, blank=True
    )
    kind = models.CharField(_("kind of measure"), max_length=20, choices=MeasureKind)
    content = Words(_("what is done"), max_length=200)
    provider = Words(_("provided by"), max_length=100, blank=True)
    project = Words(_("project"), max_length=100, blank=True)
    amount = yuan(_("amount (yuan)"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    result = Words(_("result"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.OFFICE)
    batch = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+", null=True
    )
    recorded_on = models.DateField(_("entered on"))

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["household", "-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="measure_ends_after_start",
                violation_error_message=_("The last day is before the first day. Correct one of the two dates."),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="measure_amount_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.content}"

    @property
    def is_development(self) -> bool:
        """Whether it lets the household earn."""
        return self.kind in DEVELOPMENT

    def clean(self) -> None:
        """Refuse an unlikely first day, and a person of another household."""
        check_days(self.starts_on)
        if self.person_id and self.person and self.person.household_id != self.household_id:
            raise ValidationError({"person": _("This person belongs to another household.")})


class LinkForm(models.TextChoices):
    """How an operator shares earnings with a household."""

    LAND_RENT = "land_rent", _("land rent")
    DIVIDEND = "dividend", _("dividend")
    ORDERS = "orders", _("orders")
    WAGES = "wages", _("wage work")
    TECHNIQUE = "technique", _("technical help")


class BenefitLink(models.Model):
    """A benefit link (利益联结) of an operator or collective with a household."""

    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="benefit_links")
    operator = Words(_("operator or collective"), max_length=100)
    form = models.CharField(_("form of the link"), max_length=10, choices=LinkForm)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.OFFICE)
    batch = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+", null=True
    )
    recorded_on = models.DateField(_("entered on"))

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("benefit link")
        verbose_name_plural = _("benefit links")
        ordering = ["household", "-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="benefit_link_ends_after_start",
                violation_error_message=_("The last day is before the first day. Correct one of the two dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} · {self.get_form_display()}"

    def clean(self) -> None:
        """Refuse an unlikely first day."""
        check_days(self.starts_on)


class BenefitYearQuerySet(models.QuerySet):
    """What links promised and brought."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Years of the links the cadre sees on that day."""
        return self.filter(link__in=BenefitLink.objects.visible_to(cadre, on))


class BenefitYear(models.Model):
    """What a benefit link promised and what the household received in one year, in yuan."""

    link = models.ForeignKey(BenefitLink, models.CASCADE, verbose_name=_("benefit link"), related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    promised = yuan(_("promised (yuan)"))
    received = yuan(_("received (yuan)"))

    objects = BenefitYearQuerySet.as_manager()

    class Meta:
        verbose_name = _("year of a benefit link")
        verbose_name_plural = _("years of a benefit link")
        ordering = ["link", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["link", "year"],
                name="benefit_link_once_a_year",
                violation_error_message=_("This year is entered already. Correct that entry."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_LIKELY_YEAR, year__lte=LAST_LIKELY_YEAR),
                name="benefit_of_a_likely_year",
                violation_error_message=_("Write the year with four digits, for example 2026."),
            ),
            models.CheckConstraint(
                condition=(Q(promised__isnull=True) | Q(promised__gte=0))
                & (Q(received__isnull=True) | Q(received__gte=0)),
                name="benefit_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(promised__isnull=False) | Q(received__isnull=False),
                name="benefit_of_a_year_is_known",
                violation_error_message=_("Write what was promised, or what was received, or both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link} {self.year}"
