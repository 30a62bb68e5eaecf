"""States exclude each other and add up, every number is as long as its list, nobody sees too much."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.coverage import BY_PLACE, BY_POST, BY_UNIT, NO_UNIT, Counts, duties_behind, figures
from casework.models import Contact, Duty, Outcome, Round, State, TargetKind
from casework.rounds import close_round, excuse_duty
from casework.tests.reference import Reference
from casework.tests.world import LONG_AGO, TODAY, state_on
from households.residence import save_household
from villages.models import Pairing, Post
from villages.postings import save_pairing

pytestmark = [pytest.mark.django_db, pytest.mark.core]

AFTER_DUE = date(2026, 11, 3)
CELL_OF = {BY_PLACE: "place_code", BY_POST: "post", BY_UNIT: "unit"}


@pytest.fixture
def cast(world):
    return world.cast()


@pytest.fixture
def round(world, cast) -> Round:
    """One duty in every state, in three villages, and one more done by phone."""
    homes = [world.household(f"户{n}") for n in range(4)]
    world.household("空缺户", world.sibling)
    foreign = world.household("外村户", world.foreign)
    world.post("外村村长", Post.VILLAGE_CHIEF, world.foreign)
    round = world.round([Post.VILLAGE_CHIEF])
    world.visit(homes[0], date(2026, 10, 5), cast["chief"])
    world.visit(homes[1], date(2026, 10, 6), cast["chief"], contact=Contact.PHONE, outcome=Outcome.FAMILY_AWAY)
    excuse_duty(duty=Duty.objects.get(household=homes[2]), actor=cast["supervisor"], on=TODAY, reason="在外")
    foreign.left_on = TODAY
    save_household(foreign, actor=None, on=TODAY)
    return round


def counts(table) -> dict[str, dict[str, int]]:
    return {row.key: {name: n for name, n in row.counts.as_dict().items() if n} for row in table.rows}


def test_the_table_by_place_goes_from_district_to_town_to_village_in_order_of_codes(world, cast, round):
    district = figures(round, cadre=cast["supervisor"], on=TODAY, by=BY_PLACE)
    town = figures(round, cadre=cast["supervisor"], on=TODAY, place_code=world.town.pk, by=BY_PLACE)

    assert counts(district) == {
        "360704101": {"total": 5, "done": 2, "by_phone": 1, "open": 1, "vacant": 1, "excused": 1},
        "360704102": {"total": 1, "excused": 1},
    }
    assert counts(town) == {
        "360704101200": {"total": 4, "done": 2, "by_phone": 1, "open": 1, "excused": 1},
        "360704101201": {"total": 1, "vacant": 1},
    }
    assert [row.label for row in district.rows] == ["王母渡镇", "沙地镇"]


def test_the_last_row_sums_the_counts_and_is_no_mean_of_rates(cast, round):
    table = figures(round, cadre=cast["supervisor"], on=TODAY)

    assert table.total == Counts(total=6, done=2, by_phone=1, open=1, vacant=1, excused=2)
    assert table.total.rate == 2 / 4
    assert [row.counts.rate for row in table.rows] == [2 / 4, None]


def test_after_the_due_date_what_was_open_is_overdue(cast, round):
    table = figures(round, cadre=cast["supervisor"], on=AFTER_DUE)

    assert (table.total.open, table.total.overdue) == (0, 1)
    assert table.as_of == AFTER_DUE


def test_any_past_day_can_be_asked(cast, round):
    days = [date(2026, 10, 4), date(2026, 10, 5), date(2026, 10, 6)]

    tables = [figures(round, cadre=cast["supervisor"], on=day).total for day in days]

    assert [(table.done, table.by_phone, table.excused) for table in tables] == [(0, 0, 0), (1, 0, 0), (2, 1, 0)]


@pytest.mark.parametrize("by", [BY_PLACE, BY_POST, BY_UNIT])
def test_every_number_is_as_long_as_its_list_and_states_add_up(world, cast, round, by):
    for place_code, on in product(["", "360704101", "360704101200"], [TODAY, AFTER_DUE]):
        table = figures(round, cadre=cast["supervisor"], on=on, place_code=place_code, by=by)
        assert table.rows
        for row in table.rows:
            assert row.counts.total == sum(getattr(row.counts, state) for state in State.values)
            cell = {"place_code": place_code, CELL_OF[by]: row.key}
            for column, count in row.counts.as_dict().items():
                filters = {"total": {}, "by_phone": {"by_phone": True}}.get(column, {"state": column})
                listed = duties_behind(round, cadre=cast["supervisor"], on=on, **cell, **filters)
                assert len(listed) == count, (row.key, column)


def test_each_duty_is_in_exactly_one_state(cast, round):
    lists = {
        state: set(duties_behind(round, cadre=cast["supervisor"], on=AFTER_DUE, state=state)) for state in State.values
    }

    assert Counter(duty for duties in lists.values() for duty in duties) == Counter(Duty.objects.all())


def test_by_unit_every_village_counts_once_under_its_lead_unit_of_that_day(world, cast, round):
    second = world.unit("区财政局", is_lead=False)
    extra = Pairing(unit=second, village=world.village, is_lead=False, starts_on=LONG_AGO)
    save_pairing(extra, actor=None, on=TODAY)
    archive = Pairing.objects.get(is_lead=True).unit

    table = figures(round, cadre=cast["supervisor"], on=TODAY, by=BY_UNIT)

    assert {row.key: row.counts.total for row in table.rows} == {str(archive.pk): 4, NO_UNIT: 2}
    assert table.rows[-1].key == NO_UNIT


def test_a_family_without_a_helper_is_vacant_in_the_table_and_on_the_list(world, cast):
    helped, left = world.household("有帮扶"), world.household("没帮扶")
    world.help("帮扶", helped)
    world.help("走了", left, ends_on=date(2026, 10, 10))
    round = world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    table = figures(round, cadre=cast["supervisor"], on=TODAY, place_code="360704")
    vacant = duties_behind(round, cadre=cast["supervisor"], on=TODAY, place_code="360704", state=State.VACANT)

    assert (table.total.vacant, table.total.open) == (1, 1)
    assert [duty.household for duty in vacant] == [left]


def test_by_post_an_any_post_seat_is_one_row(world, cast):
    world.household("张三")
    round = world.round([Post.VILLAGE_CHIEF, Post.FIRST_SECRETARY], is_any_post=True)

    table = figures(round, cadre=cast["supervisor"], on=TODAY, by=BY_POST)

    assert [row.key for row in table.rows] == ["any:first_secretary+village_chief"]


def test_a_closed_round_stands_still_at_its_closing(world, cast, round):
    close_round(round=round, actor=cast["supervisor"], on=AFTER_DUE)
    round.refresh_from_db()
    late = Duty.objects.with_state(AFTER_DUE).get(state=State.OVERDUE).household
    world.visit(late, AFTER_DUE + timedelta(days=1), cast["chief"])

    table = figures(round, cadre=cast["supervisor"], on=AFTER_DUE + timedelta(days=30))

    assert (table.as_of, table.total.overdue) == (AFTER_DUE, 1)


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("district_secretary", {"360704101", "360704102"}),
        ("supervisor", {"360704101", "360704102"}),
        ("district_leader", {"360704101"}),
        ("town_supervisor", {"360704101"}),
        ("chief", {"360704101"}),
        ("unit_leader", {"360704101"}),
        ("outsider", set()),
    ],
)
def test_everybody_reads_the_figures_of_what_they_reach(cast, round, role, places):
    table = figures(round, cadre=cast[role], on=TODAY)

    assert {row.key for row in table.rows} == places
    whole = {"district_secretary": 6, "supervisor": 6, "district_leader": 5, "town_supervisor": 5, "outsider": 0}
    assert table.total.total == whole.get(role, 4)


def test_each_role_sees_the_duties_the_reference_says(world, cast, round):
    helper = world.help("帮扶", Duty.objects.filter(village=world.sibling).get().household)
    for on in (date(2024, 12, 31), TODAY):
        facts = Reference()
        for cadre in (*cast.values(), helper):
            seen = set(Duty.objects.visible_to(cadre, on))
            assert seen == {duty for duty in facts.duties.values() if facts.sees(cadre, duty, on)}, cadre


def test_pending_duties_are_those_of_running_rounds_still_open_or_overdue(world, cast, round):
    world.round([Post.VILLAGE_CHIEF], starts_on=date(2026, 12, 1), due_on=date(2026, 12, 31), on=TODAY)

    assert Duty.objects.pending(TODAY).owed_by(cast["chief"], TODAY).count() == 1
    assert state_on(AFTER_DUE, pk__in=Duty.objects.pending(AFTER_DUE)) == State.OVERDUE
    close_round(round=round, actor=cast["supervisor"], on=AFTER_DUE)
    assert Duty.objects.pending(AFTER_DUE).count() == 0


def test_a_cadre_with_several_posts_owes_the_duties_of_each(world):
    mine, neighbour = world.household("张三"), world.household("李四")
    cadre = world.post("身兼数职", Post.VILLAGE_CHIEF, world.village)
    world.help(cadre, mine)
    world.round([Post.VILLAGE_CHIEF])
    world.round([Post.HELPER, Post.FIRST_SECRETARY], is_any_post=True)
    world.round([Post.HELPER], TargetKind.PAIRED_HOUSEHOLD)

    owed = Duty.objects.owed_by(cadre, TODAY).order_by("round_id", "household_id").values_list("seat", "household")

    assert list(owed) == [
        ("village_chief", mine.pk),
        ("village_chief", neighbour.pk),
        ("any:first_secretary+helper", mine.pk),
        ("helper", mine.pk),
    ]
    assert not Duty.objects.owed_by(world.cadre("局外人"), TODAY).exists()


def test_the_figures_cost_as_many_queries_for_three_villages_as_for_one(world, cast):
    world.household("张三")
    one = world.round([Post.VILLAGE_CHIEF])
    world.household("李四", world.sibling)
    world.household("王五", world.foreign)
    three = world.round([Post.VILLAGE_CHIEF])
    spent = []
    for round in (one, three):
        for by in (BY_PLACE, BY_POST, BY_UNIT):
            with CaptureQueriesContext(connection) as queries:
                figures(round, cadre=cast["supervisor"], on=TODAY, by=by)
            spent.append(len(queries))

    assert spent[:3] == spent[3:]
    assert max(spent) <= 4
