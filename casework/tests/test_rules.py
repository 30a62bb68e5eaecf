"""What may still change once a round is open, so that no credit can differ."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework.models import Duty, RoundTemplate
from casework.recredit import differences
from casework.rounds import close_round
from casework.rules import correct_round, save_template
from casework.tests.world import TODAY
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def test_a_later_due_date_leaves_all_credit_as_it_was(world):
    household = world.household("刘家")
    chief = world.post("村长", Post.VILLAGE_CHIEF, world.village)
    round = world.round([Post.VILLAGE_CHIEF])
    world.visit(household, TODAY, chief)

    round.due_on, round.grace_days = date(2026, 12, 31), 5
    correct_round(round, actor=None, on=TODAY)

    round.refresh_from_db()
    assert round.last_credit_on == date(2027, 1, 5)
    assert list(differences(Duty.objects.all())) == []


@pytest.mark.parametrize(("on", "due_on"), [(TODAY, TODAY - timedelta(days=1)), (date(2026, 11, 2), date(2026, 12, 1))])
def test_a_last_day_that_is_or_was_past_does_not_move(world, on, due_on):
    round = world.round([Post.VILLAGE_CHIEF])
    round.due_on = due_on

    with pytest.raises(ValidationError) as refusal:
        correct_round(round, actor=None, on=on)

    assert list(refusal.value.message_dict) == ["due_on"]


def test_visitors_and_targets_stay_as_the_duties_were_made(world):
    round = world.round([Post.VILLAGE_CHIEF])
    round.name, round.posts, round.starts_on = "改名", [Post.HELPER], TODAY

    correct_round(round, actor=None, on=TODAY)

    round.refresh_from_db()
    assert (round.name, round.posts, round.starts_on) == ("改名", [Post.VILLAGE_CHIEF], date(2026, 10, 1))


def test_a_closed_round_or_another_places_office_changes_nothing(world):
    round = world.round([Post.VILLAGE_CHIEF])
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)

    with pytest.raises(PermissionDenied):
        correct_round(round, actor=clerk, on=TODAY)
    close_round(round=round, actor=supervisor, on=TODAY)
    with pytest.raises(PermissionDenied):
        correct_round(round, actor=supervisor, on=TODAY)


def test_templates_are_the_districts_offices(world):
    template = RoundTemplate.objects.get(key="helper")

    with pytest.raises(PermissionDenied):
        save_template(template, actor=world.post("镇录入员", Post.CLERK, world.town), on=TODAY)
