"""Help that is missing, or that the household's income knows nothing of."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from households.models import Income, Measure, Person
from households.models.categories import LABOUR
from households.models.households import HouseholdQuerySet
from households.models.measures import DEVELOPMENT, JOBS
from households.quality.register import rule
from households.quality.years import income_year

TOPIC = _("Help given")
YEAR = timedelta(days=365)


@rule(
    name=_("Somebody can work, but no measure lets the household earn"),
    why=_("Households with labour are helped to earn: industry, employment, finance or a public-welfare post."),
    remedy=_("Enter the measure if there is one; otherwise agree on one with the family. Or correct the labour skill."),
)
def labour_without_development(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register with labour and no development measure within the last twelve months."""
    able = Person.objects.registered(on).filter(household=OuterRef("pk"), labour_skill__in=LABOUR)
    running = Measure.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on - YEAR),
        household=OuterRef("pk"),
        kind__in=DEVELOPMENT,
        starts_on__lte=on,
    )
    return households.in_national_register().filter(Exists(able), ~Exists(running))


@rule(
    name=_("Job measure, but no wages"),
    why=_("Whoever was given work or a public-welfare post earned wages in that year."),
    remedy=_("Ask the family what was earned and correct the income, or end the measure that did not come about."),
)
def job_without_wages(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """Households of the national register with a job measure in the due year and an income without wages."""
    year = income_year(on)
    job = Measure.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=date(year, 1, 1)),
        household=OuterRef("pk"),
        kind__in=JOBS,
        starts_on__lte=date(year, 12, 31),
    )
    unpaid = Income.objects.filter(Q(wages__isnull=True) | Q(wages=0), household=OuterRef("pk"), year=year)
    return households.in_national_register().filter(Exists(job), Exists(unpaid))
