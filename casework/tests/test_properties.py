"""Whatever happens, in whatever order: credit, states and coverage are what the slow reference says.

ENGINE_EXAMPLES=500 ENGINE_STEPS=60 searches wider, from a new seed each time; the default is the same
search in every run.
"""

import os
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from casework.corrections import correct_visit
from casework.counting import counts_for
from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, Counts, duties_behind, figures
from casework.models import ClosingFigure, Contact, Duty, KeptFigures, Outcome, Repetition, Round, TargetKind, Visit
from casework.models.rounds import VILLAGE_TARGETS, VISITING_POSTS, RoundState
from casework.recredit import Derived, differences, recredit
from casework.report import VisitReport
from casework.report_checks import colleagues_of
from casework.rounds import close_round, continue_opening, excuse_duty, open_next_periods, open_round
from casework.tests.random_facts import RandomFacts, days, may_be_refused, numbers
from casework.tests.reference import Reference, expected_seats
from casework.tests.world import World, at
from casework.visits import record_visit
from households.models import Household
from households.residence import village_on
from villages.models import Cadre, Post, Village

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 20,
    stateful_step_count=int(os.environ.get("ENGINE_STEPS", "20")),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LOOKED_AT = [date(2026, 9, 30), date(2026, 10, 12), date(2026, 10, 31), date(2026, 11, 9), date(2026, 11, 30)]
BY = [BY_PLACE, BY_POST, BY_UNIT]
# What a row's key is called where its list is asked for.
CELL_OF = {BY_PLACE: "place_code", BY_POST: "post", BY_UNIT: "unit"}
PLACES = ["", "", "360704101", "360704101200"]
COLUMNS = list(Counts().as_dict())
MOST_ROUNDS = 5

# Most visits count, so that there is something to take back.
MET = (Contact.HOME.value, Outcome.MET.value)
AWAY = (Contact.PHONE.value, Outcome.FAMILY_AWAY.value)
ways = st.sampled_from([MET, MET, AWAY]) | st.tuples(st.sampled_from(Contact.values), st.sampled_from(Outcome.values))
visits = st.fixed_dictionaries(
    {
        "id": st.uuids(version=4),
        "number": numbers,
        "is_household": st.sampled_from([True, True, False]),
        "day": days,
        "how": ways,
        "who": st.lists(numbers, min_size=1, max_size=3),
        "late_by": st.integers(0, 20),
    }
)


def some(values: Any, most: int) -> st.SearchStrategy[list[str]]:
    """One to `most` of the values."""
    return st.lists(st.sampled_from([value.value for value in values]), min_size=1, max_size=most, unique=True)


class Engine(RandomFacts):
    """Rounds and visits on top of changing facts; after each step everything is compared."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.closings: dict[int, list[Any]] = {}

    def teardown(self) -> None:
        """Look at everything as everybody, then forget the example."""
        try:
            facts = Reference()
            for turn, cadre in enumerate(self.cadres, start=self.steps):
                compare_figures(facts, cadre, LOOKED_AT[turn % len(LOOKED_AT)], turn)
            assert recredit(Duty.objects.all()) == 0
        finally:
            super().teardown()

    # Rounds ---------------------------------------------------------------------------------------

    @precondition(lambda self: Round.objects.count() < MOST_ROUNDS)
    @rule(
        posts=some(VISITING_POSTS, 3),
        target_kind=st.sampled_from(TargetKind),
        is_any_post=st.booleans(),
        contacts=some(Contact, 3),
        outcomes=some(Outcome, 2),
        counts_away_by_phone=st.booleans(),
        repetition=st.sampled_from([Repetition.ONCE, Repetition.MONTHLY]),
        period=st.tuples(days, st.integers(0, 40), st.integers(0, 5)),
        is_for_town=st.booleans(),
        on=days,
    )
    def open(self, posts: list[str], period: tuple[date, int, int], is_for_town: bool, on: date, **rule: Any) -> None:
        """A round by any rule; its duties are the seats times the targets of that day."""
        starts_on, length, grace_days = period
        if rule["target_kind"] in VILLAGE_TARGETS:
            posts = [post for post in posts if post != Post.HELPER] or [Post.VILLAGE_CHIEF.value]
        round = Round(
            name="随机轮次",
            posts=posts,
            district=self.world.district,
            town=self.world.town if is_for_town else None,
            starts_on=starts_on,
            due_on=starts_on + timedelta(days=length),
            grace_days=grace_days,
            **rule,
        )
        self.check_opened(open_round(round, actor=None, on=on))

    def check_opened(self, round: Round) -> None:
        """Make the duties and compare them with the targets as the facts stand."""
        assert continue_opening(round.pk)
        expected = {(seat, *target) for seat in expected_seats(round) for target in Reference().targets(round)}
        assert set(round.duties.values_list("seat", "village_id", "household_id")) == expected

    @rule(number=numbers, on=days, stop_repeating=st.booleans())
    def close(self, number: int, on: date, stop_repeating: bool) -> None:
        """The closing figures are what the reference says that day, and stay so."""
        round = self.pick(Round, number)
        if round.state == RoundState.OPEN:
            close_round(round=round, actor=None, on=on, stop_repeating=stop_repeating)
            facts = Reference()
            states = Counter(facts.state(duty, on)[0] for duty in facts.duties.values() if duty.round_id == round.pk)
            assert Counter(round.duties.values_list("closing_state", flat=True)) == states
            self.closings[round.pk] = list(ClosingFigure.objects.filter(round=round).order_by("pk").values())
            assert sum(row["total"] for row in self.closings[round.pk]) == states.total()
            for state, count in states.items():
                assert sum(row[state] for row in self.closings[round.pk]) == count

    @precondition(lambda self: Round.objects.count() < MOST_ROUNDS)
    @rule(on=days)
    def next_periods(self, on: date) -> None:
        """Repeating rounds that are over get their next period, once."""
        for round in open_next_periods(on=on):
            self.check_opened(round)
        assert open_next_periods(on=on) == []

    @rule(number=numbers, on=days)
    def excuse(self, number: int, on: date) -> None:
        """A duty is excused from some day on."""
        duty = self.pick(Duty, number)
        if duty and duty.round.state == RoundState.OPEN:
            excuse_duty(duty=duty, actor=self.supervisor, on=on, reason="在外务工")

    # Visits ---------------------------------------------------------------------------------------

    def visitors(self, village_id: str, day: date, numbers: list[int]) -> list[Cadre]:
        """Some of those who may be named there that day; the supervisor when nobody may."""
        allowed = list(colleagues_of(village_id, day, day).order_by("pk")) or [self.supervisor]
        return list(dict.fromkeys(allowed[number % len(allowed)] for number in numbers))

    @rule(made=st.lists(visits, min_size=1, max_size=3))
    def visit(self, made: list[dict[str, Any]]) -> None:
        """One trip, or a few."""
        for visit in made:
            self.record(**visit)

    def record(
        self, id: UUID, number: int, is_household: bool, day: date, how: tuple[str, str], who: list[int], late_by: int
    ) -> None:
        """Recorded at once or later, sent twice; it counts for what the form said."""
        household = self.pick(Household, number) if is_household else None
        village = None if household else self.pick(Village, number)
        report = VisitReport(
            id=id,
            household=household,
            village=village,
            visited_on=day,
            contact=how[0],
            outcome=how[1],
            visitors=self.visitors(village_on(household, day) if household else village.pk, day, who),
        )
        said = {counting.duty.pk for counting in counts_for(report) if counting.is_counted}
        with may_be_refused():
            stored = record_visit(report, actor=self.supervisor, now=at(day + timedelta(days=late_by)))
            assert record_visit(report, actor=self.supervisor, now=at(day + timedelta(days=21))) == stored
            facts = Reference()
            counted = {duty.pk for duty in facts.duties.values() if stored in facts.counting_visits(duty)}
            assert said == counted

    @rule(
        id=st.uuids(version=4),
        number=numbers,
        day=st.none() | days,
        how=ways,
        who=st.lists(numbers, max_size=3),
        withdraw=st.booleans(),
    )
    def correct(
        self, id: UUID, number: int, day: date | None, how: tuple[str, str], who: list[int], withdraw: bool
    ) -> None:
        """Another day, other visitors, another outcome; or it did not take place."""
        visit = self.pick(Visit, number)
        if visit is None or visit.superseded_by_id is not None:
            return
        day = day or visit.visited_on
        report = VisitReport(
            id=id,
            household=visit.household,
            village=None if visit.household else visit.village,
            visited_on=day,
            contact=how[0],
            outcome=how[1],
            visitors=self.visitors(visit.village_id, day, who) if who else list(visit.visitors.all()),
        )
        now = at(day + timedelta(days=30))
        with may_be_refused():
            correct_visit(visit, report, actor=self.supervisor, now=now, reason="记错了", withdraw=withdraw)

    # What must hold -------------------------------------------------------------------------------

    @invariant()
    def agrees_with_the_reference(self) -> None:
        """Credit of every duty, the states of one day, and the figures of another, in turn."""
        self.steps += 1
        facts = Reference()
        for duty in facts.duties.values():
            stored = tuple(getattr(duty, name) for name in Derived._fields)
            assert stored == facts.derived(duty), f"{duty} {duty.pk}"
        assert list(differences(Duty.objects.all())) == []
        on = LOOKED_AT[self.steps % len(LOOKED_AT)]
        rows = Duty.objects.with_state(on).values_list("pk", "state", "is_by_phone")
        expected = {duty.pk: facts.state(duty, on) for duty in facts.duties.values()}
        assert {pk: (state, is_by_phone) for pk, state, is_by_phone in rows} == expected
        # The next day looked at, and no multiple of the other lengths: in time every one meets every other.
        compare_figures(facts, self.supervisor, LOOKED_AT[(self.steps + 1) % len(LOOKED_AT)], self.steps * 11)

    @invariant()
    def closing_figures_stand_still(self) -> None:
        """They are what they were when the round was closed."""
        for pk, closing in self.closings.items():
            assert list(ClosingFigure.objects.filter(round=pk).order_by("pk").values()) == closing


def compare_figures(facts: Reference, cadre: Cadre, on: date, turn: int) -> None:
    """A round's table is the reference's, and a number in it is the length of its list; by turns."""
    round = sorted(facts.rounds.values(), key=lambda round: round.pk)[turn % len(facts.rounds)]
    by, place_code, column = BY[turn % len(BY)], PLACES[turn % len(PLACES)], COLUMNS[turn % len(COLUMNS)]
    expected = facts.figures(round, cadre, on, place_code, by)
    table = figures(round, cadre=cadre, on=on, place_code=place_code, by=by)
    assert {row.key: row.counts.as_dict() for row in table.rows} == expected
    assert table.total.as_dict() == {name: sum(row[name] for row in expected.values()) for name in COLUMNS}
    with override_settings(FIGURES_KEPT_FROM=1):
        # Whoever asked first: kept of the whole round, and shown of what this cadre sees.
        kept = figures(round, cadre=cadre, on=on, place_code=place_code, by=by, now=at(on), is_anew=True)
    assert (kept.rows, kept.total) == (table.rows, table.total)
    KeptFigures.objects.all().delete()
    filters: dict[str, Any] = {"total": {}, "by_phone": {"by_phone": True}}.get(column, {"state": column})
    if table.rows:
        row = table.rows[turn % len(table.rows)]
        cell = {"place_code": place_code, CELL_OF[by]: row.key}
        assert duties_behind(round, cadre=cadre, on=on, **cell, **filters).count() == getattr(row.counts, column)


@pytest.mark.core
@pytest.mark.django_db
def test_the_engine_agrees_with_the_reference_whatever_happens() -> None:
    world = World()
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    cadres = [world.cadre(f"干部{n}") for n in range(5)]
    engine = type("EngineInWorld", (Engine,), {"world": world, "supervisor": supervisor, "cadres": cadres})

    run(engine, settings=PROFILE)
