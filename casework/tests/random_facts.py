"""Random changes of posts, pairings and households, for the property test to draw from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from casework.models.rounds import VISITING_POSTS
from casework.tests.world import World
from households.models import BaseType, HelperPairing, Household, MonitoringType
from households.pairings import remove_helper_pairing, replace_helper, save_helper_pairing
from households.residence import move_household, save_household
from villages.models import Cadre, Pairing, PartnerUnit, Post, Posting
from villages.postings import end_posting, remove_posting, replace_holder, save_pairing, save_posting

FIRST = date(2026, 9, 21)
HANDED_OVER_ON = date(2026, 10, 6)
MOST_HOUSEHOLDS = 6

# Mostly few days, on and beside the borders of the first round, so that beginnings, ends and visits meet.
MEETING_DAYS = [date(2026, 9, 30), *(date(2026, 10, day) for day in (1, 5, 6, 7, 31)), date(2026, 11, 1)]
days = st.sampled_from(MEETING_DAYS) | st.integers(0, 59).map(lambda n: FIRST + timedelta(days=n))
last_days = st.none() | days
numbers = st.integers(0, 1000)
LEVEL_OF_POST = {Post.DISTRICT_SECRETARY: "district", Post.DISTRICT_LEADER: "town", Post.TOWN_SECRETARY: "town"}
posts = st.sampled_from([post for post in VISITING_POSTS if post != Post.HELPER])


def some(values: Any, most: int | None = None) -> st.SearchStrategy[list[str]]:
    """One to all (or `most`) of the values."""
    return st.lists(st.sampled_from([str(value) for value in values]), min_size=1, max_size=most, unique=True)


@contextmanager
def may_be_refused() -> Iterator[None]:
    """What the system refuses with a message to a person has not happened."""
    try:
        with transaction.atomic():
            yield
    except ValidationError:
        pass


def not_before(starts_on: date, ends_on: date | None) -> date | None:
    """The last day, or the first where it would come before it; none for open-ended."""
    return ends_on and max(starts_on, ends_on)


class RandomFacts(RuleBasedStateMachine):
    """Posts, pairings and households change in any order, by the verbs, as requests would do it."""

    world: World
    supervisor: Cadre
    cadres: list[Cadre]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        """Forget the example."""
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def pick(self, model: Any, number: int) -> Any:
        """Some row of the model as it is stored now, or None when there is none."""
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return model.objects.get(pk=keys[number % len(keys)]) if keys else None

    def place_for(self, post: str, number: int) -> dict[str, Any]:
        """The place field of a posting and a place at the level where the post stands."""
        level = LEVEL_OF_POST.get(Post(post), "village")
        places = {"district": [self.world.district], "town": [self.world.town, self.world.other_town]}
        choices = places.get(level, self.villages)
        return {level: choices[number % len(choices)]}

    @initialize()
    def begin(self) -> None:
        """A few posts, households and helpers, and one running round, so that something can count at once."""
        world = self.world
        self.villages = [world.village, world.sibling, world.foreign]
        for cadre, village in zip(self.cadres, self.villages, strict=False):
            world.post(cadre, Post.VILLAGE_CHIEF, village, ends_on=HANDED_OVER_ON)
        households = [world.household(f"户{n}", village) for n, village in enumerate(self.villages)]
        world.help(self.cadres[3], households[0])
        world.help(self.cadres[4], households[1], ends_on=HANDED_OVER_ON)
        world.unit("区档案馆", world.village, world.foreign)
        world.round([Post.HELPER, Post.VILLAGE_CHIEF])

    # Posts and pairings ---------------------------------------------------------------------------

    @rule(cadre=numbers, post=posts, place=numbers, starts_on=days, ends_on=last_days)
    def start_posting(self, cadre: int, post: str, place: int, starts_on: date, ends_on: date | None) -> None:
        """Also long after the fact: the days lie anywhere."""
        holder = self.cadres[cadre % len(self.cadres)]
        where = self.place_for(post, place)
        posting = Posting(cadre=holder, post=post, starts_on=starts_on, ends_on=not_before(starts_on, ends_on), **where)
        with may_be_refused():
            save_posting(posting, actor=None, on=FIRST)

    @rule(number=numbers, cadre=numbers, starts_on=days, ends_on=last_days, is_same_cadre=st.booleans(), place=numbers)
    def correct_posting(
        self, number: int, cadre: int, starts_on: date, ends_on: date | None, is_same_cadre: bool, place: int
    ) -> None:
        """Other days, perhaps another cadre, another place."""
        if (posting := self.pick(Posting, number)) and posting.cadre_id != self.supervisor.pk:
            posting.starts_on, posting.ends_on = starts_on, not_before(starts_on, ends_on)
            if not is_same_cadre:
                posting.cadre = self.cadres[cadre % len(self.cadres)]
                for field, value in self.place_for(posting.post, place).items():
                    setattr(posting, field, value)
            with may_be_refused():
                save_posting(posting, actor=None, on=FIRST)

    @rule(number=numbers, cadre=numbers, day=days, how=st.sampled_from(["end", "replace", "remove"]))
    def end_or_replace_holder(self, number: int, cadre: int, day: date, how: str) -> None:
        """Somebody goes; perhaps somebody comes."""
        posting = self.pick(Posting, number)
        if posting is None or posting.cadre_id == self.supervisor.pk:
            return
        successor = self.cadres[cadre % len(self.cadres)]
        with may_be_refused():
            if how == "end":
                end_posting(posting=posting, ends_on=day, actor=None, on=FIRST)
            elif how == "replace":
                replace_holder(posting=posting, cadre=successor, starts_on=day, actor=None, on=FIRST)
            else:
                remove_posting(posting=posting, actor=None, on=FIRST, reason="误录")

    @rule(household=numbers, cadre=numbers, starts_on=days, ends_on=last_days, is_primary=st.booleans())
    def start_helping(
        self, household: int, cadre: int, starts_on: date, ends_on: date | None, is_primary: bool
    ) -> None:
        """A helper, or a second one."""
        pairing = HelperPairing(
            household=self.pick(Household, household),
            cadre=self.cadres[cadre % len(self.cadres)],
            starts_on=starts_on,
            ends_on=not_before(starts_on, ends_on),
            is_primary=is_primary,
        )
        with may_be_refused():
            save_helper_pairing(pairing, actor=None, on=FIRST)

    @rule(
        number=numbers,
        household=numbers,
        cadre=numbers,
        day=days,
        ends_on=last_days,
        how=st.sampled_from(["correct", "replace", "remove"]),
    )
    def change_helper(self, number: int, household: int, cadre: int, day: date, ends_on: date | None, how: str) -> None:
        """Another household or other days; another helper from a day on; none at all."""
        pairing = self.pick(HelperPairing, number)
        if pairing is None:
            return
        with may_be_refused():
            if how == "correct":
                pairing.household = self.pick(Household, household)
                pairing.starts_on, pairing.ends_on = day, not_before(day, ends_on)
                save_helper_pairing(pairing, actor=None, on=FIRST)
            elif how == "replace":
                successor = self.cadres[cadre % len(self.cadres)]
                replace_helper(pairing=pairing, cadre=successor, starts_on=day, actor=None, on=FIRST)
            else:
                remove_helper_pairing(pairing=pairing, actor=None, on=FIRST, reason="误录")

    @rule(number=numbers, village=numbers, starts_on=days, ends_on=last_days, is_lead=st.booleans())
    def pair_unit(self, number: int, village: int, starts_on: date, ends_on: date | None, is_lead: bool) -> None:
        """Correct a pairing, or enter one for another unit."""
        pairing = self.pick(Pairing, number) if number % 2 else Pairing()
        pairing.unit = self.pick(PartnerUnit, number)
        pairing.village = self.villages[village % len(self.villages)]
        pairing.starts_on, pairing.ends_on, pairing.is_lead = starts_on, not_before(starts_on, ends_on), is_lead
        with may_be_refused():
            save_pairing(pairing, actor=None, on=FIRST)

    # Households -----------------------------------------------------------------------------------

    @precondition(lambda self: Household.objects.count() < MOST_HOUSEHOLDS)
    @rule(
        village=numbers,
        day=days,
        base_type=st.sampled_from(BaseType),
        monitoring_type=st.sampled_from(["", MonitoringType.MARGINAL]),
        ends_on=last_days,
    )
    def register_household(
        self, village: int, day: date, base_type: str, monitoring_type: str, ends_on: date | None
    ) -> None:
        """Perhaps with a known last day."""
        where = self.villages[village % len(self.villages)]
        with may_be_refused():
            self.world.household(
                "新户",
                where,
                registered_on=day,
                left_on=not_before(day, ends_on),
                base_type=base_type,
                monitoring_type=monitoring_type,
            )

    @rule(number=numbers, village=numbers, day=days)
    def move(self, number: int, village: int, day: date) -> None:
        """To another village from some day on, past or to come."""
        household = self.pick(Household, number)
        with may_be_refused():
            move_household(
                household=household,
                to_village=self.villages[village % len(self.villages)],
                moved_on=day,
                actor=None,
                on=day,
            )

    @rule(number=numbers, left_on=st.none() | days, on=days)
    def leave_or_stay(self, number: int, left_on: date | None, on: date) -> None:
        """It leaves the register, or left on another day, or did not leave."""
        household = self.pick(Household, number)
        household.left_on = left_on
        with may_be_refused():
            save_household(household, actor=None, on=on)
