"""What every verb on a monitoring case needs: it held for us, the household's record following it, the trail."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from households.models import CaseState, CaseStep, Household, MonitoringCase, Step
from villages import audit
from villages.models import Cadre

# What a household's record takes over from its case.
TAKEN_OVER = ("monitoring_type", "risks", "risk_identified_on", "is_risk_cleared", "risk_cleared_on")


def locked(case: MonitoringCase, actor: Cadre | None, on: date) -> MonitoringCase:
    """The case as it is now, held for us. The household comes first, as when a case is opened: no deadlock."""
    visible = MonitoringCase.objects.visible_to(actor, on) if actor is not None else MonitoringCase.objects.all()
    household = Household.objects.select_for_update(of=("self",)).get(pk=visible.get(pk=case.pk).household_id)
    locked = MonitoringCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    locked.household = household
    return locked


def carry_over(case: MonitoringCase, actor: Cadre | None) -> None:
    """Let the household's record follow a case that is decided or cleared.

    The national register stays the master: the trail says that this came from here, and the next import shows
    the difference until the register knows it too.
    """
    if accepted_case(case.household) != case:  # not accepted, or an older case than the one that holds
        return
    days = dict(case.steps.standing().filter(step__in=[Step.DECIDE, Step.CLEAR]).values_list("step", "done_on"))
    household = case.household
    before = audit.snapshot(household)
    household.monitoring_type, household.risks = case.monitoring_type, list(case.risks)
    household.risk_identified_on = days[Step.DECIDE]
    household.is_risk_cleared = case.state == CaseState.CLEARED
    household.risk_cleared_on = days.get(Step.CLEAR)
    household.save(update_fields=TAKEN_OVER)
    reason = _("From monitoring case %(number)s; the national register stays the master.") % {"number": case.pk}
    tell("household.monitored", household, before, actor, reason)


def accepted_case(household: Household) -> MonitoringCase | None:
    """The case that the household's record follows: the latest that is decided or cleared."""
    accepted = MonitoringCase.objects.filter(state__in=[CaseState.DECIDED, CaseState.CLEARED], household=household)
    return accepted.order_by("-pk").first()


def tell(verb: str, row: Any, before: dict[str, Any], actor: Cadre | None, reason: str = "") -> None:
    """Put down what has changed in a case, a step or a household since the snapshot; nothing when nothing has."""
    changes = audit.difference(before, audit.snapshot(row))
    if changes:
        household = row if isinstance(row, Household) else (row.case if isinstance(row, CaseStep) else row).household
        audit.record(
            actor=actor, verb=verb, target=row, village_id=household.village_id, reason=reason.strip(), changes=changes
        )
