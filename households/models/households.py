"""A household as the national register knows it, and its moves between villages."""

from datetime import date
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from households.models.categories import MOST_OTHER_CAUSES, Cause
from households.models.sealed import SealedField
from villages import among, reach  # noqa: F401, the lookup of that name
from villages.models import Cadre, Village, VillagerGroup
from villages.models.words import Words


class BaseType(models.TextChoices):
    """The household's base type (户类型)."""

    ORDINARY = "ordinary", _("ordinary household")
    EXITED = "exited", _("household exited from poverty")


class MonitoringType(models.TextChoices):
    """Why a household is monitored against relapse (监测对象类型); empty when it is not."""

    UNSTABLE = "unstable", _("unstably exited household")
    MARGINAL = "marginal", _("marginal household")
    SUDDEN = "sudden", _("household in sudden serious hardship")


def is_in_reach(cadre: Cadre, on: date, of: str = "") -> Q:
    """The condition of by_places() for a household reached by the prefix `of`; not for a superuser, who sees all."""
    pairings = apps.get_model("households", "HelperPairing").objects.in_force(on).filter(cadre=cadre)
    return Q(**{f"{of}village__code__among": reach.villages_of(cadre, on).values("code")}) | Q(
        **{f"{of}pk__among": pairings.values("household")}
    )


class HouseholdQuerySet(models.QuerySet):
    """Households."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Households of the villages the cadre reaches on that day, and those the cadre helps."""
        if cadre.is_superuser:
            return self
        pairings = apps.get_model("households", "HelperPairing").objects.in_force(on)
        return self.filter(
            Q(village__in=reach.villages_of(cadre, on))
            | Q(Exists(pairings.filter(cadre=cadre, household=OuterRef("pk"))))
        )

    def by_places(self, cadre: Cadre, on: date) -> Self:
        """The same households as visible_to(), asked from the places: for what belongs to some of very many.

        A village's cadre then reads the village's rows by their index, not the whole register.
        """
        return self if cadre.is_superuser else self.filter(is_in_reach(cadre, on))

    def helped_by(self, cadre: Cadre, on: date) -> Self:
        """Households the cadre helps on that day, asked from the pairings: a handful."""
        pairings = apps.get_model("households", "HelperPairing").objects.in_force(on)
        return self.filter(pk__in=pairings.filter(cadre=cadre).values("household"))

    def registered(self, on: date) -> Self:
        """Households on the register that day."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on), registered_on__lte=on)

    def within(self, place_code: str) -> Self:
        """Households of a district, a town or a village by its code."""
        return self.filter(village__code__startswith=place_code)

    def poor(self) -> Self:
        """Registered poor households (建档立卡户), all exited by now."""
        return self.filter(base_type=BaseType.EXITED)

    def monitored(self) -> Self:
        """Households monitored against relapse."""
        return self.exclude(monitoring_type="")

    def in_national_register(self) -> Self:
        """Exited and monitored households, of which the national register keeps a file."""
        return self.filter(Q(base_type=BaseType.EXITED) | ~Q(monitoring_type=""))


class Household(models.Model):
    """A rural household by its national number (户编号).

    `risks` is a list of Risk values, `other_causes` of Cause values. `register_as_of` is the day of the national
    export that the record was last compared with, `register_row` what that export said of it.
    """

    number = models.CharField(
        _("household number"),
        max_length=30,
        unique=True,
        error_messages={"unique": _("A household with this number is already in the register.")},
    )
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="households")
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        verbose_name=_("villager group"),
        related_name="households",
        null=True,
        blank=True,
    )
    head_name = Words(_("head of household"), max_length=50)
    members = models.PositiveSmallIntegerField(_("members"), default=1)
    house = Words(_("house"), max_length=50, blank=True, help_text=_("Where to find it, in a few words."))
    base_type = models.CharField(_("household type"), max_length=10, choices=BaseType, default=BaseType.ORDINARY)
    monitoring_type = models.CharField(_("monitoring type"), max_length=10, choices=MonitoringType, blank=True)
    is_away = models.BooleanField(_("whole family away"), default=False)
    initials = models.CharField(_("pinyin initials"), max_length=20, blank=True, editable=False)
    natural_village = Words(_("natural village"), max_length=50, blank=True)
    main_cause = models.CharField(_("main cause of poverty"), max_length=12, choices=Cause, blank=True)
    other_causes = models.JSONField(_("other causes"), default=list, blank=True)
    has_dangerous_house = models.BooleanField(_("dangerous house"), null=True, blank=True)
    has_safe_water = models.BooleanField(_("safe drinking water"), null=True, blank=True)
    phone = SealedField(_("telephone"), kind="phone")
    identified_on = models.DateField(_("first identified on"), null=True, blank=True)
    risks = models.JSONField(_("risks"), default=list, blank=True)
    risk_identified_on = models.DateField(_("risk identified on"), null=True, blank=True)
    is_risk_cleared = models.BooleanField(_("risk cleared"), null=True, blank=True)
    risk_cleared_on = models.DateField(_("risk cleared on"), null=True, blank=True)
    register_as_of = models.DateField(_("as in the register of"), null=True, blank=True, editable=False)
    # The database does not look for it: it is written last, 130,000 of one file, when nobody else is at work any more,
    # and where it should be missing a household is merely compared with the next file as if none had spoken of it.
    register_row = models.ForeignKey(
        "households.ImportGroup",
        models.SET_NULL,
        db_constraint=False,
        verbose_name=_("as in the import"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    registered_on = models.DateField(_("registered on"))
    left_on = models.DateField(_("left the register on"), null=True, blank=True)
    moved_on = models.DateField(_("moved here on"), null=True, blank=True, editable=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["village", "group__number", "number"]
        indexes = [
            # As a person's name: for equal ones, and in order by names.InIndexOrder.
            models.Index(fields=["head_name"], name="household_by_head", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["initials"], name="household_by_initials", opclasses=["varchar_pattern_ops"]),
            # Some dozens among all households of a district, and asked for by themselves.
            models.Index(fields=["monitoring_type"], condition=Q(monitoring_type__gt=""), name="household_monitored"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("registered_on")),
                name="household_left_after_registered",
                violation_error_message=_("The household cannot leave the register before it was registered."),
            ),
            models.CheckConstraint(
                condition=Q(risk_cleared_on__isnull=True)
                | Q(risk_identified_on__isnull=True)
                | Q(risk_cleared_on__gte=F("risk_identified_on")),
                name="risk_cleared_after_identified",
                violation_error_message=_("The risk cannot be cleared before it was identified. Correct one date."),
            ),
        ]

    def __str__(self) -> str:
        return self.head_name

    def clean(self) -> None:
        """Refuse a villager group of another village, and causes the register has no room for."""
        errors: dict[str, Any] = {}
        if self.group_id and self.group and self.group.village_id != self.village_id:
            errors["group"] = _("This group belongs to another village. Choose one of %(village)s.") % {
                "village": self.village
            }
        if len(self.other_causes) > MOST_OTHER_CAUSES:
            errors["other_causes"] = _("Besides the main cause the register knows two more. Leave the others out.")
        elif self.main_cause and self.main_cause in self.other_causes:
            errors["other_causes"] = _("The main cause is not among the others. Leave it out here.")
        if errors:
            raise ValidationError(errors)


class HouseholdMoveQuerySet(models.QuerySet):
    """Moves of households."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Moves into or out of the villages the cadre reaches on that day."""
        villages = reach.villages_of(cadre, on)
        return self.filter(Q(from_village__in=villages) | Q(to_village__in=villages))


class HouseholdMove(models.Model):
    """A household moved from one village of the district to another."""

    household = models.ForeignKey(Household, models.PROTECT, verbose_name=_("household"), related_name="moves")
    from_village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("from village"), related_name="+")
    to_village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("to village"), related_name="+")
    moved_on = models.DateField(_("first day in the new village"))

    objects = HouseholdMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move of a household")
        verbose_name_plural = _("moves of households")
        ordering = ["household", "moved_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "moved_on"],
                name="household_moves_once_a_day",
                violation_error_message=_("This household already has a move on that day."),
            ),
            models.CheckConstraint(
                condition=~Q(from_village=F("to_village")),
                name="household_moves_elsewhere",
                violation_error_message=_("The household already lives in this village."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.moved_on}"
