"""What each line of the household page says, in words: rows for {% rows %} of its templates."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casework.confirmations import LINK, MEASURE, Said
from casework.doorstep import measure_line, source_said
from casework.templatetags.days import short_day
from households.file import Helper, HouseholdFile, Link, RunningCase
from households.guarantees import Assurance
from households.incomes import IncomeYear, in_yuan
from households.models import GuaranteeState, Measure
from households.words import Fact, in_words
from villages.ways import way_to

Answers = Mapping[str, Mapping[int, Said]]
LOOKS: dict[str, str] = {GuaranteeState.MET: "state-done", GuaranteeState.NOT_MET: "state-overdue"}


class StepRow(NamedTuple):
    """A step of the monitoring case; people and note may be empty."""

    day: str
    step: str
    people: str
    note: str


class GuaranteeRow(NamedTuple):
    """One of the six; `look` is how its state is shown."""

    label: str
    look: str
    state: str
    grade: str
    source: str


class YearRow(NamedTuple):
    """A year's income: the bridge, what it adds up to and leaves out, and where it stands to the line."""

    title: str
    source: str
    bridge: list[Fact]
    net: str
    per_head: str
    look: str
    against_line: str
    shared_out: str
    not_entered: str


class MeasureRow(NamedTuple):
    """A measure; provider, result and answer may be empty."""

    address: str
    kind: str
    content: str
    line: str
    provider: str
    result: str
    answer: str
    source: str


class LinkRow(NamedTuple):
    """A benefit link; `years` are its lines, the answer may be empty."""

    address: str
    form: str
    operator: str
    period: str
    years: list[str]
    answer: str
    source: str


class HelperRow(NamedTuple):
    """A helper, present or past."""

    name: str
    period: str


def step_rows(case: RunningCase | None, on: date, *, shows_sensitive: bool) -> list[StepRow]:
    """The steps done so far; notes only for those whose task needs them."""
    return [
        StepRow(short_day(step.done_on, on), in_words(step, "step"), step.people, step.note if shows_sensitive else "")
        for step in (case.steps if case else [])
    ]


def guarantee_rows(guarantees: Iterable[Assurance], on: date) -> list[GuaranteeRow]:
    """The six guarantees with what is known of them."""
    never = _("never checked: have a look and tell the office")
    return [
        GuaranteeRow(
            label=one.label,
            look=LOOKS.get(one.state, ""),
            state=one.state_label,
            grade=one.grade_label,
            source=source_said(one.source, one.checked_on, on) if one.source else never,
        )
        for one in guarantees
    ]


def year_rows(incomes: Iterable[IncomeYear], on: date) -> list[YearRow]:
    """Income by year, the latest first."""
    title, shared_out = _("Year %(year)s"), _("(shared out to %(members)s members)")
    return [
        YearRow(
            title=title % {"year": year.year},
            source=source_said(year.income.source, year.income.as_of, on),
            bridge=year.bridge,
            net=in_yuan(year.net),
            per_head=in_yuan(year.per_head),
            look="below" if year.is_below_line else "",
            against_line=year.against_line(),
            shared_out=shared_out % {"members": year.members} if year.is_computed else "",
            not_entered=year.not_entered,
        )
        for year in incomes
    ]


def measure_rows(measures: Iterable[Measure], answers: Answers, on: date) -> list[MeasureRow]:
    """Measures with what the family answered about them."""
    return [
        MeasureRow(
            address=way_to("measure", measure.pk),
            kind=in_words(measure, "kind"),
            content=measure.content,
            line=measure_line(measure, on),
            provider=" · ".join(filter(None, (measure.provider, measure.project))),
            result=measure.result,
            answer=answer_said(answers[MEASURE].get(measure.pk)),
            source=source_said(measure.source, measure.recorded_on, on),
        )
        for measure in measures
    ]


def link_rows(links: Iterable[Link], answers: Answers, on: date) -> list[LinkRow]:
    """Benefit links with their years and what the family answered about them."""
    return [
        LinkRow(
            address=way_to("link", link.pk),
            form=in_words(link, "form"),
            operator=link.operator,
            period=_period(link.starts_on, link.ends_on, _("until further notice"), on),
            years=linked.lines,
            answer=answer_said(answers[LINK].get(link.pk)),
            source=source_said(link.source, link.recorded_on, on),
        )
        for linked in links
        for link in [linked.link]
    ]


def record_facts(file: HouseholdFile, on: date, *, shows_sensitive: bool) -> list[Fact]:
    """The household's own record; causes and risks only for those whose task needs them."""
    household, exit_record = file.household, file.exit_record
    kinds = [in_words(household, name) for name in ("base_type", "monitoring_type") if getattr(household, name)]
    facts = [
        Fact(_("Type"), " · ".join(kinds)),
        Fact(_("Natural village"), household.natural_village),
        Fact(_("Members"), str(household.members)),
    ]
    if shows_sensitive:
        facts += [Fact(_("Causes of poverty"), _(", ").join(file.causes) or "–"), Fact(_("Risks"), _risks(file, on))]
    facts.append(Fact(_("First identified"), short_day(household.identified_on, on)))
    if exit_record:
        told = [_("approved on %(day)s") % {"day": short_day(exit_record.approved_on, on)}]
        told += [_("found wrong by an assessment")] if exit_record.is_wrong else []
        facts.append(Fact(_("Exit from poverty"), " · ".join(told)))
    facts.append(Fact(_("Registered"), short_day(household.registered_on, on)))
    facts.append(Fact(_("Moved here"), short_day(household.moved_on, on)))
    facts.append(Fact(_("Monitoring case"), "" if file.running_case else _("none running")))
    return [fact for fact in facts if fact.words]


def helper_rows(helpers: Iterable[Helper], on: date) -> list[HelperRow]:
    """Who helps and who has helped, and when."""
    now = pgettext("period", "now")
    return [HelperRow(helper.told, _period(helper.starts_on, helper.ends_on, now, on)) for helper in helpers]


def _risks(file: HouseholdFile, on: date) -> str:
    household = file.household
    if not file.risks:
        return "–"
    told = [_(", ").join(file.risks)]
    if household.risk_identified_on:
        told.append(_("identified on %(day)s") % {"day": short_day(household.risk_identified_on, on)})
    cleared = f"{_('cleared')} {short_day(household.risk_cleared_on, on)}"
    return " · ".join([*told, cleared if household.is_risk_cleared else _("not cleared")])


def _period(first: date, last: date | None, without_end: str, on: date) -> str:
    return f"{short_day(first, on)} – {short_day(last, on) if last else without_end}"


def answer_said(said: Said | None) -> str:
    """What the family answered when it was asked last; nothing when it was not asked."""
    if said is None:
        return ""
    day = date_format(said.on)
    if said.is_received:
        return _("The family confirmed it on %(day)s.") % {"day": day}
    return _("The family said on %(day)s that it has not received it.") % {"day": day}
