"""Which villages or households a round visits, and who would owe how much: before and at its opening."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from casework.credit import Tenures
from casework.ledger import tenures_of
from casework.models import Round, TargetKind
from casework.models.seats import posts_of
from households.models import HelperPairing, Household
from villages.models import Post, Posting, Town, Village


def targets_of(round: Round) -> Any:
    """The villages or households the round visits, as of the day its targets are frozen.

    A paired household is one that has a helper or, being poor or monitored, must have one: a missing
    helper is a vacancy to show, not a household to forget. An attached village is any village, for
    the same reason.
    """
    day = round.opened_on
    if round.is_for_villages:
        villages = Village.objects.within(round.place_code).in_register()
        return villages.filter(is_poor=True) if round.target_kind == TargetKind.POOR_VILLAGE else villages
    households = Household.objects.within(round.place_code).registered(day)
    if round.target_kind == TargetKind.POOR_HOUSEHOLD:
        return households.poor()
    if round.target_kind == TargetKind.MONITORED_HOUSEHOLD:
        return households.monitored()
    if round.target_kind == TargetKind.PAIRED_HOUSEHOLD:
        paired = Exists(HelperPairing.objects.in_force(day).filter(household=OuterRef("pk")))
        entitled = Q(pk__in=households.poor().values("pk")) | Q(pk__in=households.monitored().values("pk"))
        return households.filter(Q(paired) | entitled)
    return households


def towns_of(round: Round) -> QuerySet[Town]:
    """The towns a round covers, in order of their codes: it opens town by town."""
    return Town.objects.filter(code__startswith=round.place_code).order_by("code")


@dataclass(slots=True)
class TownPreview:
    """How many duties a town would get, and how many of them nobody would hold today."""

    town: Town
    duties: int = 0
    vacant: int = 0


class Asked(NamedTuple):
    """So many visits asked of one seat in one village, and who holds it: one of them may go for all."""

    seat: str
    village_id: str
    visits: int
    holders: frozenset[int]


@dataclass(slots=True)
class Targets:
    """What a round would find on a day: targets by village, the posts held, and the helpers of its households."""

    counts: dict[str, int]
    tenures: Tenures
    helpers: dict[str, Counter[frozenset[int]]]
    on: date

    def asked_of(self, seats: Iterable[str]) -> Iterator[Asked]:
        """What each of the seats would owe, village by village."""
        for seat in seats:
            for village_id, count in self.counts.items():
                holders = self.tenures.holders(seat, village_id, None, self.on)
                if Post.HELPER not in posts_of(seat):
                    yield Asked(seat, village_id, count, frozenset(holders))
                    continue
                for household_helpers, households in self.helpers[village_id].items():
                    yield Asked(seat, village_id, households, household_helpers | holders)


@dataclass(slots=True)
class RoundPreview:
    """What opening a round would make."""

    towns: list[TownPreview]
    targets: Targets
    asked: list[Asked]

    @property
    def total(self) -> int:
        """Duties in all."""
        return sum(town.duties for town in self.towns)

    @property
    def vacant(self) -> int:
        """Duties nobody would hold today."""
        return sum(town.vacant for town in self.towns)


def preview_round(round: Round, *, on: date) -> RoundPreview:
    """What opening the (unsaved) round would make, with the holders of that day. Writes nothing."""
    towns = {town.code: TownPreview(town) for town in towns_of(round)}
    targets = _found(round, on)
    asked = list(targets.asked_of(round.seats()))
    for row in asked:
        town = towns[row.village_id[:9]]
        town.duties += row.visits
        town.vacant += 0 if row.holders else row.visits
    return RoundPreview(list(towns.values()), targets, asked)


def helpers_on(day: date) -> dict[int, frozenset[int]]:
    """Who helps which household that day."""
    paired: dict[int, set[int]] = defaultdict(set)
    for household_id, cadre_id in HelperPairing.objects.in_force(day).values_list("household_id", "cadre_id"):
        paired[household_id].add(cadre_id)
    return {household_id: frozenset(cadres) for household_id, cadres in paired.items()}


def _found(round: Round, on: date) -> Targets:
    targets = targets_of(round)
    village_column = "pk" if round.is_for_villages else "village_id"
    counts = dict(targets.order_by().values_list(village_column).annotate(count=Count("pk")))
    tenures = tenures_of(Posting.objects.in_force(on), HelperPairing.objects.none())
    return Targets(counts, tenures, _helpers(targets, on) if Post.HELPER in round.posts else {}, on)


def _helpers(targets: QuerySet[Household], on: date) -> dict[str, Counter[frozenset[int]]]:
    """For each village: how many target households have exactly this set of helpers."""
    paired = helpers_on(on)
    found: dict[str, Counter[frozenset[int]]] = {}
    for pk, village_id in targets.order_by().values_list("pk", "village_id"):
        found.setdefault(village_id, Counter())[paired.get(pk, frozenset())] += 1
    return found
