"""The file of one household (一户一档): what the register and the office know of it, in two messages.

The household is found through visible_to(); everything else belongs to it and is seen with it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from households.clearing import Condition, told
from households.guarantees import Assurance, assurances_of
from households.incomes import IncomeYear, in_yuan
from households.models import (
    BenefitLink,
    BenefitYear,
    CaseStep,
    Cause,
    ExitRecord,
    Guarantee,
    HelperPairing,
    Household,
    Income,
    Measure,
    MeasureKind,
    MonitoringCase,
    Person,
    PovertyLine,
    Risk,
    Step,
)
from households.models.monitoring import BEFORE_DECISION, Clearing
from households.sensitive import is_like_a_child, worked_with
from households.words import word_of
from villages.models import Cadre, Town, Village, VillagerGroup
from villages.prepared_rows import PreparedRows, Rows, Together, known


class Helper(NamedTuple):
    """A helper of the household, present, past or to come."""

    name: str
    is_primary: bool
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        """Whether the pairing is in force that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def told(self) -> str:
        """The name, and that it is the second helper's."""
        return self.name if self.is_primary else f"{self.name} · {_('second helper')}"


class Link(NamedTuple):
    """A benefit link with its years, the latest first."""

    link: BenefitLink
    years: list[BenefitYear]

    @property
    def lines(self) -> list[str]:
        """Each year in words: what was promised and what was received."""
        return [_received(year) for year in self.years]


class RunningCase(NamedTuple):
    """The case that is neither cleared nor refused, with the steps done so far."""

    case: MonitoringCase
    steps: list[CaseStep]

    @property
    def is_before_decision(self) -> bool:
        """Whether the clock still runs."""
        return self.case.state in BEFORE_DECISION

    @property
    def risk_labels(self) -> list[str]:
        """The risks in words."""
        return labels(Risk, self.case.risks)


class Cleared(NamedTuple):
    """The latest clearing of a risk that stands: the step, how it was cleared, and who entered it."""

    step: CaseStep
    clearing: str
    by: str | None

    @property
    def how(self) -> str:
        """By help, or by itself."""
        return labels(Clearing, [self.clearing])[0]

    @property
    def conditions(self) -> list[Condition]:
        """What was found fulfilled that day; empty where nobody kept it."""
        return [told(facts) for facts in self.step.conditions]


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """Everything about one household as of a day. `persons` holds former members too."""

    household: Household
    on: date
    exit_record: ExitRecord | None
    persons: list[Person]
    incomes: list[IncomeYear]
    guarantees: list[Assurance]
    measures: list[Measure]
    links: list[Link]
    helpers: list[Helper]
    running_case: RunningCase | None
    cleared: Cleared | None

    @property
    def members(self) -> list[Person]:
        """Who belongs to the household that day, the head first."""
        return [person for person in self.persons if person.left_on is None or person.left_on > self.on]

    def measures_shown(self, *, shows_sensitive: bool) -> list[Measure]:
        """The measures; health measures and those for a child only to a reader whose task needs them."""
        if shows_sensitive:
            return self.measures
        return [
            measure
            for measure in self.measures
            if measure.kind != MeasureKind.HEALTH and not (measure.person and is_like_a_child(measure.person, self.on))
        ]

    @property
    def helpers_now(self) -> list[Helper]:
        """The helpers of that day, the primary one first."""
        return sorted((helper for helper in self.helpers if helper.holds(self.on)), key=lambda one: not one.is_primary)

    @property
    def helpers_told(self) -> str:
        """The names of the helpers of that day; empty while nobody helps."""
        return _(", ").join(helper.told for helper in self.helpers_now)

    @property
    def causes(self) -> list[str]:
        """The causes of poverty in words, the main one first."""
        main = [self.household.main_cause] if self.household.main_cause else []
        return labels(Cause, [*main, *self.household.other_causes])

    @property
    def risks(self) -> list[str]:
        """The risks in words."""
        return labels(Risk, self.household.risks)

    @property
    def has_open_risks(self) -> bool:
        """Whether risks are registered that nobody has called cleared."""
        return bool(self.household.risks) and not self.household.is_risk_cleared


def labels(words: Any, values: list[str]) -> list[str]:
    """The words of a category set for stored values; one that the set no longer knows is shown as it is stored."""
    return [word_of(words, value) for value in values]


class Seen(NamedTuple):
    """A household the cadre sees, with its place; how it left poverty; whether the cadre works with it."""

    household: Household
    exit_record: ExitRecord | None
    shows_sensitive: bool


def household_seen(cadre: Cadre, pk: int, on: date) -> Seen:
    """The household, in one statement. Raises Household.DoesNotExist when it is hidden from the cadre."""
    return seen_from(SEEN.rows(cadre_id=cadre.pk, is_superuser=cadre.is_superuser, household=pk, on=on))


def seen_from(found: Rows) -> Seen:
    """The household by what the query SEEN has found. Raises Household.DoesNotExist when that is nothing."""
    if not found:
        raise Household.DoesNotExist
    household, (village, town_id, town, number, group, exit_id, approved_on, is_wrong, works_with) = found[0]
    household.village = known(Village, ("code", "name", "town_id"), (household.village_id, village, town_id))
    household.village.town = known(Town, ("code", "name"), (town_id, town))
    if household.group_id:
        household.group = known(VillagerGroup, ("id", "number", "name"), (household.group_id, number, group))
    exit_record = None
    if exit_id:
        exit_record = known(ExitRecord, ("id", "approved_on", "is_wrong"), (exit_id, approved_on, is_wrong))
    return Seen(household, exit_record, works_with)


def file_of(seen: Seen, on: date) -> HouseholdFile:
    """The file of a household the reader sees."""
    return file_from(_FILE.rows(household=seen.household.pk), seen, on)


def file_from(found: list[Rows], seen: Seen, on: date) -> HouseholdFile:
    """The file by what the queries of FILE have found."""
    household = seen.household
    persons, checks, measures = ([row for row, _more in rows] for rows in found[:3])
    incomes, links, helpers, cases, cleared = found[3:]
    members = sum(person.left_on is None or person.left_on > on for person in persons) or household.members
    by_pk = {person.pk: person for person in persons}
    for measure in measures:
        measure.person = by_pk.get(measure.person_id) if measure.person_id else None
    return HouseholdFile(
        household=household,
        on=on,
        exit_record=seen.exit_record,
        persons=sorted(persons, key=lambda person: person.relation != "head"),
        incomes=[IncomeYear(income, line, members) for income, (line,) in incomes],
        guarantees=assurances_of(household, checks),
        measures=measures,
        links=_links(links),
        helpers=[Helper(*told) for _pairing, told in helpers],
        running_case=_running_case(cases),
        cleared=next((Cleared(step, *more) for step, more in cleared), None),
    )


def _received(year: BenefitYear) -> str:
    said = {"year": year.year, "promised": in_yuan(year.promised), "received": in_yuan(year.received)}
    if year.received is None:
        return _("%(year)s: promised %(promised)s, not received yet") % said
    return _("%(year)s: promised %(promised)s, received %(received)s") % said


def _links(rows: Rows) -> list[Link]:
    found: dict[int, Link] = {}
    for link, (year_id, *amounts) in rows:
        years = found.setdefault(link.pk, Link(link, [])).years
        if year_id:
            columns = ("id", "link_id", "year", "promised", "received")
            years.append(known(BenefitYear, columns, (year_id, link.pk, *amounts)))
    return list(found.values())


def _running_case(rows: Rows) -> RunningCase | None:
    running: RunningCase | None = None
    for case, (step_id, *more) in rows:
        running = running or RunningCase(case, [])
        if step_id:
            columns = ("id", "case_id", "step", "done_on", "people", "note")
            running.steps.append(known(CaseStep, columns, (step_id, case.pk, *more)))
    return running


def _seen(cadre_id: int, is_superuser: bool, household: int, on: date) -> QuerySet[Any]:
    cadre = Cadre(pk=cadre_id, is_superuser=is_superuser)
    works_with = Exists(worked_with(cadre, on).filter(pk=OuterRef("pk")))
    return Household.objects.visible_to(cadre, on).filter(pk=household).annotate(works_with=works_with).order_by()


def _incomes(household: int) -> QuerySet[Any]:
    line = PovertyLine.objects.filter(year=OuterRef("year")).values("amount")
    return Income.objects.filter(household=household).annotate(line=Subquery(line)).order_by("-year")


SEEN = PreparedRows(
    Household,
    _seen,
    "village__name",
    "village__town_id",
    "village__town__name",
    "group__number",
    "group__name",
    "exit_record__pk",
    "exit_record__approved_on",
    "exit_record__is_wrong",
    "works_with",
)
_PERSONS = PreparedRows(Person, lambda household: Person.objects.filter(household=household).order_by("born_on", "pk"))
_INCOMES = PreparedRows(Income, _incomes, "line")
_CHECKS = PreparedRows(
    Guarantee, lambda household: Guarantee.objects.filter(household=household).order_by("-checked_on", "-pk")
)
_MEASURES = PreparedRows(
    Measure, lambda household: Measure.objects.filter(household=household).order_by("-starts_on", "-pk")
)
_LINKS = PreparedRows(
    BenefitLink,
    lambda household: BenefitLink.objects.filter(household=household).order_by("-starts_on", "-pk", "-years__year"),
    "years__pk",
    "years__year",
    "years__promised",
    "years__received",
)
_HELPERS = PreparedRows(
    HelperPairing,
    lambda household: HelperPairing.objects.filter(household=household).order_by("-starts_on", "-is_primary", "pk"),
    "cadre__name",
    "is_primary",
    "starts_on",
    "ends_on",
)
_RUNNING = PreparedRows(
    MonitoringCase,
    lambda household: (
        MonitoringCase.objects.running()
        .filter(household=household, steps__taken_back_on__isnull=True)
        .order_by("steps__pk")
    ),
    "steps__pk",
    "steps__step",
    "steps__done_on",
    "steps__people",
    "steps__note",
)
_CLEARED = PreparedRows(
    CaseStep,
    lambda household: (
        CaseStep.objects.standing().filter(case__household=household, step=Step.CLEAR).order_by("-done_on", "-pk")[:1]
    ),
    "case__clearing",
    "recorded_by__name",
)
FILE = (_PERSONS, _CHECKS, _MEASURES, _INCOMES, _LINKS, _HELPERS, _RUNNING, _CLEARED)
_FILE = Together(*FILE)
