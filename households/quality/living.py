"""Facts of a household's life that nobody has entered."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from households.models import Guarantee, GuaranteeKind, GuaranteeState, Income
from households.models.households import HouseholdQuerySet
from households.quality.register import rule
from households.quality.years import income_year

TOPIC = _("Income and guarantees")


@rule(
    name=_("Income of the year missing"),
    why=_("Without it nobody can tell whether the household stays over the line."),
    remedy=_("Reckon the year's income with the family and enter it."),
)
def income_missing(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register, registered by then, without the net income per head of the due year."""
    year = income_year(on)
    known = Income.objects.filter(household=OuterRef("pk"), year=year, per_head__isnull=False)
    there = households.in_national_register().filter(registered_on__lte=date(year, 12, 31))
    return there.filter(~Exists(known))


@rule(
    name=_("Guarantee unknown"),
    why=_("Food, clothing, schooling, medical care, housing and water must be known of every such household."),
    remedy=_("Check all six at the next visit and enter what was found."),
)
def guarantee_unknown(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register with a guarantee never checked, or last found to be unknown."""
    checks = Guarantee.objects.filter(checked_on__lte=on).order_by()
    known = checks.exclude(state=GuaranteeState.UNKNOWN)
    kinds = known.filter(household=OuterRef("pk")).values("household").annotate(kinds=Count("kind", distinct=True))
    since = known.filter(household=OuterRef("household"), kind=OuterRef("kind"), checked_on__gte=OuterRef("checked_on"))
    unknown = checks.filter(~Exists(since), household=OuterRef("pk"), state=GuaranteeState.UNKNOWN)
    asked = households.in_national_register().annotate(kinds=Coalesce(Subquery(kinds.values("kinds")), 0))
    return asked.filter(Q(kinds__lt=len(GuaranteeKind)) | Exists(unknown))
