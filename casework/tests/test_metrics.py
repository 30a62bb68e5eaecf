"""The figures for Prometheus: who may read them, what they say, and what reading them costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from casework import heartbeat
from casework.models import Channel, Delivery, DeliveryState, Reminder
from casework.models.channels import ChannelKind
from casework.tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def read(client: Client, **headers: str) -> dict[str, float]:
    """Every figure by its name and labels."""
    answer = client.get(reverse("metrics"), headers=headers)
    assert answer.status_code == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def written(world: World, number: int, **fields: Any) -> Reminder:
    now = timezone.now()
    return Reminder.objects.create(
        recipient=world.cadre(f"帮扶{number}"), for_day=TODAY, prepared_at=now - timedelta(seconds=90), **fields
    )


def channel() -> Channel:
    return Channel.objects.filter(kind=ChannelKind.MAIL).first() or Channel.objects.create(
        name="邮件", kind=ChannelKind.MAIL
    )


def delivery(world: World, number: int, **fields: Any) -> Delivery:
    now = timezone.now()
    reminder = written(world, number, delivered_at=now)
    return Delivery.objects.create(reminder=reminder, channel=channel(), **{"next_try_at": now, **fields})


# Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 404),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.7"}, 404),
    ],
)
def test_without_a_token_only_the_machine_itself_may_read(
    client: Client, address: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(reverse("metrics"), headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    ("sent", "status"), [("Bearer right", 200), ("Bearer wrong", 404), ("", 404), ("Bearer réal", 404)]
)
def test_with_a_token_whoever_brings_it_and_nobody_else(client: Client, settings: Any, sent: str, status: int) -> None:
    settings.METRICS_TOKEN = "right"

    answer = client.get(reverse("metrics"), headers={"Authorization": sent}, REMOTE_ADDR="10.0.0.7")

    assert answer.status_code == status
    assert client.get(reverse("metrics")).status_code == 404


# What -----------------------------------------------------------------------------------------


@pytest.mark.core
def test_an_idle_system_says_so(client: Client) -> None:
    heartbeat.beat(heartbeat.SWEEP, now=timezone.now() - timedelta(seconds=42))

    figures = read(client)

    assert figures["casework_sweep_lag_seconds"] == 42
    assert {name: value for name, value in figures.items() if name.startswith("casework_waiting")} == {
        f"casework_waiting {work}": 0 for work in ("reminders", "deliveries", "openings", "exports", "imports")
    }


def test_a_sweep_that_never_ran_is_no_number(client: Client) -> None:
    assert read(client)["casework_sweep_lag_seconds"] != 0


def test_the_oldest_of_what_waits_gives_the_age_of_the_queue(client: Client) -> None:
    world, now = World(), timezone.now()
    written(world, 1)
    written(world, 2, delivered_at=now)
    written(world, 3, dropped_at=now)
    delivery(world, 4, next_try_at=now - timedelta(minutes=7))
    delivery(world, 5, next_try_at=now + timedelta(minutes=7))

    figures = read(client)

    assert (figures["casework_waiting reminders"], figures["casework_oldest_waiting_seconds reminders"]) == (1, 90)
    assert (figures["casework_waiting deliveries"], figures["casework_oldest_waiting_seconds deliveries"]) == (1, 420)
    assert figures["casework_deliveries_waiting mail"] == 2
    assert figures["casework_deliveries_oldest_seconds mail"] == 420


def test_what_was_sent_and_failed_is_counted_by_channel_since_midnight(client: Client) -> None:
    world, now = World(), timezone.now()
    delivery(world, 1, state=DeliveryState.SENT, attempted_at=now, sent_at=now)
    delivery(world, 2, state=DeliveryState.SENT, attempted_at=now, sent_at=now, in_doubt=True)
    delivery(world, 3, state=DeliveryState.FAILED, attempted_at=now)
    yesterday = now - timedelta(hours=11)
    delivery(world, 4, state=DeliveryState.SENT, attempted_at=yesterday, sent_at=yesterday)

    figures = read(client)

    names = ("sent", "failed", "in_doubt")
    assert [figures[f"casework_deliveries_{name}_total mail"] for name in names] == [2, 1, 1]
    assert figures["casework_deliveries_sent_total inbox"] == 4


def test_nobody_is_named(client: Client) -> None:
    world = World()
    row = delivery(world, 1, state=DeliveryState.WAITING)

    text = client.get(reverse("metrics")).content.decode()

    assert row.reminder.recipient.name not in text
    assert row.reminder.recipient.username not in text


def test_more_rows_cost_no_more_statements(client: Client) -> None:
    world, counts = World(), []
    for number in (1, 2, 3):
        delivery(world, number)
        with CaptureQueriesContext(connection) as queries:
            read(client)
        counts.append(len(queries))

    assert counts[0] == counts[2] <= 9
