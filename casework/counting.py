"""What a visit counts for, said before it is saved and on the receipt."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from casework.credit import DutyFact, why_not
from casework.ledger import duties_at, rule_of, tenures_on_visit
from casework.models import Duty
from casework.models.rounds import RoundState
from casework.report import VisitReport


@dataclass(frozen=True, slots=True)
class Counting:
    """One duty at the target, and whether the visit counts for it; if not, why not."""

    duty: Duty
    is_counted: bool
    reason: str
    already_on: date | None


def counts_for(report: VisitReport) -> list[Counting]:
    """Every duty of an open round, or of the visit's day, at the target; those that count first."""
    fact = report.fact()
    in_period = Q(round__starts_on__lte=fact.visited_on, round__last_credit_on__gte=fact.visited_on)
    duties = (
        Duty.objects.filter(duties_at(fact.household_id, fact.village_id))
        .filter(in_period | Q(round__state=RoundState.OPEN))
        .select_related("round")
        .order_by("round__due_on", "pk")
    )
    tenures = tenures_on_visit(fact.cadre_ids, fact.household_id, fact.visited_on)
    found = []
    for duty in duties:
        duty_fact = DutyFact(duty.pk, duty.seat, duty.village_id, duty.household_id, rule_of(duty.round))
        obstacle = why_not(fact, duty_fact, tenures)
        reason = str(obstacle.words) if obstacle else ""
        already = duty.credited_on if duty.credited_visit_id != fact.id else None
        if not obstacle and already:
            reason = _("already done; this visit is kept as a further one")
        found.append(Counting(duty, obstacle is None, reason, already))
    return sorted(found, key=lambda counting: not counting.is_counted)
