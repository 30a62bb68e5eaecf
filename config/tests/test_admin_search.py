"""No list of the panel that can be searched lets an identity number into an address, be it typed or pasted."""

import unicodedata
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from bs4 import BeautifulSoup
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from casework.tests.world import World
from households.tests.numbers import identity_number
from villages.models import Cadre

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NUMBER = identity_number()
FULL_WIDTH = NUMBER.translate({code: code + 0xFEE0 for code in range(ord("!"), ord("~"))})
TYPED = [NUMBER, f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", f"刘{NUMBER.lower()}", FULL_WIDTH]
SEARCHED = [model for model, page in admin.site._registry.items() if page.search_fields]


@pytest.fixture
def client() -> Client:
    world, client = World(), Client()
    world.household("刘家")
    client.force_login(Cadre.objects.create_superuser("root", name="技术"))
    return client


def address(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def digits(text: str) -> str:
    return unicodedata.normalize("NFKC", "".join(unquote_plus(text).split()))


def test_there_are_such_lists() -> None:
    assert len(SEARCHED) > 20


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model._meta.model_name)
def test_what_is_typed_into_a_list_is_sent_by_post(client: Client, model: Any) -> None:
    page = BeautifulSoup(client.get(address(model), follow=True).content, "html.parser")

    boxes = page.select("input[type=search][name], input[type=text][name], input[name]:not([type])")
    assert page.select_one("#searchbar") is not None
    assert {box.find_parent("form").get("method") for box in boxes} == {"post"}  # type: ignore[union-attr]


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model._meta.model_name)
def test_no_list_carries_an_identity_number_on_in_its_address(client: Client, model: Any) -> None:
    for typed in TYPED:
        answer: Any = client.post(address(model), {"search": typed})

        assert answer.status_code == 302
        assert "q=" not in answer.url
        assert NUMBER not in digits(answer.url)


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model._meta.model_name)
def test_an_address_with_an_identity_number_is_turned_away_and_repeated_nowhere(client: Client, model: Any) -> None:
    answer: Any = client.get(f"{address(model)}?q={quote(NUMBER)}")

    assert (answer.status_code, answer.url) == (302, address(model))
    assert NUMBER not in client.get(answer.url, follow=True).content.decode()
