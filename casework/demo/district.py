"""The places of the made-up district: its villages and their groups, the poor ones, the units paired with them."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from casework.demo.chance import draws, insert, shares
from casework.demo.size import DemoSize
from casework.demo.words import GROUP_NAMES, OFFICES
from villages.models import Cadre, District, Pairing, PartnerUnit, Town, Village, VillagerGroup


class Home(NamedTuple):
    """A household as far as its visitors care."""

    pk: int
    village_id: str
    is_exited: bool
    is_monitored: bool
    is_away: bool
    registered_on: date
    left_on: date | None


@dataclass
class Demo:
    """What has been made so far, in memory: small facts that the later parts build on."""

    size: DemoSize
    seed: int
    on: date
    district: District
    towns: list[Town]
    villages: list[Village]
    showcase: Village
    groups: dict[str, list[VillagerGroup]] = field(default_factory=dict)
    units: list[PartnerUnit] = field(default_factory=list)
    lead_unit: dict[str, PartnerUnit] = field(default_factory=dict)
    accounts: dict[str, Cadre] = field(default_factory=dict)
    of_the_helper: list[Home] = field(default_factory=list)
    cleared: set[int] = field(default_factory=set)

    def draws(self, part: str) -> Random:
        """The part's own stream of chance."""
        return draws(self.seed, part)

    @property
    def long_ago(self) -> date:
        """A day before every round of the demo: whoever started then was there all the time."""
        return date(self.on.year - 2, 3, 1)

    def villages_of(self, town: Town) -> list[Village]:
        """The town's villages, in order of their codes."""
        return [village for village in self.villages if village.town_id == town.pk]


def start(*, size: DemoSize, seed: int, on: date) -> Demo:
    """The villages to fill, all of them at full size, and one that shows every role."""
    villages = list(Village.objects.in_register().select_related("town__district").order_by("code")[: size.villages])
    towns = list({village.town_id: village.town for village in villages}.values())
    by_town = [[village for village in villages if village.town_id == town.pk] for town in towns]
    showcase = next((members for members in by_town if len(members) >= 10), by_town[0])[0]
    return Demo(size, seed, on, towns[0].district, towns, villages, showcase)


def make_places(demo: Demo) -> None:
    """Mark the poor villages and enter the villager groups under names as villages have them."""
    rng = demo.draws("places")
    others = [village for village in demo.villages if village is not demo.showcase]
    poor = [demo.showcase, *rng.sample(others, demo.size.poor_villages - 1)]
    for village in poor:
        village.is_poor = True
    Village.objects.filter(pk__in=[village.pk for village in poor]).update(is_poor=True)
    counts = shares(demo.size.groups, [rng.uniform(0.6, 1.4) for _village in demo.villages])
    rows = (
        VillagerGroup(village=village, number=number, name=f"{name}组")
        for village, count in zip(demo.villages, counts, strict=True)
        for number, name in enumerate(rng.sample(GROUP_NAMES, count), start=1)
    )
    for group in insert(VillagerGroup, rows):
        demo.groups.setdefault(group.village_id, []).append(group)


def make_units(demo: Demo) -> None:
    """Enter the partner units; each leads in about two villages, and some villages have a second unit."""
    rng = demo.draws("units")
    names = [*OFFICES, *(f"{town.name}{'人民政府' if town.name[-1] in '镇乡' else ''}" for town in demo.towns)]
    names += [f"区第{number}机关服务队" for number in range(1, demo.size.units - len(names) + 1)]
    demo.units = list(insert(PartnerUnit, (PartnerUnit(name=name) for name in names[: demo.size.units])))
    leads = [
        unit
        for unit, count in zip(demo.units, shares(len(demo.villages), [1] * len(demo.units)), strict=True)
        for _ in range(count)
    ]
    rng.shuffle(leads)
    demo.lead_unit = {village.pk: unit for village, unit in zip(demo.villages, leads, strict=True)}
    rows = [Pairing(unit=unit, village_id=code, starts_on=demo.long_ago) for code, unit in demo.lead_unit.items()]
    for village in rng.sample(demo.villages, len(demo.villages) // 20):
        second = rng.choice([unit for unit in demo.units if unit is not demo.lead_unit[village.pk]] or [None])
        if second:
            rows.append(Pairing(unit=second, village=village, is_lead=False, starts_on=demo.long_ago))
    list(insert(Pairing, rows))
