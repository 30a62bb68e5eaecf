"""Risks said to be cleared although the file says otherwise."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from households.models import CaseState, Clearing, Guarantee, GuaranteeState, Income, MonitoringCase, PovertyLine
from households.models.households import HouseholdQuerySet
from households.quality.register import rule
from households.quality.years import income_year

TOPIC = _("Clearing of risks")


@rule(
    name=_("Risk cleared, but income not over the line"),
    why=_("A risk is cleared only while income per head stays over the year's line."),
    remedy=_("Check the income with the family. Correct it, or take the household back into monitoring."),
)
def cleared_under_line(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Monitored households with a cleared risk whose income of the due year or later is not over its line."""
    line = PovertyLine.objects.filter(year=OuterRef("year")).values("amount")
    poor = Income.objects.filter(year__gte=income_year(on), per_head__lte=Subquery(line), household=OuterRef("pk"))
    return households.monitored().filter(Exists(poor), is_risk_cleared=True)


@rule(
    name=_("Risk cleared, but a guarantee not met"),
    why=_("A risk is cleared only while schooling, medical care, housing and water are guaranteed."),
    remedy=_("Check it at the house. Enter the new check, or take the household back into monitoring."),
)
def cleared_without_guarantee(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Monitored households with a cleared risk where the latest check of a guarantee says: not met."""
    checks = Guarantee.objects.filter(checked_on__lte=on)
    later = checks.filter(household=OuterRef("household"), kind=OuterRef("kind"), checked_on__gt=OuterRef("checked_on"))
    missing = checks.filter(~Exists(later), household=OuterRef("pk"), state=GuaranteeState.NOT_MET)
    return households.monitored().filter(Exists(missing), is_risk_cleared=True)


@rule(
    name=_("Risk cleared too soon"),
    why=_("Help needs time to show. A risk cleared within two months counts as wrong, unless it went by itself."),
    remedy=_("Compare both dates with the documents. If they are right, have the clearing looked at again."),
)
def cleared_too_soon(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Monitored households whose risk was cleared within CLEARING_SOONEST_DAYS, and not by itself."""
    soonest = F("risk_identified_on") + timedelta(days=settings.CLEARING_SOONEST_DAYS)
    by_itself = MonitoringCase.objects.filter(
        household=OuterRef("pk"), state=CaseState.CLEARED, clearing=Clearing.NATURAL
    )
    cleared = households.monitored().filter(is_risk_cleared=True, risk_cleared_on__gte=F("risk_identified_on"))
    return cleared.filter(~Exists(by_itself), risk_cleared_on__lt=soonest)
