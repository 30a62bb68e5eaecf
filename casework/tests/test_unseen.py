"""Tests of the households nobody has met: by person, by phone, by nobody; on any day, for any number of days."""

from datetime import date, datetime, timedelta

import pytest

from casework.corrections import correct_visit
from casework.models import Contact, KeptUnseen, Outcome
from casework.tests.world import TODAY, World, at
from casework.unseen import BY_PHONE, MET, UNSEEN, Seen, helpers_of, households_behind, named
from casework.unseen_figures import BY_CLASS, BY_PLACE, SeenRow, seen_figures, total_of
from households.models import Household, MonitoringType
from villages.models import Cadre, Post

pytestmark = pytest.mark.django_db

ON_THE_EDGE, OVER_IT = TODAY - timedelta(days=89), TODAY - timedelta(days=90)


def how(world: World, household: Household, supervisor: Cadre, on: date = TODAY, days: int = 90) -> str:
    """The one list of the three on which the household stands."""
    lists = [
        seen
        for seen in (MET, BY_PHONE, UNSEEN)
        if household in households_behind(cadre=supervisor, on=on, days=days, place_code="360704", seen=seen)
    ]
    assert len(lists) == 1
    return lists[0]


@pytest.mark.parametrize(
    ("day", "contact", "outcome", "seen"),
    [
        (ON_THE_EDGE, Contact.HOME, Outcome.MET, MET),
        (OVER_IT, Contact.HOME, Outcome.MET, UNSEEN),
        (TODAY, Contact.ELSEWHERE, Outcome.MET, MET),
        (TODAY, Contact.HOME, Outcome.NOBODY_HOME, UNSEEN),
        (TODAY, Contact.HOME, Outcome.FAMILY_AWAY, UNSEEN),
        (TODAY, Contact.HOME, Outcome.REFUSED, UNSEEN),
        (TODAY, Contact.PHONE, Outcome.MET, BY_PHONE),
        (TODAY, Contact.VIDEO, Outcome.FAMILY_AWAY, BY_PHONE),
    ],
)
def test_a_family_is_met_in_person_or_by_phone_or_not_at_all(
    world: World, supervisor: Cadre, day: date, contact: str, outcome: str, seen: str
) -> None:
    household = world.household("某家")
    helper = world.help("帮扶", household)
    world.visit(household, day, helper, contact=contact, outcome=outcome)

    assert how(world, household, supervisor) == seen


def test_a_past_day_knows_nothing_of_later_visits_and_fewer_days_forget_sooner(world: World, supervisor: Cadre) -> None:
    household = world.household("某家")
    world.visit(household, date(2026, 10, 5), world.help("帮扶", household))

    assert how(world, household, supervisor, on=date(2026, 10, 4)) == UNSEEN
    assert how(world, household, supervisor, on=date(2026, 10, 5), days=1) == MET
    assert how(world, household, supervisor, on=date(2026, 10, 6), days=1) == UNSEEN


def test_a_withdrawn_visit_has_met_nobody(world: World, supervisor: Cadre) -> None:
    household = world.household("某家")
    helper = world.help("帮扶", household)
    visit = world.visit(household, TODAY, helper)
    correct_visit(
        visit, world.report(household, TODAY, helper), actor=helper, now=at(TODAY, 11), reason="没去", withdraw=True
    )

    assert how(world, household, supervisor) == UNSEEN


def rows_by(by: str, cadre: Cadre, place: str) -> tuple[list[SeenRow], Seen]:
    rows = seen_figures(cadre=cadre, on=TODAY, days=90, place_code=place, seen_on=TODAY, now=at(TODAY)).rows(by, place)
    return rows, total_of(rows)


def scene(world: World) -> None:
    """Five households in three villages, one met, one called, three unseen of which one is monitored."""
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    world.visit(world.household("见过"), TODAY, chief)
    world.visit(world.household("打过"), TODAY, chief, contact=Contact.PHONE)
    world.household("没见", monitoring_type=MonitoringType.MARGINAL, base_type="ordinary")
    world.household("邻村", world.sibling)
    world.household("别镇", world.foreign, base_type="ordinary")
    world.household("已走", world.foreign, left_on=date(2026, 1, 1))


@pytest.mark.parametrize(("by", "place"), [(BY_PLACE, "360704"), (BY_PLACE, "360704101"), (BY_CLASS, "360704")])
def test_every_number_is_as_long_as_its_list_and_the_three_add_up(
    world: World, supervisor: Cadre, by: str, place: str
) -> None:
    scene(world)
    asked = {"cadre": supervisor, "on": TODAY, "days": 90}

    rows, total = rows_by(by, supervisor, place)

    assert rows
    for row in rows:
        where = {"place_code": row.key} if by == BY_PLACE else {"place_code": place, "kind": row.key}
        for seen, number in (
            ("", row.counts.total),
            (MET, row.counts.met),
            (BY_PHONE, row.counts.phone),
            (UNSEEN, row.counts.unseen),
        ):
            assert len(households_behind(seen=seen, **where, **asked)) == number, (row.key, seen)
    assert total.total == total.met + total.phone + total.unseen == sum(row.counts.total for row in rows)


def test_the_sum_of_the_district(world: World, supervisor: Cadre) -> None:
    scene(world)

    rows, total = rows_by(BY_PLACE, supervisor, "360704")

    assert [row.label for row in rows] == ["王母渡镇", "沙地镇"]
    assert total == Seen(total=5, met=1, phone=1, monitored=1)
    assert total.rate == 1 / 5


def test_whoever_helps_one_family_sees_only_that_one_and_an_outsider_none(world: World) -> None:
    mine = world.household("我的")
    world.household("别人的")
    asked = {"on": TODAY, "days": 90, "place_code": "360704"}

    assert list(households_behind(cadre=world.help("帮扶", mine), **asked)) == [mine]
    assert not households_behind(cadre=world.cadre("局外人"), **asked).exists()


def test_the_list_says_who_was_there_last_how_it_went_and_who_helps(world: World, supervisor: Cadre) -> None:
    household = world.household("某家")
    first, second = world.help("主帮", household), world.help("副帮", household, is_primary=False)
    world.visit(household, date(2026, 3, 1), first)
    world.visit(household, date(2026, 9, 1), second, outcome=Outcome.NOBODY_HOME)
    found = households_behind(cadre=supervisor, on=TODAY, days=30, place_code="360704", seen=UNSEEN)

    [row] = named(found, TODAY)

    assert (row.last_on, row.last_outcome, row.last_met_on) == (date(2026, 9, 1), Outcome.NOBODY_HOME, date(2026, 3, 1))
    assert helpers_of([row], TODAY) == {household.pk: [first, second]}


# What is kept for a minute --------------------------------------------------------------------


@pytest.fixture
def kept(settings) -> None:
    settings.UNSEEN_KEPT_FROM = 2


def total_at(cadre: Cadre, minute: int, place: str = "360704") -> tuple[int, datetime]:
    """Unseen households as they are shown so many minutes later, and of which moment that is."""
    now = at(TODAY, 10, minute)
    figures = seen_figures(cadre=cadre, on=TODAY, days=90, place_code=place, seen_on=TODAY, now=now)
    return total_of(figures.rows(BY_PLACE, place)).unseen, figures.counted_at


def test_what_is_kept_is_what_is_counted_and_never_older_than_a_minute(
    world: World, supervisor: Cadre, kept: None
) -> None:
    scene(world)
    assert total_at(supervisor, 0) == (3, at(TODAY, 10, 0))
    world.household("新来")

    assert total_at(supervisor, 0) == (3, at(TODAY, 10, 0))
    assert total_at(supervisor, 1) == (4, at(TODAY, 10, 1))
    assert KeptUnseen.objects.count() == 1


def test_while_one_reader_counts_the_others_are_shown_the_last_numbers(
    world: World, supervisor: Cadre, kept: None
) -> None:
    scene(world)
    total_at(supervisor, 0)
    world.household("新来")
    KeptUnseen.objects.update(claimed_at=at(TODAY, 10, 1))

    assert total_at(supervisor, 1) == (3, at(TODAY, 10, 0))
    # Whoever had begun has failed: the next one counts.
    assert total_at(supervisor, 2) == (4, at(TODAY, 10, 2))
    assert KeptUnseen.objects.get().claimed_at is None


def test_a_clock_that_was_put_back_does_not_keep_numbers_of_the_future(
    world: World, supervisor: Cadre, kept: None
) -> None:
    total_at(supervisor, 30)
    world.household("新来")

    assert total_at(supervisor, 10) == (1, at(TODAY, 10, 10))


def test_of_what_is_kept_everybody_is_shown_the_own_villages(world: World, supervisor: Cadre, kept: None) -> None:
    scene(world)
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    assert total_at(supervisor, 0)[0] == 3

    assert total_at(town, 0) == (2, at(TODAY, 10, 0))
    assert total_at(world.cadre("局外人"), 0)[0] == 0


def test_whoever_helps_a_family_elsewhere_is_counted_live(world: World, kept: None) -> None:
    scene(world)
    town = world.post("镇督导", Post.SUPERVISOR, world.town)
    world.help(town, Household.objects.get(head_name="别镇"))

    assert total_at(town, 0)[0] == 3
    assert not KeptUnseen.objects.exists()
