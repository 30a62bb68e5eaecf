"""Take a mistaken decision, refusal or clearing of a risk back: with a reason, kept beside the step.

MOVES, beside the model, says from which state; households/turns.py says who: the district's office, and for a refusal
also the level that refused and those above it.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from households.case_records import TAKEN_OVER, accepted_case, carry_over, locked, tell
from households.models import CaseStep, Household, MonitoringCase, Step
from households.models.monitoring import TAKES_BACK, IllegalMove
from households.turns import can_take_step
from villages import audit
from villages.calendar import day_of
from villages.models import Cadre


@transaction.atomic
def take_back(*, case: MonitoringCase, step: str, reason: str, actor: Cadre, now: datetime) -> MonitoringCase:
    """Take the last step back by `step`, one of TAKES_BACK; the household's record follows.

    Raises IllegalMove in any other state and when a later case exists, ValidationError without a reason,
    PermissionDenied for anybody else than turns.py names.
    """
    on = day_of(now)
    case = locked(case, actor, on)
    if not can_take_step(actor, case, step, on):
        raise PermissionDenied(_refused(step))
    if step not in TAKES_BACK:
        raise IllegalMove(_("This step cannot be taken back."))
    before = audit.snapshot(case)
    case.move(step)
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it is taken back.")})
    if MonitoringCase.objects.filter(household=case.household, pk__gt=case.pk).exists():
        raise IllegalMove(_("A later case exists for this household. Go on with that one."))
    row = case.steps.standing().select_for_update(of=("self",)).get(step=TAKES_BACK[step])
    _withdraw(row, reason.strip(), actor, now)
    case.clearing = ""
    case.full_clean()
    case.save()
    tell("case.taken_back", case, before, actor, reason)
    _follow(case, row, actor)
    return case


def _refused(step: str) -> str:
    if step == Step.RESUME:
        return _("A refusal is taken back by the level that refused, or by an office above it.")
    return _("Only the district's office takes a decision or a clearing back.")


def _withdraw(row: CaseStep, reason: str, actor: Cadre, now: datetime) -> None:
    before = audit.snapshot(row)
    row.taken_back_on, row.taken_back_by, row.taken_back = day_of(now), actor, reason
    row.full_clean()
    row.save()
    tell("step.taken_back", row, before, actor, reason)


def _follow(case: MonitoringCase, row: CaseStep, actor: Cadre) -> None:
    """The household's record follows the case that holds now; without one it says again what it said before."""
    holding = accepted_case(case.household)
    if holding is None:
        _put_back(case.household, case, row, actor)
    else:
        holding.household = case.household
        carry_over(holding, actor)


def _put_back(household: Household, case: MonitoringCase, row: CaseStep, actor: Cadre) -> None:
    """Only while the record still says what the decision wrote: what an import has brought since is the register's."""
    written = (case.monitoring_type, case.risks, row.done_on)
    if not row.replaced or (household.monitoring_type, household.risks, household.risk_identified_on) != written:
        return
    before = audit.snapshot(household)
    for name in TAKEN_OVER:
        field: Any = Household._meta.get_field(name)
        setattr(household, name, field.to_python(row.replaced[name]))
    household.save(update_fields=TAKEN_OVER)
    reason = _("The decision in monitoring case %(number)s was taken back.") % {"number": case.pk}
    tell("household.monitored", household, before, actor, reason)
