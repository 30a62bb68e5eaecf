"""Which villages are behind the calendar in a running round, by the line that the trend draws."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Q

from casework.models import Duty, Round, State
from casework.pace import Period
from villages.calendar import workdays_in

ONE_DAY = timedelta(days=1)


class Behind(NamedTuple):
    """A village that has done less of a round than its period's working days would ask."""

    round: Round
    village_id: str
    done: int
    owed: int


def villages_behind(on: date, villages: Collection[str] | None = None) -> Iterator[Behind]:
    """Villages whose share done lies more than BEHIND_PERCENT below the expected line at the end of yesterday.

    Rounds that are over are no question of pace: what is left there is overdue. One grouped query.
    """
    running = Round.objects.running(on).filter(due_on__gte=on)
    expected = {round.pk: (round, _expected(round, on)) for round in running}
    duties = Duty.objects.filter(round__in=list(expected))
    if villages is not None:
        duties = duties.filter(village__in=sorted(set(villages)))
    owed = Count("pk", filter=~Q(state=State.EXCUSED))
    groups = (
        duties.with_state(on)
        .order_by()
        .values_list("round", "village")
        .annotate(done=Count("pk", filter=Q(state=State.DONE)), owed=owed)
    )
    for round_id, village_id, done, count in groups.order_by("village", "round"):
        round, share = expected[round_id]
        if count and 100 * done / count < 100 * share - settings.BEHIND_PERCENT:
            yield Behind(round, village_id, done, count)


def _expected(round: Round, on: date) -> float:
    yesterday = on - ONE_DAY
    period = Period(
        starts_on=round.starts_on,
        due_on=round.due_on,
        last_credit_on=round.last_credit_on,
        as_of=yesterday,
        until=yesterday,
        workdays=workdays_in(round.starts_on, round.due_on),
    )
    return period.expected_share(yesterday)
