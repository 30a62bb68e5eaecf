"""Rounds open once whatever happens to the worker, follow each other, and close with figures that stand."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework import rounds
from casework.models import ClosingFigure, Duty, Repetition, Round, RoundTemplate, TargetKind
from casework.models.rounds import RoundState
from casework.recredit import differences
from casework.rounds import (
    IllegalMove,
    can_close_round,
    can_open_round,
    close_round,
    continue_opening,
    excuse_duty,
    open_next_periods,
    open_round,
)
from casework.tests.world import TODAY, at, state_on
from households.residence import move_household, save_household
from villages.models import AuditEntry, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

OCTOBER_1, OCTOBER_31 = date(2026, 10, 1), date(2026, 10, 31)


def draft(world, **fields) -> Round:
    defaults = {
        "name": "十月走访",
        "posts": ["village_chief"],
        "target_kind": TargetKind.RURAL_HOUSEHOLD,
        "district": world.district,
        "starts_on": OCTOBER_1,
        "due_on": OCTOBER_31,
    }
    return Round(**(defaults | fields))


def opened(world, **fields) -> Round:
    round = open_round(draft(world, **fields), actor=None, on=OCTOBER_1)
    continue_opening(round.pk)
    round.refresh_from_db()
    return round


def duties() -> list[tuple]:
    return list(Duty.objects.order_by("seat", "village", "household").values_list("seat", "village", "household"))


# Opening ------------------------------------------------------------------------------------------


def test_an_opened_round_has_one_duty_per_seat_and_target_in_every_town(world):
    homes = [world.household(name, village) for name, village in (("张三", world.village), ("李四", world.foreign))]

    round = opened(world, posts=["village_chief", "first_secretary"])

    assert round.state == RoundState.OPEN
    assert (round.steps_done, round.steps_total) == (2, 2)
    expected = [(seat, home.village_id, home.pk) for seat in ("first_secretary", "village_chief") for home in homes]
    assert duties() == expected
    assert AuditEntry.objects.filter(verb="round.opened").count() == 1


def test_pressing_open_twice_opens_one_round(world):
    key = uuid.uuid4()

    first = open_round(draft(world, request_key=key), actor=None, on=OCTOBER_1)
    second = open_round(draft(world, request_key=key), actor=None, on=OCTOBER_1)

    assert second == first
    assert Round.objects.count() == 1


def test_a_worker_killed_in_the_middle_of_opening_is_resumed_to_the_same_duties(world, monkeypatch):
    for name, village in (("张三", world.village), ("李四", world.sibling), ("王五", world.foreign)):
        world.household(name, village)
    round = open_round(draft(world), actor=None, on=OCTOBER_1)
    freeze = rounds._freeze_targets

    def killed_in_the_second_town(round, town):
        freeze(round, town)
        if town == world.other_town:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rounds, "_freeze_targets", killed_in_the_second_town)
        continue_opening(round.pk)
    round.refresh_from_db()
    assert (round.state, round.steps_done, Duty.objects.count()) == (RoundState.OPENING, 1, 2)

    assert continue_opening(round.pk)
    resumed = duties()
    assert continue_opening(round.pk)
    assert duties() == resumed
    assert len(resumed) == 3


def test_opening_credits_the_visits_already_made_in_the_period(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    world.visit(home, date(2026, 10, 5), helper)
    world.visit(home, date(2026, 9, 30), helper)

    world.round([Post.HELPER], on=TODAY)

    assert Duty.objects.get().credited_on == date(2026, 10, 5)


def test_a_household_known_to_leave_or_move_later_is_in_the_round_until_then(world):
    leaver = world.household("张三", left_on=date(2026, 10, 20))
    mover = world.household("李四")
    move_household(
        household=mover, to_village=world.sibling, moved_on=date(2026, 9, 20), actor=None, on=date(2026, 9, 20)
    )
    gone = world.household("王五", left_on=OCTOBER_1)

    opened(world)

    assert Duty.objects.get(household=leaver).left_on == date(2026, 10, 20)
    assert Duty.objects.filter(household=mover, village=world.sibling, left_on=None).exists()
    assert not Duty.objects.filter(household=gone).exists()
    assert list(differences(Duty.objects.all())) == []


def test_a_round_of_one_town_leaves_the_others_alone(world):
    world.household("张三", world.foreign)
    home = world.household("李四")

    opened(world, town=world.town)

    assert duties() == [("village_chief", world.village.pk, home.pk)]


def test_only_a_supervisor_of_the_place_opens_and_closes_rounds(world):
    cast = world.cast()

    assert {role for role, cadre in cast.items() if can_open_round(cadre, "360704", TODAY)} == {"supervisor"}
    in_town = {role for role, cadre in cast.items() if can_open_round(cadre, "360704101", TODAY)}
    assert in_town == {"supervisor", "town_supervisor"}
    for role in ("outsider", "clerk", "town_supervisor", "chief"):
        with pytest.raises(PermissionDenied):
            open_round(draft(world), actor=cast[role], on=TODAY)
    round = opened(world)
    assert {role for role, cadre in cast.items() if can_close_round(cadre, round, TODAY)} == {"supervisor"}
    with pytest.raises(PermissionDenied):
        close_round(round=round, actor=cast["town_supervisor"], on=TODAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"posts": []},
        {"posts": ["clerk"]},
        {"contacts": []},
        {"outcomes": ["tea"]},
        {"posts": ["helper"], "target_kind": TargetKind.POOR_VILLAGE},
        {"due_on": date(2026, 9, 30)},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(world, wrong):
    with pytest.raises(ValidationError):
        open_round(draft(world, **wrong), actor=None, on=OCTOBER_1)

    assert Round.objects.count() == 0


def test_every_template_is_a_valid_rule(world):
    templates = list(RoundTemplate.objects.all())

    assert len(templates) == 5
    for template in templates:
        draft(world, **template.rule_fields()).clean()


# The next period ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repetition", "due_on", "period"),
    [
        (Repetition.MONTHLY, OCTOBER_31, (date(2026, 11, 1), date(2026, 11, 30))),
        (Repetition.QUARTERLY, date(2026, 12, 31), (date(2027, 1, 1), date(2027, 3, 31))),
        (Repetition.YEARLY, date(2027, 9, 30), (date(2027, 10, 1), date(2028, 9, 30))),
    ],
)
def test_a_repeating_round_opens_its_next_period_by_itself_once(world, repetition, due_on, period):
    world.household("张三")
    round = opened(world, repetition=repetition, due_on=due_on)

    assert open_next_periods(on=due_on) == []
    (successor,) = open_next_periods(on=due_on + timedelta(days=1))
    assert open_next_periods(on=due_on + timedelta(days=1)) == []

    continue_opening(successor.pk)
    assert successor.previous == round
    assert (successor.starts_on, successor.due_on) == period
    assert successor.duties.count() == 1


def test_periods_that_are_wholly_over_are_skipped(world):
    opened(world, repetition=Repetition.MONTHLY)

    (successor,) = open_next_periods(on=date(2027, 1, 15))

    assert (successor.starts_on, successor.due_on) == (date(2027, 1, 1), date(2027, 1, 31))


def test_a_round_that_does_not_repeat_or_was_told_to_stop_has_no_next_period(world):
    opened(world)
    stopped = opened(world, repetition=Repetition.MONTHLY)
    close_round(round=stopped, actor=None, on=OCTOBER_31, stop_repeating=True)

    assert open_next_periods(on=date(2026, 11, 1)) == []


# Closing and excusing -----------------------------------------------------------------------------


def test_closing_figures_never_change_while_restated_ones_do(world):
    home = world.household("张三")
    helper = world.help("帮扶", home)
    round = world.round([Post.HELPER])
    close_round(round=round, actor=world.post("督导", Post.SUPERVISOR, world.district), on=date(2026, 11, 2))
    closing = list(ClosingFigure.objects.values())
    assert (closing[0]["total"], closing[0]["overdue"], closing[0]["done"]) == (1, 1, 0)

    world.visit(home, date(2026, 10, 20), helper, now=at(date(2026, 11, 20)))

    assert list(ClosingFigure.objects.values()) == closing
    assert (state_on(date(2026, 11, 2)), Duty.objects.get().closing_state) == ("done", "overdue")


def test_a_closed_round_can_be_closed_no_second_time(world):
    round = opened(world)
    close_round(round=round, actor=None, on=OCTOBER_31)

    with pytest.raises(IllegalMove):
        close_round(round=round, actor=None, on=OCTOBER_31)


def test_a_round_still_opening_cannot_be_closed(world):
    round = open_round(draft(world), actor=None, on=OCTOBER_1)

    with pytest.raises(IllegalMove):
        close_round(round=round, actor=None, on=OCTOBER_1)


def test_an_excuse_needs_a_reason_and_a_supervisor_of_the_place_and_holds_from_its_day(world):
    world.household("张三")
    cast = world.cast()
    opened(world)
    duty = Duty.objects.get()

    for role in ("outsider", "chief", "clerk"):
        with pytest.raises(PermissionDenied):
            excuse_duty(duty=duty, actor=cast[role], on=TODAY, reason="在外")
    with pytest.raises(ValidationError):
        excuse_duty(duty=duty, actor=cast["supervisor"], on=TODAY, reason=" ")
    excuse_duty(duty=duty, actor=cast["town_supervisor"], on=TODAY, reason="全家在外务工")

    states = [state_on(day) for day in (TODAY - timedelta(days=1), TODAY)]
    assert states == ["open", "excused"]
    assert AuditEntry.objects.get(verb="duty.excused").reason == "全家在外务工"


def test_a_duty_of_a_closed_round_can_no_longer_be_excused(world):
    world.household("张三")
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    close_round(round=opened(world), actor=supervisor, on=OCTOBER_31)

    with pytest.raises(PermissionDenied):
        excuse_duty(duty=Duty.objects.get(), actor=supervisor, on=OCTOBER_31, reason="在外")


def test_a_household_that_leaves_after_the_period_is_excused_and_no_longer_overdue(world):
    home = world.household("张三")
    world.post("村长", Post.VILLAGE_CHIEF, world.village)
    opened(world)
    home.left_on = date(2026, 11, 10)
    save_household(home, actor=None, on=date(2026, 11, 20))

    states = [state_on(date(2026, 11, day)) for day in (9, 10)]

    assert states == ["overdue", "excused"]
    assert list(differences(Duty.objects.all())) == []
