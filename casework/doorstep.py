"""What to know before knocking at a household's door: what to watch, and which visits are owed there."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from casework.models import Duty, Problem, ProblemSource, Round
from casework.models.duties import State
from casework.templatetags.days import days_left, short_day
from households.file import HouseholdFile
from households.guarantees import Assurance
from households.incomes import in_yuan
from households.models import GuaranteeState, Household, Measure, Source
from households.words import in_words, word_of
from villages.models import Cadre
from villages.prepared_rows import PreparedRows, Rows, known


class Watch(NamedTuple):
    """One thing to watch, and where that is known from. `is_grave` stands out."""

    text: str
    source: str
    is_grave: bool = True

    @property
    def look(self) -> str:
        """The class by which it stands out."""
        return "grave" if self.is_grave else ""


class DutyRow(NamedTuple):
    """A visit that is owed or done."""

    round: str
    seat: str
    state: str
    said: str
    line: str


def source_said(source: str, day: date | None, on: date | None) -> str:
    """Where a fact comes from and of which day: "national register · 30 June"; without `on` as 2026-06-30."""
    return _source_said(source, day, on, get_language())


@lru_cache(maxsize=1024)
def _source_said(source: str, day: date | None, on: date | None, language: str | None) -> str:
    """The same few sources stand under every fact of a page."""
    words = word_of(Source, source) if source else ""
    said = short_day(day, on) if on else day.isoformat() if day else ""
    return " · ".join(part for part in (words, said) if part)


def record_source(household: Household, on: date, *, is_on_paper: bool = False) -> str:
    """Where the household's own record comes from: the national register as of its export, or the office as of now."""
    if household.register_as_of:
        return source_said(Source.REGISTER, household.register_as_of, None if is_on_paper else on)
    day = on.isoformat() if is_on_paper else short_day(on, on)
    return f"{word_of(Source, Source.OFFICE)} · {_('as of %(day)s') % {'day': day}}"


def entries_as_of(on: date, *, is_on_paper: bool = False) -> str:
    """Where it is known from that nothing is known: what stands in this system that day."""
    day = on.isoformat() if is_on_paper else short_day(on, on)
    return f"{_('entries in this system')} · {_('as of %(day)s') % {'day': day}}"


def watch_list(file: HouseholdFile, problems: Sequence[Problem], *, shows_sensitive: bool) -> list[Watch]:
    """What the visitor should look at or ask about, the gravest first."""
    return [
        *_monitoring(file, shows_sensitive),
        *_guarantees(file),
        *_income(file),
        *_promises(file),
        *_last_problem(file, problems),
    ]


def duties_at(household: Household, cadre: Cadre, on: date) -> list[Duty]:
    """The household's duties in running rounds, the earliest due date first, each with its state."""
    return duties_from(DUTIES.rows(**asked_at(household.pk, cadre, on), has_moved=household.moved_on is not None))


def asked_at(household: int, cadre: Cadre, on: date) -> dict[str, Any]:
    """The values that the queries at a door take."""
    return {"household": household, "cadre_id": cadre.pk, "is_superuser": cadre.is_superuser, "on": on}


def duties_from(rows: Rows) -> list[Duty]:
    """The duties by what the query DUTIES has found."""
    duties = []
    for duty, (state, is_by_phone, name, due_on) in rows:
        duty.round = known(Round, ("id", "name", "due_on"), (duty.round_id, name, due_on))
        duty.state, duty.is_by_phone = state, is_by_phone  # type: ignore[attr-defined]
        duties.append(duty)
    return duties


def duty_rows(duties: Iterable[Duty], on: date) -> list[DutyRow]:
    """The duties, each with its state."""
    return [
        DutyRow(duty.round.name, duty.seat_label, state, word_of(State, state), duty_line(duty, on))
        for duty in duties
        for state in [str(duty.state)]  # type: ignore[attr-defined]
    ]


def duty_line(duty: Duty, on: date) -> str:
    """How a duty stands, in one line: done on which day, why excused, or due by when."""
    state: str = duty.state  # type: ignore[attr-defined]
    if state == State.EXCUSED:
        return duty.excuse
    if state == State.DONE:
        done = _("done on %(day)s") % {"day": short_day(duty.credited_on, on)}
        return f"{done} · {_('by phone')}" if duty.is_by_phone else done  # type: ignore[attr-defined]
    due_on = duty.round.due_on
    return _("due by %(day)s · %(left)s") % {"day": short_day(due_on, on), "left": days_left(due_on, on)}


def measure_line(measure: Measure, on: date) -> str:
    """For whom a measure is, how much it is worth, and from when to when, in one line."""
    person, ends_on = measure.person, measure.ends_on
    told = [
        _("for %(name)s") % {"name": person.name} if person else _("for the household"),
        in_yuan(measure.amount) if measure.amount is not None else "",
        f"{short_day(measure.starts_on, on)} – {short_day(ends_on, on) if ends_on else _('until further notice')}",
    ]
    return " · ".join(part for part in told if part)


def _monitoring(file: HouseholdFile, shows_sensitive: bool) -> Iterator[Watch]:
    household, running, on = file.household, file.running_case, file.on
    register = record_source(household, on)
    risks = _(", ").join(file.risks) if shows_sensitive and file.has_open_risks else ""
    if household.monitoring_type:
        kind = in_words(household, "monitoring_type")
        text = _("Monitored: %(type)s; risks: %(risks)s") if risks else _("Monitored: %(type)s")
        yield Watch(text % {"type": kind, "risks": risks}, register)
    elif file.has_open_risks:
        yield Watch(_("Risks not cleared: %(risks)s") % {"risks": risks} if risks else _("Risks not cleared"), register)
    if running and running.is_before_decision:
        due = running.case.decide_by
        said = {
            "state": in_words(running.case, "state"),
            "day": short_day(due, on),
            "left": days_left(due, on),
        }
        yield Watch(
            _("Monitoring case: %(state)s; to be decided by %(day)s (%(left)s)") % said,
            _("found on %(day)s") % {"day": short_day(running.case.found_on, on)},
            is_grave=due < on,
        )


def _guarantees(file: HouseholdFile) -> Iterator[Watch]:
    unknown: list[Assurance] = []
    for assurance in file.guarantees:
        if assurance.state == GuaranteeState.NOT_MET:
            grade = f" · {assurance.grade_label}" if assurance.grade_label else ""
            said = {"what": assurance.label, "state": f"{assurance.state_label}{grade}"}
            text = _("%(what)s: %(state)s") % said
            yield Watch(text, source_said(assurance.source, assurance.checked_on, file.on))
        elif assurance.state == GuaranteeState.UNKNOWN:
            unknown.append(assurance)
    if unknown:
        names = _(", ").join(assurance.label for assurance in unknown)
        yield Watch(
            _("Not known yet, have a look: %(guarantees)s") % {"guarantees": names},
            entries_as_of(file.on),
            is_grave=False,
        )


def _income(file: HouseholdFile) -> Iterator[Watch]:
    for latest in file.incomes[:1]:
        if latest.is_below_line:
            source = source_said(latest.income.source, latest.income.as_of, file.on)
            yield Watch(_("Income per head: %(sentence)s") % {"sentence": latest.against_line()}, source)


def _promises(file: HouseholdFile) -> Iterator[Watch]:
    """What an operator has promised for this year or the last and has not paid."""
    for link, years in file.links:
        for year in years:
            if year.promised and year.year >= file.on.year - 1 and (year.received or 0) < year.promised:
                said = {
                    "operator": link.operator,
                    "form": in_words(link, "form"),
                    "year": year.year,
                    "promised": in_yuan(year.promised),
                    "received": in_yuan(year.received) if year.received else _("nothing yet"),
                }
                yield Watch(
                    _("%(operator)s (%(form)s) promised %(promised)s for %(year)s; received: %(received)s") % said,
                    source_said(link.source, link.recorded_on, file.on),
                    is_grave=False,
                )


def _last_problem(file: HouseholdFile, problems: Sequence[Problem]) -> Iterator[Watch]:
    for problem in problems[:1]:
        said = " · ".join((str(ProblemSource(problem.source).label), short_day(problem.found_on, file.on)))
        if others := len(problems) - 1:
            more = ngettext("and %(number)s more open problem", "and %(number)s more open problems", others)
            said = f"{said} · {more % {'number': others}}"
        yield Watch(_("Open problem: %(problem)s") % {"problem": problem.text}, said, is_grave=False)


def _duties(household: int, cadre_id: int, is_superuser: bool, has_moved: bool, on: date) -> QuerySet[Any]:
    duties = Duty.objects.filter(household=household)
    if has_moved:  # the duties of a family that never moved are seen by whoever sees the family
        duties = duties.visible_to(Cadre(pk=cadre_id, is_superuser=is_superuser), on)
    running = duties.filter(round__in=Round.objects.running(on))
    return running.with_state(on, are_few=True).order_by("round__due_on", "pk")


DUTIES = PreparedRows(Duty, _duties, "state", "is_by_phone", "round__name", "round__due_on")
