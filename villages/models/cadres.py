"""The people who work in the villages, and the units that send them."""

from datetime import date
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from villages import reach
from villages.models.words import Words


class PartnerUnitQuerySet(models.QuerySet):
    """Partner units."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """All for the office, which pairs them; others see the units of the villages they reach that day."""
        if reach.office_places(cadre, on):
            return self
        return self.filter(pairings__village__in=reach.villages_of(cadre, on)).distinct()


class PartnerUnit(models.Model):
    """A unit paired with about two villages."""

    name = Words(
        _("name"),
        max_length=100,
        unique=True,
        error_messages={"unique": _("A partner unit with this name is already entered.")},
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = PartnerUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner unit")
        verbose_name_plural = _("partner units")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rank(models.TextChoices):
    """The administrative rank of a cadre."""

    COUNTY = "county", _("county/division rank")
    SECTION = "section", _("section rank")
    STAFF = "staff", _("staff")
    VILLAGE = "village", _("village cadre")


class CadreManager(BaseUserManager["Cadre"]):
    """Makes cadres; finds those a cadre may see."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Cadre":
        """Create a cadre who can sign in with that password (none: cannot sign in yet)."""
        cadre = self.model(username=username, **fields)
        cadre.set_password(password)
        cadre.save(using=self._db)
        return cadre

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Cadre":
        """Create the technical administrator."""
        return self.create_user(username, password, is_superuser=True, **fields)


class CadreQuerySet(models.QuerySet):
    """Cadres."""

    def visible_to(self, cadre: "Cadre", on: date) -> Self:
        """The cadre and everybody with a post, past or present, inside the cadre's places."""
        return self.filter(reach.is_inside(cadre, on, of="postings__") | models.Q(pk=cadre.pk)).distinct()


class Cadre(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: cadre, supervisor or clerk. What they may do follows from their posts."""

    username = models.CharField(
        _("account"),
        max_length=50,
        unique=True,
        error_messages={"unique": _("This account name is taken. Choose another.")},
    )
    name = Words(_("full name"), max_length=50)
    rank = models.CharField(_("rank"), max_length=10, choices=Rank, default=Rank.STAFF)
    unit = models.ForeignKey(
        PartnerUnit, models.PROTECT, verbose_name=_("unit"), related_name="cadres", null=True, blank=True
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # The law of the field: nobody keeps who signed in when.
    last_login = None  # type: ignore[assignment]

    objects = CadreManager.from_queryset(CadreQuerySet)()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("cadre")
        verbose_name_plural = _("cadres")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name shown beside an account."""
        return self.name

    get_short_name = get_full_name
