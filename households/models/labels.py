"""A household's label: the opaque token of its QR code, which is nothing without a login."""

import secrets
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.households import Household
from villages.models import Cadre

TOKEN_BYTES = 16


def new_token() -> str:
    """22 characters that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class HouseholdLabelQuerySet(models.QuerySet):
    """Labels."""

    def visible_to(self, cadre: Cadre, on: date) -> Self:
        """Labels of the households the cadre sees on that day."""
        return self.filter(household__in=Household.objects.visible_to(cadre, on))


class HouseholdLabel(models.Model):
    """The one token that leads to a household. A lost sheet is made worthless by new tokens."""

    household = models.OneToOneField(
        Household, models.CASCADE, verbose_name=_("household"), related_name="label", primary_key=True
    )
    token = models.CharField(_("token"), max_length=32, unique=True, default=new_token, editable=False)
    made_on = models.DateField(_("made on"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("made by"), related_name="+", null=True
    )

    objects = HouseholdLabelQuerySet.as_manager()

    class Meta:
        verbose_name = _("label of a household")
        verbose_name_plural = _("labels of households")

    def __str__(self) -> str:
        return str(self.household)
