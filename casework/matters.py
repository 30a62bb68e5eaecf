"""Which matters there are on a day: seats with overdue visits, and vacant seats that owe visits."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from casework.models import Duty, Round, State
from casework.models.matters import MatterKind

ONE_DAY = timedelta(days=1)


class MatterKey(NamedTuple):
    """What makes a standing matter unique. `round_id` is None for a vacant seat: it is vacant in all rounds."""

    village_id: str
    seat: str
    round_id: int | None

    @property
    def kind(self) -> str:
        """What the matter is."""
        return MatterKind.VACANT if self.round_id is None else MatterKind.OVERDUE


class Found(NamedTuple):
    """Since when a matter is one, and about how many visits it is. `since` is None when only today tells."""

    since: date | None
    left: int


def matters_on(on: date, villages: Iterable[str] | None = None) -> dict[MatterKey, Found]:
    """The matters of the running rounds, by one grouped query: states are those of Duty.with_state(), as everywhere."""
    due_on = dict(Round.objects.running(on).order_by().values_list("pk", "due_on"))
    duties = Duty.objects.filter(round__in=list(due_on))
    if villages is not None:
        duties = duties.filter(village__in=sorted(set(villages)))
    groups = (
        duties.with_state(on)
        .order_by()
        .values_list("round", "village", "seat")
        .annotate(overdue=Count("pk", filter=Q(state=State.OVERDUE)), vacant=Count("pk", filter=Q(state=State.VACANT)))
    )
    found: dict[MatterKey, Found] = {}
    for round_id, village_id, seat, overdue, vacant in groups.filter(Q(overdue__gt=0) | Q(vacant__gt=0)):
        if overdue:
            found[MatterKey(village_id, seat, round_id)] = Found(due_on[round_id] + ONE_DAY, overdue)
        if vacant:
            key = MatterKey(village_id, seat, None)
            found[key] = Found(None, vacant + (found[key].left if key in found else 0))
    return found
