"""Dates that cannot follow each other in this order."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from households.models import CaseStep, ExitRecord, Person
from households.models.households import HouseholdQuerySet
from households.quality.register import rule

TOPIC = _("Order of dates")
EXIT_STEPS = ("appraised_on", "verified_on", "consented_on", "noticed_on", "approved_on")


def impossible_dates(on: date) -> Q:
    """Members who were identified before they were born. A day in the future is refused when it is written."""
    return Q(identified_on__lt=F("born_on"))


@rule(
    name=_("Dates of the risk out of order"),
    why=_("A risk is identified first and cleared later, and neither in the future."),
    remedy=_("Compare the dates of the risk with the documents and correct them."),
)
def risk_dates(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households whose risk is cleared without a date or in the future, or identified in the future or too early."""
    return households.filter(
        Q(is_risk_cleared=True, risk_cleared_on__isnull=True)
        | Q(is_risk_cleared=False, risk_cleared_on__isnull=False)
        | Q(risk_cleared_on__gt=on)
        | Q(risk_identified_on__gt=on)
        | Q(risk_identified_on__lt=F("identified_on"))
    )


@rule(
    name=_("Dates of the exit out of order"),
    why=_(
        "Appraisal, verification, consent, notice and approval follow each other, after the household was identified."
    ),
    remedy=_("Compare the dates with the exit documents; the national register must be corrected too."),
)
def exit_dates(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Exited households whose exit has a step before an earlier one, or before identification, or in the future."""
    wrong = Q(approved_on__gt=on) | Q(approved_on__lt=OuterRef("identified_on"))
    for place, step in enumerate(EXIT_STEPS):
        for later in EXIT_STEPS[place + 1 :]:
            wrong |= Q(**{f"{later}__lt": F(step)})
    return households.poor().filter(Exists(ExitRecord.objects.filter(wrong, household=OuterRef("pk"))))


@rule(
    name=_("Dates of a monitoring case out of order"),
    why=_("Each step of a case is done after the one before it, and after the case was found."),
    remedy=_("Compare the dates of the steps with the minutes and correct them."),
)
def case_dates(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households with a case one of whose steps is dated before an earlier step, before discovery, or in the future."""
    standing = CaseStep.objects.standing()
    earlier = standing.filter(case=OuterRef("case"), pk__lt=OuterRef("pk"), done_on__gt=OuterRef("done_on"))
    steps = standing.filter(case__household=OuterRef("pk"))
    return households.filter(
        Exists(steps.filter(Q(done_on__gt=on) | Q(done_on__lt=F("case__found_on")) | Exists(earlier)))
    )


@rule(
    name=_("Dates of a person out of order"),
    why=_("Nobody is identified before being born."),
    remedy=_("Compare the dates with the identity card or the household book and correct them."),
    persons=impossible_dates,
)
def person_dates(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households, of any kind, with a member whose dates cannot be."""
    concerned = Person.objects.registered(on).filter(impossible_dates(on), household=OuterRef("pk"))
    return households.filter(Exists(concerned))
