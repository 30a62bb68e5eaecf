"""Other programs that may ask the API: for which place, for what, and until when."""

from datetime import date
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from villages import reach
from villages.models.cadres import Cadre
from villages.models.words import Words


class Scope(models.TextChoices):
    """What a program may do at all, within its place."""

    READ_COVERAGE = "read_coverage", _("read rounds and their figures")
    READ_VISITS = "read_visits", _("read the visits of households")
    READ_PROBLEMS = "read_problems", _("read where problems stand")
    WRITE_VISITS = "write_visits", _("report visits")


class IntegrationQuerySet(models.QuerySet):
    """Integrations."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Those at or below the places of the cadre's office."""
        inside = models.Q(pk=None)
        for code in reach.office_places(cadre, on):
            inside |= models.Q(place_code__startswith=code)
        return self.filter(inside)


class Integration(models.Model):
    """A program of somebody else. It acts by an account of its own, which nobody can sign in with.

    What it reaches follows from the account's posting, as for everybody: visible_to(account) knows no exception.
    """

    name = Words(
        _("name"),
        max_length=40,
        unique=True,
        error_messages={"unique": _("An integration with this name is already entered.")},
    )
    organisation = Words(_("unit that runs it"), max_length=100)
    contact = models.CharField(_("who answers for it"), max_length=100, help_text=_("A name, and how to be reached."))
    scopes = models.JSONField(_("what it may do"), default=list)
    place_code = models.CharField(
        _("place"),
        max_length=12,
        validators=[RegexValidator(r"^\d{6}(\d{3}){0,2}\Z", _("A code of a place has 6, 9 or 12 digits."))],
        help_text=_("Code of the district, town or village whose rows it reaches: 6, 9 or 12 digits."),
    )
    account = models.OneToOneField(
        Cadre, models.PROTECT, verbose_name=_("account"), related_name="integration", editable=False
    )
    expires_on = models.DateField(_("until"), help_text=_("The last day on which its token is taken."))
    revoked_on = models.DateField(_("revoked on"), null=True, editable=False)
    last_used_on = models.DateField(_("last used on"), null=True, editable=False)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_open(self, on: date) -> bool:
        """Whether its token is taken on that day."""
        return self.revoked_on is None and on <= self.expires_on
