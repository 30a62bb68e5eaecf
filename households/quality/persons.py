"""Members who are missing, miscounted, or cannot be as they are written down."""

from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from households.models import Person, Relation
from households.models.categories import OUT_OF_SCHOOL
from households.models.households import HouseholdQuerySet
from households.quality.register import rule

TOPIC = _("Members of the family")
# Compulsory Education Law (义务教育法), articles 2 and 11: from six at the start of the school year, nine years.
SCHOOL_AGES, SCHOOL_YEAR_BEGINS = (6, 14), (9, 1)


def out_of_school(on: date) -> Q:
    """Children who were six to fourteen when the school year began, and are not at school."""
    begins = date(on.year, *SCHOOL_YEAR_BEGINS)
    year = on.year if on >= begins else on.year - 1
    youngest, oldest = (date(year - age, *SCHOOL_YEAR_BEGINS) for age in SCHOOL_AGES)
    return Q(born_on__lte=youngest, born_on__gt=oldest.replace(year=oldest.year - 1), schooling__in=OUT_OF_SCHOOL)


def uninsured(on: date) -> Q:
    """Members of whom nobody has written down whether they are insured."""
    return Q(has_medical_insurance__isnull=True) | Q(has_major_illness_insurance__isnull=True)


def wrong_identity(on: date) -> Q:
    """Members whose identity number is mistyped, or says another birth date or sex."""
    return ~Q(id_problem="")


def _with_member(households: HouseholdQuerySet, on: date, condition: Q) -> HouseholdQuerySet:
    concerned = Person.objects.registered(on).filter(condition, household=OuterRef("pk"))
    return households.filter(Exists(concerned))


def _counted(on: date, **which: str) -> Coalesce:
    """How many members a household has, one household at a time: the others' members are not read."""
    members = Person.objects.registered(on).filter(household=OuterRef("pk"), **which).order_by()
    return Coalesce(Subquery(members.values("household").annotate(counted=Count("pk")).values("counted")), 0)


@rule(
    name=_("Child of school age not at school"),
    why=_("Nine years of schooling are compulsory; no child may drop out."),
    remedy=_("Ask at the school. Correct the entry, or bring the child back to school and write it down."),
    persons=out_of_school,
)
def child_out_of_school(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households, of any kind, with a child of school age that is not at school or of whom nothing is said."""
    return _with_member(households, on, out_of_school(on))


@rule(
    name=_("Insurance left blank"),
    why=_("Whether everybody has medical and major-illness insurance is asked at every inspection."),
    remedy=_("Look it up at the medical insurance office and enter yes or no."),
    persons=uninsured,
)
def insurance_blank(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register with a member whose medical or major-illness insurance is blank."""
    return _with_member(households.in_national_register(), on, uninsured(on))


@rule(
    name=_("No telephone number"),
    why=_("Families who work elsewhere are reached by telephone only."),
    remedy=_("Ask for a number at the next visit and enter it with the household or a member."),
)
def phone_blank(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register without a number of their own or of a member."""
    reachable = Person.objects.registered(on).filter(household=OuterRef("pk"), phone__isnull=False)
    return households.in_national_register().filter(~Exists(reachable), phone__isnull=True)


@rule(
    name=_("Identity number wrong"),
    why=_("A mistyped number, or one with another birth date or sex, is taken for another person by every office."),
    remedy=_("Compare the number, birth date and sex with the identity card and correct what is wrong."),
    persons=wrong_identity,
    detail="id_problem",
)
def identity_wrong(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households, of any kind, with a member whose number fails its check (households/models/verdicts.py)."""
    return _with_member(households, on, wrong_identity(on))


@rule(
    name=_("No head of household"),
    why=_("Every household has exactly one head; relations are told from the head."),
    remedy=_("Ask who heads the household and set that member's relation to “head”."),
)
def head_missing(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register without a member who is the head."""
    return households.in_national_register().annotate(heads=_counted(on, relation=Relation.HEAD)).filter(heads=0)


@rule(
    name=_("Number of members differs"),
    why=_("The register counts members otherwise than it lists them; income per head is then wrong too."),
    remedy=_("Compare with the household book. Add or remove members, or correct the number."),
)
def members_differ(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register with another number of members than are listed."""
    return households.in_national_register().annotate(listed=_counted(on)).exclude(listed=F("members"))
