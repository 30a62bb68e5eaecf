"""What holds of measures and benefit links alike: entered once, changed by those who may, taken back with a reason."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from casework.tests.world import LONG_AGO, TODAY
from households import entries
from households.batches import OtherContent
from households.entering import can_change, can_enter_measure, can_remove, households_to_enter
from households.tests.entered import ENTERING, KINDS, OTHER_WORDS, chickens, dividend, enter
from villages.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.core]

OFFICE = {"supervisor", "town_supervisor", "clerk", "town_clerk"}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> entries.Kind:
    return request.param


# Entering -----------------------------------------------------------------------------------------


def test_one_form_enters_a_row_for_each_household_and_tells_the_trail(kind, world, chief):
    homes = [world.household("刘家"), world.household("赖家")]

    enter(kind, chief, *homes)

    rows = kind.model.objects.order_by("household")
    assert [(row.household, row.recorded_by, row.recorded_on) for row in rows] == [
        (home, chief, TODAY) for home in homes
    ]
    assert len({row.batch for row in rows}) == 1
    told = AuditEntry.objects.filter(verb=f"{kind.name}.entered", actor=chief, village=world.village)
    assert {entry.target_id for entry in told} == {str(row.pk) for row in rows}
    assert all(
        entry.changes["household"] == [None, home.pk] for entry, home in zip(told.order_by("pk"), homes, strict=True)
    )


def test_sending_the_form_twice_enters_once(kind, world, chief):
    home, key = world.household("刘家"), uuid.uuid4()

    first, second = (enter(kind, chief, home, batch_id=key) for _time in range(2))

    assert first == second
    assert kind.model.objects.count() == AuditEntry.objects.filter(verb=f"{kind.name}.entered").count() == 1


def test_sent_again_after_the_post_is_over_it_is_still_the_form_saved_before(kind, world):
    home, key = world.household("刘家"), uuid.uuid4()
    helper = world.help("帮扶干部", home, ends_on=TODAY)
    enter(kind, helper, home, batch_id=key)

    assert len(enter(kind, helper, home, batch_id=key, on=date(2026, 10, 16))) == 1


def test_the_same_form_saying_something_else_overwrites_nothing(kind, world, chief):
    home, key = world.household("刘家"), uuid.uuid4()
    (row,) = enter(kind, chief, home, batch_id=key)
    name, other = OTHER_WORDS[kind.name]

    with pytest.raises(OtherContent):
        changed = {"measure": chickens, "link": dividend}[kind.name](**{name: other})
        enter(kind, chief, home, batch_id=key, row=changed)

    assert getattr(kind.model.objects.get(), name) == getattr(row, name) != other


def test_no_household_is_refused(kind, chief):
    with pytest.raises(ValidationError):
        enter(kind, chief)


def test_the_same_entered_twice_is_pointed_out(kind, world, chief):
    home, other = world.household("刘家"), world.household("赖家")
    before = enter(kind, chief, home)
    again = enter(kind, chief, home, other)

    assert entries.alike(kind, again) == before
    assert entries.alike(kind, []) == []


def test_the_number_of_queries_does_not_grow_with_the_households(
    kind, world, chief, django_assert_max_num_queries: DjangoAssertNumQueries
):
    homes = [world.household(f"{name}家") for name in "甲乙丙丁戊己庚辛"]

    with django_assert_max_num_queries(20) as for_one:
        enter(kind, chief, homes[0])
    with django_assert_max_num_queries(20) as for_eight:
        enter(kind, chief, *homes)

    assert len(for_one) == len(for_eight)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one after the other anyway")
def test_two_requests_with_the_same_form_at_the_same_moment_enter_it_once(kind, world, chief):
    homes, key = [world.household("刘家"), world.household("赖家")], uuid.uuid4()
    start = Barrier(2)

    def send(_number: int) -> list[int]:
        start.wait(10)
        try:
            return [row.pk for row in enter(kind, chief, *homes, batch_id=key)]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(send, range(2))

    assert first == second
    assert kind.model.objects.count() == 2


# Who may ------------------------------------------------------------------------------------------


def test_the_village_the_town_and_the_office_enter_and_leaders_and_outsiders_do_not(world):
    home, cast = world.household("刘家"), world.cast()

    by_village = {name for name, cadre in cast.items() if can_enter_measure(cadre, world.village.pk, TODAY)}
    by_row = {name for name, cadre in cast.items() if home in households_to_enter(cadre, TODAY)}

    assert by_village == by_row == ENTERING


def test_a_helper_enters_for_the_own_household_alone(kind, world):
    own, other = world.household("刘家"), world.household("赖家")
    helper = world.help("帮扶干部", own)

    enter(kind, helper, own)
    with pytest.raises(PermissionDenied):
        enter(kind, helper, own, other)

    assert list(kind.model.objects.values_list("household", flat=True)) == [own.pk]


def test_neither_the_next_village_nor_a_household_that_left_is_entered_for(kind, world, chief):
    for home in (world.household("邻村", world.sibling), world.household("刘家", left_on=TODAY)):
        with pytest.raises(PermissionDenied):
            enter(kind, chief, home)


def test_changing_is_for_those_who_enter_and_taking_back_for_its_author_and_the_office(kind, world):
    home = world.household("刘家")
    cast = world.cast() | {"helper": world.help("帮扶干部", home)}
    (row,) = enter(kind, cast["team_member"], home)

    assert {name for name, cadre in cast.items() if can_change(cadre, row, TODAY)} == ENTERING | {"helper"}
    assert {name for name, cadre in cast.items() if can_remove(cadre, row, TODAY)} == OFFICE | {"team_member"}


@pytest.mark.parametrize("who", ["outsider", "unit_leader", "district_leader"])
def test_others_change_nothing(kind, world, who):
    cast = world.cast()
    (row,) = enter(kind, cast["chief"], world.household("刘家"))
    by = {"actor": cast[who], "on": TODAY}

    for attempt in (
        lambda: entries.correct(kind, row, reason="改", **by),
        lambda: entries.end(kind, row, ends_on=TODAY, **by),
        lambda: entries.end_many(kind, [row.pk], ends_on=TODAY, **by),
        lambda: entries.remove(kind, row, reason="删", **by),
        lambda: entries.remove_batch(kind, row.batch, reason="删", **by),
    ):
        with pytest.raises(PermissionDenied):
            attempt()

    assert kind.model.objects.get().ends_on is None
    assert bool(kind.model.objects.visible_to(cast[who], TODAY)) is (who != "outsider")


# Changing -----------------------------------------------------------------------------------------


def test_a_correction_tells_its_reason_and_what_it_changed(kind, world, chief):
    (row,) = enter(kind, chief, world.household("刘家"))
    name, other = OTHER_WORDS[kind.name]
    before = getattr(row, name)

    setattr(row, name, other)
    with pytest.raises(ValidationError) as refused:
        entries.correct(kind, row, actor=chief, on=TODAY, reason=" ")
    entries.correct(kind, row, actor=chief, on=TODAY, reason="写错")

    told = AuditEntry.objects.get(verb=f"{kind.name}.corrected")
    assert list(refused.value.message_dict) == ["reason"]
    assert (told.reason, told.changes) == ("写错", {name: [before, other]})


def test_an_end_is_told_and_one_before_the_start_is_refused_in_words(kind, world, chief):
    (row,) = enter(kind, chief, world.household("刘家"))

    with pytest.raises(ValidationError, match="终止日早于起始日"):
        entries.end(kind, row, ends_on=LONG_AGO, actor=chief, on=TODAY)
    entries.end(kind, row, ends_on=TODAY, actor=chief, on=TODAY)

    assert kind.model.objects.get().ends_on == TODAY
    assert AuditEntry.objects.filter(verb=f"{kind.name}.ended").count() == 1


def test_taking_back_needs_a_reason_and_keeps_the_values_in_the_trail(kind, world, chief):
    (row,) = enter(kind, chief, world.household("刘家"))
    name, _other = OTHER_WORDS[kind.name]

    with pytest.raises(ValidationError):
        entries.remove(kind, row, actor=chief, on=TODAY, reason="")
    entries.remove(kind, row, actor=chief, on=TODAY, reason="选错户")

    told = AuditEntry.objects.get(verb=f"{kind.name}.removed")
    assert not kind.model.objects.exists()
    assert (told.reason, told.target_id, told.changes[name]) == ("选错户", str(row.pk), [getattr(row, name), None])
