"""Places by their national code: a code's prefix is its parent."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from villages import among, reach  # noqa: F401, the lookup of that name
from villages.models.words import Words

if TYPE_CHECKING:
    from villages.models.cadres import Cadre

DISTRICT_DIGITS, TOWN_DIGITS, VILLAGE_DIGITS = 6, 9, 12
LANDLINE = r"^0\d{2,3}-?\d{7,8}\Z"  # area code and number: a mobile is somebody's own


def code_of(digits: int) -> RegexValidator:
    """A validator for a national division code of that many digits."""
    return RegexValidator(
        rf"^[0-9]{{{digits}}}\Z",
        format_lazy(_("The code must have exactly {digits} digits."), digits=digits),
        code="division_code",
    )


class DistrictQuerySet(models.QuerySet):
    """Districts."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """Districts with a town the cadre sees on that day."""
        if cadre.is_superuser:
            return self
        return self.filter(code__in=Town.objects.visible_to(cadre, on).order_by().values("district_id"))


class District(models.Model):
    """A county-level division; national code of 6 digits."""

    code = models.CharField(_("code"), primary_key=True, max_length=6, validators=[code_of(DISTRICT_DIGITS)])
    name = Words(_("name"), max_length=50)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class TownQuerySet(models.QuerySet):
    """Towns and townships."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """Towns with at least one village the cadre reaches on that day, and those at or below a post."""
        if cadre.is_superuser:
            return self
        places = reach.own_postings(cadre, on).order_by().values("place_code")
        seen = reach.villages_of(cadre, on).order_by().values("town")
        return self.filter(Q(code__among=seen) | Q(code__among=places) | Q(district__code__among=places))


class Town(models.Model):
    """A town or township; national code of 9 digits."""

    code = models.CharField(_("code"), primary_key=True, max_length=9, validators=[code_of(TOWN_DIGITS)])
    district = models.ForeignKey(District, models.PROTECT, verbose_name=_("district"), related_name="towns")
    name = Words(_("name"), max_length=50)
    is_active = models.BooleanField(_("in the register"), default=True)

    objects = TownQuerySet.as_manager()

    class Meta:
        verbose_name = _("town")
        verbose_name_plural = _("towns")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__startswith=models.F("district_id")),
                name="town_code_starts_with_district",
                violation_error_message=_("A town's code must start with the code of its district."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a code outside the district; the constraint says it too, but only to the database."""
        if self.district_id and not self.code.startswith(self.district_id):
            raise ValidationError({"code": _("A town's code must start with the code of its district.")})


def short_village_name(name: str) -> str:
    """A village's name as people say it, for those who have no more of it than its name."""
    return name.removesuffix("民委员会").removesuffix("委会")


class VillageQuerySet(models.QuerySet):
    """Administrative villages."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """Villages the cadre reaches on that day."""
        return self.filter(code__in=reach.villages_of(cadre, on).values("code"))

    def within(self, place_code: str) -> Self:
        """Villages of a district, a town, or the one village itself."""
        return self.filter(code__startswith=place_code)

    def in_register(self) -> Self:
        """Villages that have not vanished from the official register."""
        return self.filter(is_active=True)


class Village(models.Model):
    """An administrative village; national code of 12 digits."""

    code = models.CharField(_("code"), primary_key=True, max_length=12, validators=[code_of(VILLAGE_DIGITS)])
    town = models.ForeignKey(Town, models.PROTECT, verbose_name=_("town"), related_name="villages")
    name = Words(_("name"), max_length=50)
    is_poor = models.BooleanField(
        _("registered poor village"), default=False, help_text=_("Kept for history: all of them have exited.")
    )
    is_active = models.BooleanField(_("in the register"), default=True)
    office_phone = Words(
        _("telephone of the committee's office"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(LANDLINE, _("Enter the office's own line, such as 0797-4412345."))],
        help_text=_("The office's own line, never a person's: it stands on papers."),
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("Of the centre, as a phone measures it. Without it nobody is asked about a distant visit."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__startswith=models.F("town_id")),
                name="village_code_starts_with_town",
                violation_error_message=_("A village's code must start with the code of its town."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="village_position_is_whole",
                violation_error_message=_("Enter latitude and longitude, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a code outside the town; the constraint says it too, but only to the database."""
        if self.town_id and not self.code.startswith(self.town_id):
            raise ValidationError({"code": _("A village's code must start with the code of its town.")})

    @property
    def short_name(self) -> str:
        """The name as people say it: without the committee's ending."""
        return short_village_name(self.name)


class VillagerGroupQuerySet(models.QuerySet):
    """Villager groups."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """Groups of the villages the cadre reaches on that day."""
        return self.filter(village__in=reach.villages_of(cadre, on))


class VillagerGroup(models.Model):
    """A villager group of a village, by its number."""

    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"), related_name="groups")
    number = models.PositiveSmallIntegerField(_("number"))
    name = Words(_("name"), max_length=50, blank=True)

    objects = VillagerGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("villager group")
        verbose_name_plural = _("villager groups")
        ordering = ["village", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="villager_group_number_once_per_village",
                violation_error_message=_("This village already has a group with that number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or _("Group %(number)s") % {"number": self.number}
