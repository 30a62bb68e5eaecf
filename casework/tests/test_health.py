"""What /healthz says of the database, the broker and the sweep."""

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import heartbeat
from casework.models import Heartbeat

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def swept() -> datetime:
    """The sweep has just begun."""
    now = timezone.now()
    heartbeat.beat(heartbeat.SWEEP, now=now)
    return now


def test_anybody_may_ask_and_all_parts_are_named(client: Client, swept: datetime):
    response = client.get(reverse("healthz"))

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "beat": "ok", "last_beat": "2026-10-15T10:00:00+08:00"}
    assert "no-store" in response["Cache-Control"]


def test_it_is_one_query_and_no_session(client: Client, swept: datetime, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get(reverse("healthz"))

    assert not response.cookies


@pytest.mark.parametrize(
    ("minutes", "status", "word"), [(0, 200, "ok"), (5, 200, "ok"), (6, 503, "failed"), (-6, 503, "failed")]
)
def test_a_sweep_older_than_five_minutes_or_from_the_future_is_not_healthy(
    client, swept, frozen, minutes, status, word
):
    frozen.move_to(swept + timedelta(minutes=minutes))

    response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()["beat"]) == (status, word)
    assert response.json()["database"] == response.json()["broker"] == "ok"


def test_a_sweep_that_never_ran_is_not_healthy(client: Client):
    response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()["beat"], response.json()["last_beat"]) == (503, "failed", None)


def test_a_broker_that_is_away_is_named(client, swept, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()["broker"], response.json()["database"]) == (503, "failed", "ok")


def test_a_database_that_is_away_is_named(client, swept):
    def away(*_arguments):
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()["database"], response.json()["beat"]) == (503, "failed", "failed")


def test_it_cannot_be_posted_to(client: Client):
    assert client.post(reverse("healthz")).status_code == 405


def test_beating_twice_keeps_one_row_with_the_later_moment(swept: datetime):
    heartbeat.beat(heartbeat.SWEEP, now=swept + timedelta(minutes=1))

    assert Heartbeat.objects.get().at == swept + timedelta(minutes=1)


def test_ready_is_whoever_reaches_the_database_whatever_else_is_away(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    response = client.get(reverse("readyz"))

    assert (response.status_code, response.json()) == (200, {"database": "ok"})


def test_not_ready_without_the_database(client):
    def away(*_arguments):
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        response = client.get(reverse("readyz"))

    assert (response.status_code, response.json()) == (503, {"database": "failed"})
