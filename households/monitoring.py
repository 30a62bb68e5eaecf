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

from households.clearing import conditions_to_clear, declared_gone, unmet
from households.clock import last_day_to_decide
from households.models import CaseState, CaseStep, Household, MonitoringCase, Step
from households.models.monitoring import BEFORE_DECISION, ENDED, IllegalMove
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
    _tell("case.opened", case, {}, actor)
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
    case = _locked(case, actor, on)
    if not can_correct_case(actor, case, on):
        raise PermissionDenied(_correction_refused(case))
    _require_reason(reason)
    check_found_on(case.household, found_on, on)
    first = case.steps.order_by("pk").first()
    if first and found_on > first.done_on:
        raise ValidationError({"found_on": out_of_order(first, is_before=False)})
    before = audit.snapshot(case)
    case.channel, case.monitoring_type, case.risks = channel, monitoring_type, list(dict.fromkeys(risks))
    case.description, case.found_on, case.decide_by = description.strip(), found_on, last_day_to_decide(found_on)
    case.full_clean()
    case.save()
    _tell("case.corrected", case, before, actor, reason)
    _carry_over(case, actor)
    return case


# Steps --------------------------------------------------------------------------------------------


@transaction.atomic
def take_step(*, case: MonitoringCase, report: StepReport, actor: Cadre | None, now: datetime) -> MonitoringCase:
    """Take a step; the same report sent twice by the same person is recorded once.

    Raises IllegalMove when it is not the step's time or somebody else was faster, ValidationError for what the
    report lacks, PermissionDenied when the step is not the actor's.
    """
    on = day_of(now)
    case = _locked(case, actor, on)
    done = case.steps.select_related("recorded_by").filter(step=report.step).first()
    if done and _is_same(done, report, case, actor):
        return case
    if actor is not None and case.state not in ENDED and not can_take_step(actor, case, report.step, on):
        raise PermissionDenied(_("This step is not yours to take."))
    before = audit.snapshot(case)
    _move(case, report.step, done)
    check_report(report)
    check_day(case, report.step, report.done_on, report.until, on)
    if report.step == Step.NOTICE:
        case.notice_from, case.notice_until = report.done_on, report.until
    if report.step == Step.CLEAR:
        _require_cleared(case, report, on)
        case.clearing = report.clearing
    _store(case, report, actor, now, before)
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


def _require_cleared(case: MonitoringCase, report: StepReport, on: date) -> None:
    """Every condition must be met: there is no way round them, not for the district's office either."""
    missing = unmet([*conditions_to_clear(case, on), *declared_gone(case, report.risks_gone)])
    if missing:
        raise ValidationError({NON_FIELD_ERRORS: [_("The risk cannot be cleared yet."), *missing]})


def _store(
    case: MonitoringCase, report: StepReport, actor: Cadre | None, now: datetime, before: dict[str, Any]
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
    )
    step.full_clean()
    step.save()
    _tell("step.recorded", step, {}, actor)
    _tell("case.advanced", case, before, actor)
    _carry_over(case, actor)


# Corrections --------------------------------------------------------------------------------------


@transaction.atomic
def correct_step(*, case: MonitoringCase, report: StepReport, reason: str, actor: Cadre, on: date) -> CaseStep:
    """Correct the record of a step that was taken; the state stays. Raises ValidationError, PermissionDenied."""
    case = _locked(case, actor, on)
    step = case.steps.select_for_update(of=("self",)).filter(step=report.step).first()
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
    _tell("step.corrected", step, before, actor, reason)
    if step.step == Step.NOTICE:
        case.notice_from, case.notice_until = report.done_on, report.until
    if step.step == Step.CLEAR:
        case.clearing = report.clearing
    case.full_clean()
    case.save()
    _tell("case.corrected", case, case_before, actor, reason)
    _carry_over(case, actor)
    return step


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why the record is corrected.")})


def _correction_refused(case: MonitoringCase) -> str:
    if case.state in BEFORE_DECISION:
        return _("This step is not yours to correct.")
    return _("The district has decided. Only its office corrects the record now.")


# What all of them need ----------------------------------------------------------------------------


def _locked(case: MonitoringCase, actor: Cadre | None, on: date) -> MonitoringCase:
    """The case as it is now, held for us. The household comes first, as when a case is opened: no deadlock."""
    visible = MonitoringCase.objects.visible_to(actor, on) if actor is not None else MonitoringCase.objects.all()
    household = Household.objects.select_for_update(of=("self",)).get(pk=visible.get(pk=case.pk).household_id)
    locked = MonitoringCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    locked.household = household
    return locked


def _carry_over(case: MonitoringCase, actor: Cadre | None) -> None:
    """Let the household's record follow a case that is decided or cleared.

    The national register stays the master: the trail says that this came from here, and the next import shows
    the difference until the register knows it too.
    """
    accepted = MonitoringCase.objects.filter(state__in=[CaseState.DECIDED, CaseState.CLEARED], household=case.household)
    if accepted.order_by("-pk").first() != case:  # not accepted, or an older case than the one that holds
        return
    days = dict(case.steps.filter(step__in=[Step.DECIDE, Step.CLEAR]).values_list("step", "done_on"))
    household = case.household
    before = audit.snapshot(household)
    household.monitoring_type, household.risks = case.monitoring_type, list(case.risks)
    household.risk_identified_on = days[Step.DECIDE]
    household.is_risk_cleared = case.state == CaseState.CLEARED
    household.risk_cleared_on = days.get(Step.CLEAR)
    fields = ["monitoring_type", "risks", "risk_identified_on", "is_risk_cleared", "risk_cleared_on"]
    household.save(update_fields=fields)
    reason = _("From monitoring case %(number)s; the national register stays the master.") % {"number": case.pk}
    _tell("household.monitored", household, before, actor, reason)


def _tell(verb: str, row: Any, before: dict[str, Any], actor: Cadre | None, reason: str = "") -> None:
    changes = audit.difference(before, audit.snapshot(row))
    if changes:
        household = row if isinstance(row, Household) else (row.case if isinstance(row, CaseStep) else row).household
        audit.record(
            actor=actor, verb=verb, target=row, village_id=household.village_id, reason=reason.strip(), changes=changes
        )
