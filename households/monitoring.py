"""Open a monitoring case, take its steps, end it, correct its records: the only writers of cases and steps.

Source: 防返贫监测, from discovery to the clearing of the risk. MOVES, beside the model, is the only list of legal
moves; households/turns.py says whose step each one is.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.case_records import TAKEN_OVER, carry_over, locked, tell
from households.clearing import Condition, conditions_to_clear, declared_gone, unmet
from households.clock import last_day_to_decide
from households.models import CaseStep, Household, MonitoringCase, Step
from households.models.monitoring import BEFORE_DECISION, ENDED, REPORTED, IllegalMove
from households.steps import StepReport, check_day, check_found_on, check_registered, check_report, out_of_order
from households.turns import can_correct_case, can_correct_step, can_open_case, can_take_step
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre

# Opening ------------------------------------------------------------------------------------------


@transaction.atomic
def open_case(
    *,
    household: Household,
    channel: str,
    monitoring_type: str,
    risks: Sequence[str],
    found_on: date,
    actor: Cadre | None,
    on: date,
    description: str = "",
    request_key: UUID | None = None,
) -> MonitoringCase:
    """Open a case; the same form sent twice (same request_key) returns the first.

    Raises ValidationError (household not on the register, day in the future, a case is running already) and
    PermissionDenied.
    """
    household = Household.objects.select_for_update(of=("self",)).get(pk=household.pk)
    if actor is not None and not can_open_case(actor, household, on):
        raise PermissionDenied(_("This household is not one of yours."))
    if request_key and (first := MonitoringCase.objects.filter(request_key=request_key, household=household).first()):
        return first
    check_registered(household, on)
    check_found_on(household, found_on, on)
    case = MonitoringCase(
        household=household,
        channel=channel,
        monitoring_type=monitoring_type,
        risks=list(dict.fromkeys(risks)),
        found_on=found_on,
        description=description.strip(),
        decide_by=last_day_to_decide(found_on),
        opened_by=actor,
        request_key=request_key,
    )
    case.full_clean()
    case.save()
    tell("case.opened", case, {}, actor)
    return case


@transaction.atomic
def correct_case(
    *,
    case: MonitoringCase,
    channel: str,
    monitoring_type: str,
    risks: Sequence[str],
    found_on: date,
    description: str,
    reason: str,
    actor: Cadre,
    on: date,
) -> MonitoringCase:
    """Correct what was found; the clock follows the day. Raises ValidationError, PermissionDenied."""
    case = locked(case, actor, on)
    if not can_correct_case(actor, case, on):
        raise PermissionDenied(_correction_refused(case))
    _require_reason(reason)
    check_found_on(case.household, found_on, on)
    first = case.steps.standing().order_by("pk").first()
    if first and found_on > first.done_on:
        raise ValidationError({"found_on": out_of_order(first, is_before=False)})
    before = audit.snapshot(case)
    case.channel, case.monitoring_type, case.risks = channel, monitoring_type, list(dict.fromkeys(risks))
    case.description = description.strip()
    if case.found_on != found_on:  # otherwise the clock stays as it was set, whatever the office's setting is by now
        case.found_on, case.decide_by = found_on, last_day_to_decide(found_on)
    case.full_clean()
    case.save()
    tell("case.corrected", case, before, actor, reason)
    carry_over(case, actor)
    return case


# Steps --------------------------------------------------------------------------------------------


@transaction.atomic
def take_step(*, case: MonitoringCase, report: StepReport, actor: Cadre | None, now: datetime) -> MonitoringCase:
    """Take a step; the same report sent twice by the same person is recorded once.

    Raises IllegalMove when it is not the step's time or somebody else was faster, ValidationError for what the
    report lacks, PermissionDenied when the step is not the actor's.
    """
    on = day_of(now)
    case = locked(case, actor, on)
    done = case.steps.standing().select_related("recorded_by").filter(step=report.step).first()
    if done and _is_same(done, report, case, actor):
        return case
    if actor is not None and case.state not in ENDED and not can_take_step(actor, case, report.step, on):
        raise PermissionDenied(_("This step is not yours to take."))
    before = audit.snapshot(case)
    _require_reported(report.step)
    _move(case, report.step, done)
    check_report(report)
    check_day(case, report.step, report.done_on, report.until, on)
    if report.step == Step.NOTICE:
        case.notice_from, case.notice_until = report.done_on, report.until
    kept: dict[str, Any] = {}
    if report.step == Step.DECIDE:
        said = audit.snapshot(case.household)
        kept["replaced"] = {name: said[name] for name in TAKEN_OVER}
    if report.step == Step.CLEAR:
        kept["conditions"] = [condition.facts for condition in _require_cleared(case, report, on)]
        case.clearing = report.clearing
    _store(case, report, actor, now, before, kept)
    return case


def reject_case(
    *, case: MonitoringCase, reason: str, done_on: date, people: str, actor: Cadre | None, now: datetime
) -> MonitoringCase:
    """Do not accept the case, and say why. Raises what take_step raises."""
    report = StepReport(step=Step.REJECT, done_on=done_on, people=people, note=reason)
    return take_step(case=case, report=report, actor=actor, now=now)


def _move(case: MonitoringCase, step: str, done: CaseStep | None) -> None:
    """Move the case, or say who did what meanwhile."""
    try:
        case.move(step)
    except IllegalMove as refused:
        if done is None:
            raise
        raise IllegalMove(
            _("“%(step)s” was recorded already by %(name)s, for %(day)s. Look at the case again.")
            % {"step": done.get_step_display(), "name": done.recorded_by or "—", "day": date_format(done.done_on)}
        ) from refused


def _is_same(done: CaseStep, report: StepReport, case: MonitoringCase, actor: Cadre | None) -> bool:
    said = (report.done_on, report.people.strip(), report.note.strip())
    is_said = (done.done_on, done.people, done.note) == said and done.recorded_by_id == (actor.pk if actor else None)
    if report.step == Step.CLEAR:
        return is_said and case.clearing == report.clearing
    return is_said and (report.step != Step.NOTICE or case.notice_until == report.until)


def _require_reported(step: str) -> None:
    """Refuse what is no report, but takes one back: that asks for a reason, and has a verb of its own."""
    if step not in REPORTED:
        raise IllegalMove(_("A step is taken back on a page of its own, with a reason."))


def _require_cleared(case: MonitoringCase, report: StepReport, on: date) -> list[Condition]:
    """Every condition must be met: there is no way round them, not for the district's office either."""
    conditions = [*conditions_to_clear(case, on), *declared_gone(case, report.risks_gone)]
    if missing := unmet(conditions):
        raise ValidationError({NON_FIELD_ERRORS: [_("The risk cannot be cleared yet."), *missing]})
    return conditions


def _store(
    case: MonitoringCase,
    report: StepReport,
    actor: Cadre | None,
    now: datetime,
    before: dict[str, Any],
    kept: dict[str, Any],
) -> None:
    case.full_clean()
    case.save()
    step = CaseStep(
        case=case,
        step=report.step,
        done_on=report.done_on,
        people=report.people.strip(),
        note=report.note.strip(),
        recorded_by=actor,
        recorded_at=now,
        **kept,
    )
    step.full_clean()
    step.save()
    tell("step.recorded", step, {}, actor)
    tell("case.advanced", case, before, actor)
    carry_over(case, actor)


# Corrections --------------------------------------------------------------------------------------


@transaction.atomic
def correct_step(*, case: MonitoringCase, report: StepReport, reason: str, actor: Cadre, on: date) -> CaseStep:
    """Correct the record of a step that was taken; the state stays. Raises ValidationError, PermissionDenied."""
    case = locked(case, actor, on)
    step = case.steps.standing().select_for_update(of=("self",)).filter(step=report.step).first()
    if step is None:
        raise IllegalMove(_("This step is not recorded yet."))
    if not can_correct_step(actor, case, report.step, on):
        raise PermissionDenied(_correction_refused(case))
    _require_reason(reason)
    check_day(case, step.step, report.done_on, report.until, on)
    check_report(report, is_correction=True)
    before, case_before = audit.snapshot(step), audit.snapshot(case)
    step.done_on, step.people, step.note = report.done_on, report.people.strip(), report.note.strip()
    step.correction, step.corrected_on, step.corrected_by = reason.strip(), on, actor
    step.full_clean()
    step.save()
    tell("step.corrected", step, before, actor, reason)
    if step.step == Step.NOTICE:
        case.notice_from, case.notice_until = report.done_on, report.until
    if step.step == Step.CLEAR:
        case.clearing = report.clearing
    case.full_clean()
    case.save()
    tell("case.corrected", case, case_before, actor, reason)
    carry_over(case, actor)
    return step


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why the record is corrected.")})


def _correction_refused(case: MonitoringCase) -> str:
    if case.state in BEFORE_DECISION:
        return _("This step is not yours to correct.")
    return _("The district has decided. Only its office corrects the record now.")
