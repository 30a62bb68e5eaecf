"""The office sees which phones have old queues, by village, and cuts off a lost one; nobody counts anything."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import Phone
from casework.phones import say_hello
from casework.tests.world import TODAY, at
from villages.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def phone_of(cadre, waiting=0, days=0) -> Phone:
    oldest = at(TODAY - timedelta(days=days)) if waiting else None
    return say_hello(
        key=uuid.uuid4(), cadre=cadre, app_version="1", waiting=waiting, oldest_waiting_at=oldest, on=TODAY
    )


def test_old_queues_show_by_village_and_young_ones_not(client, world, supervisor):
    far, near = world.help("远", world.household("甲", world.foreign)), world.help("近", world.household("乙"))
    young = world.help("新", world.household("丙"))
    phone_of(far, waiting=9, days=9)
    phone_of(near, waiting=1, days=5)
    phone_of(young, waiting=4, days=1)
    client.force_login(supervisor)

    page = client.get("/phones/")

    assert [(places, phone.cadre.name) for phone, places in page.context["stuck"]] == [
        (["潭埠村"], "近"),
        (["攸镇村"], "远"),
    ]


def test_everybody_sees_the_own_phone_and_the_office_those_of_its_places(client, world):
    helper, other = world.help("近", world.household("乙")), world.help("远", world.household("甲", world.foreign))
    phone_of(helper)
    phone_of(other)

    seen = {}
    for cadre in (helper, world.post("镇督导", Post.SUPERVISOR, world.town), world.cadre("局外人")):
        client.force_login(cadre)
        seen[cadre.name] = [phone.cadre.name for phone, _places in client.get("/phones/").context["in_use"]]

    assert seen == {"近": ["近"], "镇督导": ["近"], "局外人": []}


def test_a_lost_phone_is_cut_off_on_its_page(client, world, supervisor):
    phone = phone_of(world.help("近", world.household("乙")), waiting=2, days=1)
    client.force_login(supervisor)

    asked = client.get(f"/phones/{phone.pk}/cut-off/")
    refused = client.post(f"/phones/{phone.pk}/cut-off/", {"reason": ""})
    done = client.post(f"/phones/{phone.pk}/cut-off/", {"reason": "手机丢失"}, follow=True)

    assert asked.status_code == refused.status_code == 200
    assert done.context["in_use"] == []
    phone.refresh_from_db()
    assert (phone.cut_off_by, phone.storage_key) == (supervisor, None)


def test_the_page_costs_the_same_for_one_and_for_three(client, world, supervisor):
    phone_of(world.help("甲", world.household("一")), waiting=1, days=9)
    client.force_login(supervisor)
    with CaptureQueriesContext(connection) as for_one:
        client.get("/phones/")
    for name in "乙丙":
        phone_of(world.help(name, world.household(name)), waiting=1, days=9)
    with CaptureQueriesContext(connection) as for_three:
        client.get("/phones/")

    assert len(for_one) == len(for_three) == 10
