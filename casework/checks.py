"""The guarantees looked at on visits, as checks of the household file: what the visits of a day say, and no more."""

from datetime import date

from casework.models import Visit
from casework.report import VisitReport
from households.guarantees import set_checks
from households.models import Household, Source
from villages.models import Cadre


def follow_guarantees(report: VisitReport, corrected: Visit | None = None, *, actor: Cadre) -> None:
    """Bring the household file in line with a visit just stored; `corrected` is the version before it.

    Most visits look at no guarantee, and then nothing is asked. In the caller's transaction.
    """
    touched = {(report.visited_on, kind) for kind, _state in report.extras.guarantees}
    if corrected is not None:
        touched |= {(corrected.visited_on, kind) for kind in corrected.guarantees or {}}
    if report.household is None or not touched:
        return
    for day in sorted({day for day, _kind in touched}):
        said = _said_on(report.household, day)
        states = {kind: said.get(kind) for on, kind in sorted(touched) if on == day}
        set_checks(report.household, states, on=day, source=Source.VISIT, actor=actor)


def _said_on(household: Household, day: date) -> dict[str, str]:
    """What the standing visits of the day say, the later over the earlier."""
    visits = Visit.objects.standing().filter(household=household, visited_on=day, guarantees__isnull=False)
    found: dict[str, str] = {}
    for said in visits.order_by("received_at", "pk").values_list("guarantees", flat=True):
        found |= said or {}
    return found
