"""How the period before stood on the same day of its time, and how it ended."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, BY_VILLAGE, NO_UNIT, Counts
from casework.models import ClosingFigure, Round
from casework.splits import table_by
from villages.models import Cadre, Pairing, Village

WITH_CLOSING = (BY_PLACE, BY_VILLAGE, BY_POST, BY_UNIT)


@dataclass(slots=True)
class LastPeriod:
    """The previous round's counts by row key on the same day of its period, and as they were closed.

    `closing` is empty while it is open, and where closing figures are not kept so finely.
    """

    round: Round
    same_day: date
    counts: dict[str, Counts]
    total: Counts
    closing: dict[str, Counts] = field(default_factory=dict)
    closing_total: Counts = field(default_factory=Counts)
    counted_at: datetime | None = None


def last_period(
    round: Round,
    *,
    cadre: Cadre,
    on: date,
    place_code: str,
    by: str,
    seen_on: date | None = None,
    now: datetime | None = None,
    is_anew: bool = False,
) -> LastPeriod | None:
    """The period before as the same table shows it; nothing for a round that is the first of its kind."""
    previous = round.previous
    if previous is None:
        return None
    same_day = same_day_before(round, previous, on)
    asked: dict[str, Any] = {"cadre": cadre, "on": same_day, "place_code": place_code, "seen_on": seen_on}
    table = table_by(by, previous, now=now, is_anew=is_anew, **asked)
    counts = {row.key: row.counts for row in table.rows}
    found = LastPeriod(previous, same_day, counts, table.total, counted_at=table.counted_at)
    if previous.closed_on and by in WITH_CLOSING:
        found.closing = closing_by(by, previous, cadre=cadre, on=seen_on or on, place_code=place_code)
        for closed in found.closing.values():
            found.closing_total.add(closed)
    return found


def same_day_before(round: Round, previous: Round, on: date) -> date:
    """The day on which the previous round was as old as the round is on the day asked for."""
    return previous.day_of_figures(previous.starts_on + (round.day_of_figures(on) - round.starts_on))


def closing_by(by: str, round: Round, *, cadre: Cadre, on: date, place_code: str) -> dict[str, Counts]:
    """A closed round's stored figures by the keys of the table's rows, in the villages the cadre reaches."""
    columns = list(Counts().as_dict())
    reached = Village.objects.visible_to(cadre, on).within(place_code).order_by()
    stored = ClosingFigure.objects.filter(round=round, village__in=reached)
    units = _units(round.day_of_figures(on)) if by == BY_UNIT else {}
    digits = 12 if by == BY_VILLAGE or len(place_code) >= 9 else 9
    sums: dict[str, Counts] = defaultdict(Counts)
    for village_id, seat, *numbers in stored.values_list("village_id", "seat", *columns):
        key = {BY_POST: seat, BY_UNIT: units.get(village_id, NO_UNIT)}.get(by, village_id[:digits])
        sums[key].add(Counts(**dict(zip(columns, numbers, strict=True))))
    return dict(sorted(sums.items()))


def _units(on: date) -> dict[str, str]:
    leads = Pairing.objects.in_force(on).filter(is_lead=True)
    return {village_id: str(unit_id) for village_id, unit_id in leads.values_list("village_id", "unit_id")}
