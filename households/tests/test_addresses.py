"""A question with an identity number is turned away, whatever page it was for."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import World
from households.tests.numbers import certificate_number, identity_number
from villages.models import Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NUMBER = identity_number()


@pytest.fixture
def client_of_clerk() -> Client:
    clerk: Cadre = World().cast()["clerk"]
    client = Client()
    client.force_login(clerk)
    return client


@pytest.mark.parametrize(
    "typed",
    [
        *(NUMBER, f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", certificate_number(NUMBER), f"张三{NUMBER}"),
        f"{NUMBER[:6]}.{NUMBER[6:14]}_{NUMBER[14:]}",
    ],
)
def test_an_identity_number_is_taken_out_of_the_address_with_a_word(client_of_clerk: Client, typed: str) -> None:
    page = reverse("admin:households_household_changelist")

    answer = client_of_clerk.get(f"{page}?{urlencode({'q': typed, 'p': 1})}")
    text = client_of_clerk.get(answer["Location"]).content.decode()

    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "末四位" in text
    assert NUMBER not in text


def test_an_address_that_is_an_identity_number_leads_home(client_of_clerk: Client) -> None:
    paths = [f"/households/{NUMBER}/", f"/h/{NUMBER}/", f"/{certificate_number(NUMBER)}"]

    answers = [client_of_clerk.get(path) for path in paths]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/")] * 3


@pytest.mark.parametrize("query", ["q=36070410120000002", "q=1234", "q=张三", "q=" + "9" * 400, "q=%00%ff", ""])
def test_every_other_question_passes(client_of_clerk: Client, query: str) -> None:
    page = reverse("admin:households_household_changelist")

    assert client_of_clerk.get(f"{page}?{query}").status_code == 200
