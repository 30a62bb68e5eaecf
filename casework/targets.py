"""Which villages or households a round visits, and who would owe how much: before and at its opening."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from casework.ledger import tenures_of
from casework.models import Round, TargetKind
from casework.models.seats import posts_of
from households.models import HelperPairing, Household
from villages.models import Cadre, Post, Posting, Town, Village

HEAVIEST = 10


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


@dataclass(slots=True)
class Load:
    """How many duties one cadre would hold."""

    cadre: Cadre
    duties: int


@dataclass(slots=True)
class RoundPreview:
    """What opening a round would make."""

    towns: list[TownPreview]
    heaviest: list[Load] = field(default_factory=list)

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
    loads: Counter[int] = Counter()
    for village_id, count, cadre_ids in _owed(round, on):
        town = towns[village_id[:9]]
        town.duties += count
        town.vacant += 0 if cadre_ids else count
        for cadre_id in cadre_ids:
            loads[cadre_id] += count
    cadres = Cadre.objects.in_bulk([pk for pk, _count in loads.most_common(HEAVIEST)])
    heaviest = [Load(cadres[pk], count) for pk, count in loads.most_common(HEAVIEST)]
    return RoundPreview(list(towns.values()), heaviest)


def _owed(round: Round, on: date) -> Iterator[tuple[str, int, set[int]]]:
    """Village code, number of duties, and the cadres who would hold each of them."""
    targets = targets_of(round)
    village_column = "pk" if round.is_for_villages else "village_id"
    counts = dict(targets.order_by().values_list(village_column).annotate(count=Count("pk")))
    tenures = tenures_of(Posting.objects.in_force(on), HelperPairing.objects.none())
    helpers = _helpers(targets, on) if Post.HELPER in round.posts else {}
    for seat in round.seats():
        for village_id, count in counts.items():
            holders = tenures.holders(seat, village_id, None, on)
            if Post.HELPER not in posts_of(seat):
                yield village_id, count, holders
                continue
            for household_helpers, households in helpers[village_id].items():
                yield village_id, households, holders | household_helpers


def _helpers(targets: QuerySet[Household], on: date) -> dict[str, Counter[frozenset[int]]]:
    """For each village: how many target households have exactly this set of helpers."""
    paired: dict[int, set[int]] = {}
    for household_id, cadre_id in HelperPairing.objects.in_force(on).values_list("household_id", "cadre_id"):
        paired.setdefault(household_id, set()).add(cadre_id)
    found: dict[str, Counter[frozenset[int]]] = {}
    for pk, village_id in targets.order_by().values_list("pk", "village_id"):
        found.setdefault(village_id, Counter())[frozenset(paired.get(pk, ()))] += 1
    return found
