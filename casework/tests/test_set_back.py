"""A clock that ran two days ahead and was set back holds up nothing that is due today."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from casework.models import Channel, Delivery, DeliveryState, Reminder
from casework.reminders import deliver, prepare
from casework.sending import send_deliveries
from casework.set_back import forget_the_future
from casework.tests.digest_days import MONDAY, helper_of, helper_round
from casework.tests.world import World, at

pytestmark = [pytest.mark.core, pytest.mark.django_db]

NOW = at(MONDAY, 9)
AHEAD = NOW + timedelta(days=2)


@pytest.fixture
def waiting() -> Delivery:
    """A mail of today."""
    world = World()
    helper_of(world, "张三", email="a@example.org")
    helper_round(world)
    prepare(on=MONDAY, now=NOW)
    deliver(now=NOW)
    return Delivery.objects.get()


@pytest.mark.parametrize("left_behind", [{"claimed_at": AHEAD}, {"next_try_at": AHEAD}])
def test_a_mail_of_today_goes_out_although_it_was_taken_or_put_off_in_the_future(
    waiting: Delivery, left_behind: dict[str, Any]
) -> None:
    Delivery.objects.update(**left_behind)

    sent = send_deliveries(now=NOW)

    assert (sent, len(mail.outbox)) == (1, 1)


def test_a_channel_found_silent_in_the_future_is_looked_at_again(waiting: Delivery) -> None:
    Channel.objects.update(away_since=AHEAD, look_again_at=AHEAD)

    assert send_deliveries(now=NOW) == 1


def test_what_is_for_a_day_to_come_keeps_its_moment_and_honest_claims_and_pauses_stay(waiting: Delivery) -> None:
    soon = NOW + timedelta(minutes=45)
    Delivery.objects.update(claimed_at=NOW, next_try_at=soon)
    later = Reminder.objects.create(
        recipient=waiting.reminder.recipient, for_day=MONDAY + timedelta(days=2), prepared_at=AHEAD, delivered_at=AHEAD
    )
    Delivery.objects.create(reminder=later, channel=waiting.channel, next_try_at=AHEAD)

    forget_the_future(NOW)
    forget_the_future(NOW)

    assert list(Delivery.objects.order_by("pk").values_list("claimed_at", "next_try_at", "state")) == [
        (NOW, soon, DeliveryState.WAITING),
        (None, AHEAD, DeliveryState.WAITING),
    ]


def test_what_was_being_handed_over_in_the_future_is_in_doubt_and_sent_once_more(
    waiting: Delivery, caplog: Any
) -> None:
    Delivery.objects.update(claimed_at=AHEAD, attempted_at=AHEAD)

    forget_the_future(NOW)

    waiting.refresh_from_db()
    assert (waiting.in_doubt, waiting.claimed_at) == (True, None)
    assert f"May go out twice, a worker died while sending: deliveries [{waiting.pk}]." in caplog.text
    assert send_deliveries(now=NOW) == 1
