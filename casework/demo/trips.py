"""Who went where on which day in the made-up district: trips, before they are written down as visits."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from casework.demo.chance import shares
from casework.demo.district import Demo, Home
from casework.demo.households import Help
from casework.demo.staff import VILLAGE_POSTS, Staff
from casework.models import Contact, Outcome
from villages.models import Post, SpecialDay

CLOSING_DELAY = timedelta(days=5)  # after a month's end its helper round is closed


class Month(NamedTuple):
    """A month of visits: its days so far, working days more often, and how much of it is over."""

    first: date
    last: date
    days: list[date]
    share: float

    @property
    def closes_on(self) -> date:
        """The day on which the month's helper round is closed, if it is over by then."""
        return self.last + CLOSING_DELAY


class Trip(NamedTuple):
    """Who went to a household, or to a village, on a day, and how it ended."""

    day: date
    home: Home | None
    village_id: str
    party: tuple[int, ...]
    post: str
    contact: str
    outcome: str


def months_of(demo: Demo) -> list[Month]:
    """The months of the demo up to yesterday, the oldest first."""
    this_month = demo.on.replace(day=1)
    firsts = [this_month - relativedelta(months=back) for back in reversed(range(demo.size.months))]
    special = dict(SpecialDay.objects.filter(day__gte=firsts[0]).values_list("day", "is_workday"))
    found = []
    for first in firsts:
        last = first + relativedelta(months=1, days=-1)
        past = [first + timedelta(days=n) for n in range((min(last, demo.on - timedelta(days=1)) - first).days + 1)]
        days = [day for day in past for _chance in range(4 if special.get(day, day.weekday() < 5) else 1)]
        found.append(Month(first, last, days, len(past) / last.day))
    return found


class Planner:
    """Thinks up the trips of one month after the other; every post goes on where it stopped."""

    def __init__(self, demo: Demo, staff: Staff, homes: dict[str, list[Home]], helps: dict[int, list[Help]]) -> None:
        self.demo, self.staff, self.homes, self.helps = demo, staff, homes, helps
        self.rng = demo.draws("trips")
        self.unseen_from = self._unseen()
        self._positions: dict[tuple[str, str], int] = {}
        self._towns = {
            town.pk: [home for village in demo.villages_of(town) for home in homes[village.pk] if home.is_exited]
            for town in demo.towns
        }

    def _unseen(self) -> dict[int, date]:
        """From which day on nobody met the household: hard to find, moved, or left for tomorrow.

        The helper account has some of each, so that its first page shows what is due and what is overdue.
        """
        on, unseen = self.demo.on, {}
        this_month = on.replace(day=1)
        for home in chain.from_iterable(self.homes.values()):
            if self.rng.random() < (0.2 if home.is_monitored else 0.03):
                unseen[home.pk] = on - timedelta(days=self.rng.randint(40, 90))
        for home in self.demo.of_the_helper[1::2]:
            unseen[home.pk] = this_month
        for home in self.demo.of_the_helper[:1]:
            unseen[home.pk] = this_month - relativedelta(months=1)
        return unseen

    def trips(self, month: Month, wanted: int) -> Iterator[Trip]:
        """About so many trips in the month: the helpers' and leaders' own, then the village posts' tours."""
        if not month.days:
            return
        made = 0
        for trip in chain(self._helpers(month), self._town_secretaries(month), self._leaders(month)):
            made += 1
            yield trip
        quotas = shares(max(wanted - made, 0), [len(rows) for rows in self.homes.values()])
        for village_id, quota in zip(self.homes, quotas, strict=True):
            yield from self._tours(village_id, month, quota)

    def _helpers(self, month: Month) -> Iterator[Trip]:
        """Helpers see their households on one or two days of the month; who was not met is tried again."""
        rng = self.rng
        days: dict[int, tuple[date, date]] = {}
        for home in chain.from_iterable(self.homes.values()):
            for help in self.helps.get(home.pk, ()):
                if not help.is_primary or rng.random() > 0.95 * month.share:
                    continue
                day = rng.choice(days.setdefault(help.cadre_id, (rng.choice(month.days), rng.choice(month.days))))
                if not help.holds(day) or not self._is_there(home, day):
                    continue
                trip = self._trip(day, home, (help.cadre_id, *self._second(home, help, day)), Post.HELPER)
                yield trip
                again = day + timedelta(days=rng.randint(2, 6))
                is_possible = again in month.days and help.holds(again) and self._is_there(home, again)
                if trip.outcome == Outcome.NOBODY_HOME and is_possible:
                    yield self._trip(again, home, (help.cadre_id,), Post.HELPER)

    def _second(self, home: Home, help: Help, day: date) -> tuple[int, ...]:
        """The second helper goes along now and then."""
        others = [other.cadre_id for other in self.helps[home.pk] if other is not help and other.holds(day)]
        return tuple(others[:1]) if others and self.rng.random() < 0.4 else ()

    def _town_secretaries(self, month: Month) -> Iterator[Trip]:
        for town_id, homes in self._towns.items():
            for _visit in range(round(len(homes) * month.share * 0.75 / self.demo.size.months)):
                home = self._next(homes, Post.TOWN_SECRETARY, town_id, step=7)
                day = self.rng.choice(month.days)
                cadre_id = self.staff.holder(Post.TOWN_SECRETARY, [town_id], day)
                if cadre_id is None or not self._is_there(home, day):
                    continue
                secretary = self.staff.holder(Post.VILLAGE_SECRETARY, [home.village_id], day)
                party = (cadre_id, secretary) if secretary and self.rng.random() < 0.4 else (cadre_id,)
                yield self._trip(day, home, party, Post.TOWN_SECRETARY)

    def _leaders(self, month: Month) -> Iterator[Trip]:
        """The District Secretary in poor villages and the leaders in theirs, at times also in a home."""
        chance = 0.75 * month.share / self.demo.size.months
        for village in self.demo.villages:
            posts = [Post.DISTRICT_LEADER, *([Post.DISTRICT_SECRETARY] if village.is_poor else [])]
            for post in posts:
                if self.rng.random() > chance:
                    continue
                day = self.rng.choice(month.days)
                cadre_id = self.staff.holder(post, [village.pk, village.town_id, self.demo.district.pk], day)
                if cadre_id is None:
                    continue
                homes = self.homes[village.pk]
                home = self.rng.choice(homes) if homes and self.rng.random() < 0.35 else None
                chief = self.staff.holder(Post.VILLAGE_CHIEF, [village.pk], day)
                party = (cadre_id, chief) if chief and chief != cadre_id and self.rng.random() < 0.5 else (cadre_id,)
                if home is None or not self._is_there(home, day):
                    yield Trip(day, None, village.pk, party, post, Contact.HOME, Outcome.MET)
                else:
                    yield self._trip(day, home, party, post)

    def _tours(self, village_id: str, month: Month, quota: int) -> Iterator[Trip]:
        """The village's chief and secretaries, alone or together, through neighbouring households."""
        rng, homes = self.rng, self.homes[village_id]
        for _tour in range(quota + 3 if homes else 0):
            if quota <= 0:
                return
            day = rng.choice(month.days)
            posts = rng.sample(VILLAGE_POSTS, rng.choices((1, 2, 3), (45, 30, 25))[0])
            party = tuple(
                dict.fromkeys(
                    cadre_id for post in posts if (cadre_id := self.staff.holder(post, [village_id], day)) is not None
                )
            )
            for _home in range(min(quota, rng.randint(2, 6)) if party else 0):
                home = self._next(homes, posts[0], village_id)
                if self._is_there(home, day):
                    quota -= 1
                    yield self._trip(day, home, party, posts[0])

    def _next(self, homes: list[Home], post: str, place: str, step: int = 1) -> Home:
        """The household after the one the post saw last; a step of 7 goes through a town, not a street."""
        start = self._positions.setdefault((post, place), self.rng.randrange(len(homes)))
        self._positions[post, place] = start + (step if len(homes) % step else 1)
        return homes[start % len(homes)]

    def _is_there(self, home: Home, day: date) -> bool:
        """Whether the household was registered and could be met that day."""
        if day < home.registered_on or (home.left_on and day >= home.left_on):
            return False
        return day < self.unseen_from.get(home.pk, date.max)

    def _trip(self, day: date, home: Home, party: tuple[int, ...], post: str) -> Trip:
        contact, outcome = self._meeting(home)
        return Trip(day, home, home.village_id, party, post, contact, outcome)

    def _meeting(self, home: Home) -> tuple[str, str]:
        chance = self.rng.random()
        if home.is_away:
            if chance < 0.75:
                return (Contact.PHONE if chance < 0.6 else Contact.VIDEO), Outcome.FAMILY_AWAY
            return Contact.HOME, (Outcome.FAMILY_AWAY if chance < 0.9 else Outcome.MET)
        if chance < 0.9:
            return (Contact.HOME if chance < 0.85 else Contact.ELSEWHERE), Outcome.MET
        if chance < 0.94:
            return Contact.PHONE, Outcome.MET
        return Contact.HOME, (Outcome.NOBODY_HOME if chance < 0.997 else Outcome.REFUSED)
