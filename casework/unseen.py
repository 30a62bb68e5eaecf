"""Which households nobody has met in person for so many days, whatever the rounds ask for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from casework.models import Contact, Outcome, Visit
from casework.models.visits import REMOTE_CONTACTS
from casework.parts import villages_of
from casework.splits import class_of, is_of, of_kind
from households.models import HelperPairing, Household
from households.models.households import HouseholdQuerySet
from villages.models import Cadre

# Village code, monitoring type ("" for none), base type.
Cell = tuple[str, str, str]

MET, BY_PHONE, UNSEEN = "met", "phone", "unseen"
REACHED = "reached"  # met or by phone
IN_PERSON = [contact for contact in Contact.values if contact not in REMOTE_CONTACTS]
REACHED_AT_ALL = Q(outcome=Outcome.MET) | Q(outcome=Outcome.FAMILY_AWAY, contact__in=sorted(REMOTE_CONTACTS))


@dataclass(slots=True)
class Seen:
    """Households: met in person, otherwise only by phone, otherwise unseen; the three add up to the total."""

    total: int = 0
    met: int = 0
    phone: int = 0
    monitored: int = 0  # of the unseen

    @property
    def unseen(self) -> int:
        """Those nobody has met in any way."""
        return self.total - self.met - self.phone

    @property
    def owed(self) -> int:
        """The rate's denominator: every household."""
        return self.total

    @property
    def rate(self) -> float | None:
        """Met in person of all, from 0 to 1; None where nobody lives."""
        return self.met / self.total if self.total else None

    def seen(self, how: str) -> int:
        """Those seen in one of the ways; all for none."""
        ways = {MET: self.met, BY_PHONE: self.phone, REACHED: self.met + self.phone, UNSEEN: self.unseen}
        return ways.get(how, self.total)

    def add(self, other: "Seen") -> None:
        """Add the other's counts."""
        self.total += other.total
        self.met += other.met
        self.phone += other.phone
        self.monitored += other.monitored


def households_behind(
    *, cadre: Cadre, on: date, days: int, place_code: str, kind: str = "", seen: str = "", seen_on: date | None = None
) -> HouseholdQuerySet:
    """Exactly the households behind a number, by class and by how they were seen in the days up to `on`."""
    households = Household.objects.visible_to(cadre, seen_on or on).registered(on).within(place_code)
    if kind:
        households = households.filter(of_kind(kind, ""))
    return _seen(households, seen, on, days)


def _seen(households: HouseholdQuerySet, seen: str, on: date, days: int) -> HouseholdQuerySet:
    met, reached = _met_in(on, days, Q(outcome=Outcome.MET, contact__in=IN_PERSON)), _met_in(on, days, REACHED_AT_ALL)
    if seen == MET:
        return households.filter(Exists(met))
    if seen == REACHED:
        return households.filter(Exists(reached))
    if seen == BY_PHONE:
        return households.filter(~Exists(met), Exists(reached))
    return households.filter(~Exists(reached)) if seen == UNSEEN else households


def count_cells(households: HouseholdQuerySet, *, on: date, days: int) -> dict[Cell, Seen]:
    """By village, monitoring type and base type. Three grouped queries: all, met in person, reached in any way."""
    found: dict[Cell, Seen] = defaultdict(Seen)
    for village_id, kind, base, count in _counted(households):
        found[village_id, kind, base].total = count
    for village_id, kind, base, count in _counted(_seen(households, MET, on, days)):
        found[village_id, kind, base].met = count
    for village_id, kind, base, count in _counted(_seen(households, REACHED, on, days)):
        found[village_id, kind, base].phone = count - found[village_id, kind, base].met
    for (_village_id, kind, _base), counts in found.items():
        counts.monitored = counts.unseen if kind else 0
    return dict(found)


def named(households: HouseholdQuerySet, on: date) -> HouseholdQuerySet:
    """The households by village, group and number, with the last visit of that day or before, and how it went."""
    last = Visit.objects.standing().filter(household=OuterRef("pk"), visited_on__lte=on).order_by("-visited_on", "pk")
    last_met = last.filter(outcome=Outcome.MET, contact__in=IN_PERSON)
    return (
        households.select_related("village", "group")
        .order_by("village_id", "group__number", "number")
        .annotate(
            last_on=Subquery(last.values("visited_on")[:1]),
            last_contact=Subquery(last.values("contact")[:1]),
            last_outcome=Subquery(last.values("outcome")[:1]),
            last_met_on=Subquery(last_met.values("visited_on")[:1]),
        )
    )


def numbers_of(cells: Mapping[Cell, Seen], *, kind: str = "", seen: str = "") -> dict[str, int]:
    """How many households of the kind each village has that were seen in that way."""
    numbers: Counter[str] = Counter()
    for (village_id, monitoring_type, base_type), counts in cells.items():
        if not kind or is_of(class_of(monitoring_type, base_type), kind):
            numbers[village_id] += counts.seen(seen)
    return numbers


def part_of(households: HouseholdQuerySet, numbers: Mapping[str, int], wanted: range) -> list[Household]:
    """The wanted of those that named() gives: looked for in the villages in which they lie by the numbers."""
    if not wanted:
        return []
    between, before = villages_of(numbers, wanted)
    return list(households.filter(village__code__range=between)[before : before + len(wanted)])


def helpers_of(households: Iterable[Household], on: date) -> dict[int, list[Cadre]]:
    """Who helps each household that day, the primary helper first. One query."""
    pairings = HelperPairing.objects.in_force(on).filter(household__in=[household.pk for household in households])
    found: dict[int, list[Cadre]] = defaultdict(list)
    for pairing in pairings.select_related("cadre").order_by("-is_primary", "pk"):
        found[pairing.household_id].append(pairing.cadre)
    return dict(found)


def _met_in(on: date, days: int, how: Q) -> Any:
    """Standing visits of that kind in the days up to `on`, it included."""
    since = on - timedelta(days=days)
    return Visit.objects.standing().filter(how, household=OuterRef("pk"), visited_on__gt=since, visited_on__lte=on)


def _counted(households: HouseholdQuerySet) -> Any:
    grouped = households.order_by().values_list("village_id", "monitoring_type", "base_type")
    return grouped.annotate(count=Count("pk"))
