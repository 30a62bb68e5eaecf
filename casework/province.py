"""A province at one glance: the running rounds of each district, in sums that were counted some minutes ago."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet

from casework import kept
from casework.coverage import Counts, whole
from casework.models import KeptFigures, Round
from villages import reach
from villages.calendar import day_of
from villages.models import Cadre, District

# One sweep ends well before the next; what is left over is counted by that, the oldest first.
SECONDS = 20
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class RoundLine:
    """A running round; `counted_at` None: nobody has counted it yet."""

    round: Round
    counts: Counts
    counted_at: datetime | None


@dataclass(slots=True)
class DistrictLine:
    """A district with its running rounds and their sum. The sum is of `counted_at`, or later for some rounds."""

    district: District
    rounds: list[RoundLine] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    @property
    def counted_at(self) -> datetime | None:
        """The moment of the oldest of the figures in the sum."""
        return min((line.counted_at for line in self.rounds if line.counted_at), default=None)

    @property
    def uncounted(self) -> int:
        """Rounds that are not in the sum yet."""
        return sum(line.counted_at is None for line in self.rounds)


def sees_several_districts(cadre: Cadre, on: date) -> bool:
    """Whether there is more than one district of which the cadre sees everything; a superuser may always look."""
    return cadre.is_superuser or len(reach.whole_districts_of(cadre, on)[:2]) == 2


def province(cadre: Cadre, on: date) -> list[DistrictLine]:
    """The districts of which the cadre sees everything, in order of codes. Three queries, however many they are."""
    lines = {district.pk: DistrictLine(district) for district in reach.whole_districts_of(cadre, on).order_by("pk")}
    rounds = Round.objects.running(on).filter(district__in=reach.whole_districts_of(cadre, on))
    sums = _sums(rounds, on)
    for round in rounds.select_related("town").order_by("starts_on", "pk"):
        counts, counted_at = sums.get(round.pk, (Counts(), None))
        line = lines[round.district_id]
        line.rounds.append(RoundLine(round, counts, counted_at))
        line.counts.add(counts)
    return list(lines.values())


def count_running_rounds(*, now: datetime, seconds: float = SECONDS) -> int:
    """Count the rounds again whose figures of the day are older than the office allows; returns how many.

    The oldest first, and for some seconds only. Running it twice at once counts no round twice.
    """
    day = day_of(now)
    too_old = Q(last=None) | Q(last__lt=now - timedelta(minutes=settings.PROVINCE_KEPT_MINUTES))
    last = Max("kept_figures__counted_at", filter=Q(kept_figures__day=day))
    waiting = (
        Round.objects.running(day).annotate(last=last).filter(too_old).order_by(F("last").asc(nulls_first=True), "pk")
    )
    began, counted = time.monotonic(), 0
    for round in waiting:
        passed = time.monotonic() - began
        if passed > seconds:
            break
        moment = now + timedelta(seconds=passed)
        kept.kept_or_counted(round, day, count=partial(whole, round, day), now=moment)
        counted += 1
    return counted


def _sums(rounds: QuerySet[Round], on: date) -> dict[int, tuple[Counts, datetime]]:
    """By round: what was last counted for the day; soon after midnight what was counted for the day before."""
    rows = KeptFigures.objects.filter(round__in=rounds, day__range=(on - ONE_DAY, on), counted_at__isnull=False)
    found: dict[int, tuple[Counts, datetime]] = {}
    for round_id, counted_at, *numbers in rows.order_by("day").values_list("round", "counted_at", *kept.SUMS):
        found[round_id] = Counts(*numbers), counted_at
    return found
