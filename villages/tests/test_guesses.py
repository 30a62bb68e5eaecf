"""Whoever guesses a password is counted, but no number that was typed as a name is kept."""

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.urls import reverse

from casework.tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.mark.parametrize("name", ["36072119670621445X", "138 0797 1234"])
def test_a_number_typed_as_a_name_is_counted_and_not_kept(client: Client, name: str) -> None:
    for _time in range(2):
        client.post(reverse("login"), {"username": name, "password": "guessed"})

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {AccessAttempt._meta.db_table}")
        (row,) = cursor.fetchall()
    assert name not in str(row)
    assert AccessAttempt.objects.get().failures_since_start == 2


def test_who_gets_in_by_a_telephone_number_begins_anew(world: World, client: Client) -> None:
    cadre = world.cast()["clerk"]
    cadre.username = "13807971234"
    cadre.set_password("correct-horse")
    cadre.save()
    for password in ("guessed", "correct-horse"):
        answer = client.post(reverse("login"), {"username": cadre.username, "password": password})

    assert answer.status_code == 302
    assert not AccessAttempt.objects.exists()


def test_any_other_name_is_counted_as_it_was_typed(client: Client) -> None:
    client.post(reverse("login"), {"username": "clerk", "password": "guessed"})

    assert AccessAttempt.objects.get().username == "clerk"
