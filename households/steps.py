"""What the report of a step must say, and on which days a step may have been taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.clock import earliest_end_of_notice
from households.models import CaseStep, Clearing, Household, MonitoringCase, Step

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """What is reported of a step. The notice has `until` beside its first day; clearing a risk says how."""

    step: str
    done_on: date
    people: str
    note: str = ""
    until: date | None = None
    is_authorised: bool = False
    clearing: str = ""
    risks_gone: Sequence[str] = ()


def check_report(report: StepReport, *, is_correction: bool = False) -> None:
    """Refuse a report that lacks what its step needs; the authorisation is signed once, before the check."""
    missing: dict[str, str] = {}
    if not report.people.strip():
        missing["people"] = _("Say who took part.")
    if report.step == Step.REJECT and not report.note.strip():
        missing["note"] = _("Say in a few words why the case is not accepted.")
    elif report.step != Step.NOTICE and not report.note.strip():
        missing["note"] = _("Say the result in a few words.")
    if report.step == Step.CHECK and not report.is_authorised and not is_correction:
        missing["is_authorised"] = _("Without the household's signed authorisation its data may not be checked.")
    if report.step == Step.CLEAR and report.clearing not in Clearing.values:
        missing["clearing"] = _("Say how the risk was cleared: by help or by itself.")
    if missing:
        raise ValidationError(missing)


def check_day(case: MonitoringCase, step: str, day: date, until: date | None, on: date) -> None:
    """Refuse a day in the future, out of order, a notice that is too short, a review before the notice has ended."""
    if day > on:
        raise ValidationError({"done_on": _("This day is in the future. Choose today or an earlier day.")})
    if day < case.found_on:
        raise ValidationError(
            {"done_on": _("This is before the case was found on %(day)s.") % {"day": date_format(case.found_on)}}
        )
    steps = list(case.steps.standing().order_by("pk"))
    own = next((number for number, row in enumerate(steps) if row.step == step), len(steps))
    for other in steps[:own]:
        if day < other.done_on:
            raise ValidationError({"done_on": out_of_order(other, is_before=True)})
    for other in steps[own + 1 :]:
        if day > other.done_on:
            raise ValidationError({"done_on": out_of_order(other, is_before=False)})
    if step == Step.NOTICE:
        _check_notice(steps[own + 1 :], day, until)
    elif step not in (Step.REJECT, Step.CHECK, Step.APPRAISE):
        _check_after_notice(case, day)


def _check_notice(later: Sequence[CaseStep], first: date, until: date | None) -> None:
    earliest = earliest_end_of_notice(first)
    if until is None or until < earliest:
        raise ValidationError(
            {"until": _("The notice must hang until %(day)s at least.") % {"day": date_format(earliest)}}
        )
    review = next((row for row in later if row.step == Step.REVIEW), None)
    if review and until >= review.done_on:
        facts = {"day": date_format(review.done_on)}
        raise ValidationError({"until": _("The town reviewed on %(day)s; the notice must have ended before.") % facts})


def _check_after_notice(case: MonitoringCase, day: date) -> None:
    """The village must have had all the days of the notice to speak up."""
    if case.notice_until is not None and day <= case.notice_until:
        facts = {"day": date_format(case.notice_until), "next": date_format(case.notice_until + ONE_DAY)}
        raise ValidationError(
            {"done_on": _("The notice hangs until %(day)s. This can be done on %(next)s at the earliest.") % facts}
        )


def out_of_order(other: CaseStep, *, is_before: bool) -> str:
    """What to say of a day that comes before an earlier step, or after a later one."""
    facts = {"step": other.get_step_display(), "day": date_format(other.done_on)}
    if is_before:
        return _("This is before “%(step)s” on %(day)s. The days must be in order.") % facts
    return _("This is after “%(step)s” on %(day)s. The days must be in order.") % facts


def check_registered(household: Household, on: date) -> None:
    """Refuse a household that is not on the register that day."""
    if not Household.objects.registered(on).filter(pk=household.pk).exists():
        raise ValidationError(_("This household is not on the register. Only registered households are monitored."))


def check_found_on(household: Household, found_on: date, on: date) -> None:
    """Refuse a day on which nothing can have been found."""
    if found_on > on:
        raise ValidationError({"found_on": _("This day is in the future. Choose today or an earlier day.")})
    if found_on < household.registered_on:
        day = date_format(household.registered_on)
        raise ValidationError(
            {"found_on": _("The household was registered on %(day)s, after this day.") % {"day": day}}
        )
