"""The households of the made-up district, in natural groups, and the helpers paired with them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from casework.demo.chance import day_between, insert, shares
from casework.demo.district import Demo, Home
from casework.demo.files import fill_in
from casework.demo.names import clan, head_of
from casework.demo.staff import Staff
from casework.demo.words import HOUSES
from households.models import BaseType, HelperPairing, Household, MonitoringType
from households.pinyin import initials_of
from villages.models import Cadre, Post, Village, VillagerGroup

SMALL_GROUP = 4  # households a group has at least, so that few households do not thin out over all groups


class Help(NamedTuple):
    """A helper pairing as far as visits care."""

    cadre_id: int
    is_primary: bool
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def make_households(demo: Demo) -> dict[str, list[Home]]:
    """Register the households; the homes by village, neighbours beside each other."""
    rng = demo.draws("households")
    # The village that shows every role gets households in all its groups, however few the others have.
    weights = [6.0 if village is demo.showcase else rng.uniform(0.6, 1.4) for village in demo.villages]
    if demo.size.households > 100 * len(demo.villages):
        weights[demo.villages.index(demo.showcase)] = 1.0
    counts = shares(demo.size.households, weights)
    poverty = [count * (1.6 if village.is_poor else 1.0) for village, count in zip(demo.villages, counts, strict=True)]
    exited = shares(demo.size.exited, poverty)
    facts = demo.draws("facts")
    rows = (
        fill_in(facts, household)
        for village, count, poor in zip(demo.villages, counts, exited, strict=True)
        for household in _village(demo, rng, village, count, min(poor, count))
    )
    homes: dict[str, list[Home]] = {village.pk: [] for village in demo.villages}
    for row in insert(Household, rows):
        homes[row.village_id].append(_home(row))
    return homes


def _home(row: Household) -> Home:
    is_exited, is_monitored = row.base_type == BaseType.EXITED, bool(row.monitoring_type)
    return Home(row.pk, row.village_id, is_exited, is_monitored, row.is_away, row.registered_on, row.left_on)


def _village(demo: Demo, rng: Random, village: Village, count: int, exited: int) -> Iterator[Household]:
    """The households of one village, numbered through its groups."""
    all_groups = demo.groups[village.pk]
    groups = sorted(
        rng.sample(all_groups, max(1, min(len(all_groups), count // SMALL_GROUP))), key=lambda group: group.number
    )
    poor = set(rng.sample(range(count), exited))
    serial = 0
    for group, members in zip(groups, shares(count, [rng.uniform(0.5, 1.5) for _group in groups]), strict=True):
        family = clan(rng)
        for _member in range(members):
            yield _household(demo, rng, village, group, serial, head_of(rng, family), is_exited=serial in poor)
            serial += 1


def _household(
    demo: Demo, rng: Random, village: Village, group: VillagerGroup, serial: int, head: str, *, is_exited: bool
) -> Household:
    registered_on = day_between(rng, date(2014, 6, 1), date(2017, 12, 20) if is_exited else date(2019, 6, 30))
    left_on = None
    fate = rng.random()
    if fate < 0.003:  # registered in the middle of the current rounds
        registered_on = max(demo.on.replace(day=1), demo.on - timedelta(days=rng.randint(1, 15)))
    elif fate < 0.006:  # left the register not long ago
        left_on = demo.on - timedelta(days=rng.randint(3, 40))
    return Household(
        number=f"{village.pk}{serial + 1:04d}",
        village=village,
        group=group,
        head_name=head,
        initials=initials_of(head),
        members=rng.choices(range(1, 9), (8, 17, 24, 25, 15, 7, 3, 1))[0],
        house=rng.choice(HOUSES) if rng.random() < 0.7 else "",
        base_type=BaseType.EXITED if is_exited else BaseType.ORDINARY,
        monitoring_type=_monitoring(rng, is_exited),
        is_away=rng.random() < 0.12,
        registered_on=registered_on,
        left_on=left_on,
    )


def _monitoring(rng: Random, is_exited: bool) -> str:
    chance = rng.random()
    if chance < 0.002:
        return MonitoringType.SUDDEN
    if is_exited:
        return MonitoringType.UNSTABLE if chance < 0.035 else ""
    return MonitoringType.MARGINAL if chance < 0.012 else ""


def make_helpers(demo: Demo, staff: Staff, homes: dict[str, list[Home]]) -> dict[int, list[Help]]:
    """Pair every exited or monitored household with a helper, some with a second one; helps by household.

    First Secretaries help, at full size team members too; the others are cadres of the lead unit. A few
    helpers were replaced in the middle of a round, and a few ended without a successor.
    """
    rng = demo.draws("helpers")
    entitled = {code: [home for home in rows if home.is_exited or home.is_monitored] for code, rows in homes.items()}
    hired = _hire_helpers(demo, staff, rng, entitled)
    rows: list[HelperPairing] = []
    for code, needing in entitled.items():
        helpers = [cadre.pk for cadre in hired[code]]
        if leader := staff.holder(Post.TEAM_LEADER, [code], demo.long_ago):
            helpers.append(leader)
        helpers += staff.members(code) if demo.size.do_members_help else []
        rows += _pairings(demo, rng, needing, helpers)
    helps: dict[int, list[Help]] = defaultdict(list)
    for row in insert(HelperPairing, rows):
        helps[row.household_id].append(Help(row.cadre_id, row.is_primary, row.starts_on, row.ends_on))
    _show_one(demo, homes[demo.showcase.pk], helps)
    return helps


def _show_one(demo: Demo, homes: list[Home], helps: dict[int, list[Help]]) -> None:
    """Remember the helper account's households of today; the first is a monitored one."""
    helper = demo.accounts["helper"].pk
    demo.of_the_helper = [
        home
        for home in homes
        if not home.left_on and any(help.cadre_id == helper and help.holds(demo.on) for help in helps[home.pk])
    ]
    for home in demo.of_the_helper[:1]:
        homes[homes.index(home)] = home._replace(is_monitored=True)
        Household.objects.filter(pk=home.pk).update(monitoring_type=MonitoringType.UNSTABLE, is_away=False)


def _hire_helpers(demo: Demo, staff: Staff, rng: Random, entitled: dict[str, list[Home]]) -> dict[str, list[Cadre]]:
    """Cadres who only help, shared out by need; the first of the shown village is the helper account."""
    missing = max(demo.size.cadres - len(staff.cadres), 1)
    counts = shares(missing, [len(rows) for rows in entitled.values()])
    showcase = demo.showcase.pk
    new = {
        code: [
            staff.hire(unit=demo.lead_unit[code], account="helper" if code == showcase and number == 0 else "")
            for number in range(max(count, 1 if code == showcase else 0))
        ]
        for code, count in zip(entitled, counts, strict=True)
    }
    list(insert(Cadre, (cadre for cadres in new.values() for cadre in cadres)))
    return new


def _pairings(demo: Demo, rng: Random, needing: list[Home], helpers: list[int]) -> Iterator[HelperPairing]:
    """Neighbouring households go to the same helper; a helper is there as long as the household is."""
    counts = shares(len(needing), [1] * len(helpers)) if helpers else []
    primary = (cadre_id for cadre_id, count in zip(helpers, counts, strict=True) for _household in range(count))
    for home, cadre_id in zip(needing, primary, strict=False):
        starts_on = max(home.registered_on, day_between(rng, demo.long_ago - timedelta(days=900), demo.long_ago))
        others = [other for other in helpers if other != cadre_id]
        fate = rng.random()
        ends_on = home.left_on - timedelta(days=1) if home.left_on else None
        if fate < 0.02 and not home.left_on and starts_on < demo.long_ago:
            ends_on = demo.on - timedelta(days=rng.randint(10, 45))
        yield HelperPairing(household_id=home.pk, cadre_id=cadre_id, starts_on=starts_on, ends_on=ends_on)
        if ends_on and not home.left_on and fate < 0.015 and others:
            after = ends_on + timedelta(days=1)
            yield HelperPairing(household_id=home.pk, cadre_id=rng.choice(others), starts_on=after)
        elif others and not ends_on and rng.random() < 0.08:
            second = rng.choice(others)
            yield HelperPairing(household_id=home.pk, cadre_id=second, is_primary=False, starts_on=starts_on)
