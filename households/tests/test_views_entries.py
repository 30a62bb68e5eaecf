"""What holds of the pages of measures and benefit links alike: one form, one receipt, and nobody sees too much."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.entries import Kind
from households.models import Household
from households.tests.entered import KINDS, enter
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

SAID = {
    "measure": {"kind": "industry", "content": "发放鸡苗50羽", "amount": "200", "starts_on": "2026-10-15"},
    "link": {"operator": "脐橙合作社", "form": "dividend", "starts_on": "2026-01-01", "promised": "6", "year": "2026"},
}


@pytest.fixture
def homes(world: World) -> list[Household]:
    return [world.household(name) for name in ("刘家", "赖家", "钟家")]


@pytest.fixture
def page(client: Client, chief: Cadre) -> Client:
    client.force_login(chief)
    return client


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


def answers(kind: Kind, *homes: Household) -> dict[str, Any]:
    keys = [home.pk for home in homes]
    return SAID[kind.name] | {"id": str(uuid.uuid4()), "offered": ",".join(map(str, keys)), "household": keys}


def test_sending_twice_enters_once_and_leads_to_the_same_receipt(kind, page, homes):
    sent = answers(kind, *homes)

    first, second = (page.post(reverse(f"{kind.name}_new"), sent) for _time in range(2))

    assert first["Location"] == second["Location"]
    assert kind.model.objects.count() == 3


def test_a_row_is_ended_and_taken_back_on_its_page(kind, page, chief, homes):
    one, two = enter(kind, chief, *homes[:2])

    page.post(reverse(kind.name, args=[one.pk]), {"act": "end", "end-ends_on": "2026-10-31"})
    page.post(reverse(kind.name, args=[two.pk]), {"act": "remove", "remove-reason": "选错户"})

    assert [(row.pk, str(row.ends_on)) for row in kind.model.objects.all()] == [(one.pk, "2026-10-31")]


def test_an_end_before_the_start_is_said_in_the_form(kind, page, chief, homes):
    (row,) = enter(kind, chief, homes[0])

    answer = page.post(reverse(kind.name, args=[row.pk]), {"act": "end", "end-ends_on": "2025-01-01"})

    assert "终止日早于起始日" in answer.content.decode()


def test_everything_a_form_entered_is_taken_back_at_once_with_a_reason(kind, page, chief, homes):
    row, kept = enter(kind, chief, *homes)[0], enter(kind, chief, homes[0])[0]
    address = reverse(f"{kind.name}_batch", args=[row.batch])

    refused = page.post(address, {"act": "remove", "remove-reason": ""})
    page.post(address, {"act": "remove", "remove-reason": "选错村"})

    assert refused.context["removal"].errors
    assert list(kind.model.objects.all()) == [kept]
    assert AuditEntry.objects.filter(verb=f"{kind.name}.removed", reason="选错村").count() == 3


def test_somebody_else_of_the_village_does_not_take_it_back(kind, client, world, chief, homes):
    row = enter(kind, chief, *homes)[0]
    client.force_login(world.post("第一书记", Post.FIRST_SECRETARY, world.village))

    answer = client.post(reverse(f"{kind.name}_batch", args=[row.batch]), {"act": "remove", "remove-reason": "x"})

    assert answer.status_code == 403
    assert kind.model.objects.count() == 3


@pytest.mark.parametrize("act", ["end", "correct", "remove"])
def test_who_only_looks_changes_nothing(kind, client, world, homes, act):
    cast = world.cast()
    (row,) = enter(kind, cast["clerk"], homes[0])
    client.force_login(cast["unit_leader"])
    address = reverse(kind.name, args=[row.pk])

    assert "<form" not in client.get(address).content.decode().split("<main")[1].split("</main")[0]
    assert client.post(address, {"act": act}).status_code == 403


def test_an_outsider_finds_nothing(kind, client, world, chief, homes):
    (row,) = enter(kind, chief, homes[0])
    client.force_login(world.cadre("局外人"))
    name = kind.name

    for address in (
        reverse(name, args=[row.pk]),
        reverse(f"{name}_batch", args=[row.batch]),
        f"{reverse(f'{name}_list')}?place={world.village.pk}",
        f"{reverse(f'{name}_new')}?household={homes[0].pk}",
        f"{reverse(f'{name}_end')}?place={world.village.pk}",
    ):
        assert client.get(address).status_code == 404
    assert not client.get(reverse(f"{name}_list")).context["page"].object_list
    assert not kind.model.objects.visible_to(world.cadre("局外人二"), TODAY).exists()
