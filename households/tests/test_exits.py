"""Exits from poverty are history: seen by whoever sees the household or village, changed by nobody."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.exits import import_exit
from households.models import ExitRecord
from villages.models import AuditEntry, Post
from villages.tests.panel import Panel, address

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def village_exit(world: World) -> ExitRecord:
    return ExitRecord.objects.create(
        village=world.village,
        appraised_on=date(2018, 9, 3),
        verified_on=date(2018, 9, 12),
        consented_on=date(2018, 9, 14),
        noticed_on=date(2018, 9, 20),
        approved_on=date(2018, 11, 6),
    )


def test_the_village_page_names_the_days_of_the_five_steps(world: World, client: Client) -> None:
    village_exit(world)
    client.force_login(world.post("大村长", Post.VILLAGE_CHIEF, world.village))

    shown = client.get(reverse("village", args=[world.village.pk])).content.decode()

    days = ["2018年9月3日", "2018年9月12日", "2018年9月14日", "2018年9月20日", "2018年11月6日"]
    assert [day for day in days if day in shown] == days


def test_steps_that_nobody_knows_are_left_out(world: World) -> None:
    record = ExitRecord(village=world.village, approved_on=date(2018, 11, 6))

    assert [day for _name, day in record.steps] == [date(2018, 11, 6)]


def test_a_village_exits_once(world: World) -> None:
    village_exit(world)

    with pytest.raises(IntegrityError):
        village_exit(world)


def test_exits_are_seen_with_their_household_or_village(world: World) -> None:
    home = world.household("刘家")
    of_village = village_exit(world)
    of_home = ExitRecord.objects.create(household=home, village=world.village, approved_on=date(2018, 11, 6))
    helper, outsider = world.help("帮扶干部", home), world.cadre("局外人")
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)

    assert set(ExitRecord.objects.visible_to(chief, TODAY)) == {of_village, of_home}
    assert set(ExitRecord.objects.visible_to(helper, TODAY)) == {of_home}
    assert not ExitRecord.objects.visible_to(outsider, TODAY).exists()


def test_the_office_looks_at_the_exits_of_its_places_and_changes_none(world: World) -> None:
    record = village_exit(world)
    clerk = Panel(world.post("区录入员", Post.CLERK, world.district))
    elsewhere = Panel(world.post("镇录入员", Post.CLERK, world.other_town))

    assert (clerk.rows(ExitRecord), elsewhere.rows(ExitRecord)) == ([record], [])
    assert clerk.rows(ExitRecord, whose="household") == []
    assert clerk.open(record).status_code == 200
    assert elsewhere.open(record).status_code == 404
    assert clerk.client.get(address(ExitRecord, "add")).status_code == 403
    assert clerk.client.post(address(ExitRecord, "change", record.pk), {"approved_on": "2020-01-01"}).status_code == 403
    assert clerk.client.post(address(ExitRecord, "delete", record.pk), {"post": "yes"}).status_code == 403
    assert ExitRecord.objects.get().approved_on == date(2018, 11, 6)


def test_an_import_stores_an_exit_once_and_tells_it(world: World) -> None:
    clerk = world.post("区录入员", Post.CLERK, world.district)
    record = ExitRecord(household=world.household("刘家"), village=world.village, approved_on=date(2018, 11, 6))

    for _time in range(2):
        import_exit(record, actor=clerk, on=TODAY)

    assert ExitRecord.objects.count() == 1
    assert list(AuditEntry.objects.filter(verb__startswith="exit.").values_list("verb", "actor", "village")) == [
        ("exit.recorded", clerk.pk, world.village.pk)
    ]


def test_a_later_file_corrects_an_exit_with_before_and_after(world: World) -> None:
    record = village_exit(world)
    record.is_wrong = True

    import_exit(record, actor=None, on=TODAY)

    assert AuditEntry.objects.get(verb="exit.corrected").changes == {"is_wrong": [False, True]}


def test_steps_out_of_order_are_refused_at_the_step(world: World) -> None:
    record = ExitRecord(village=world.village, noticed_on=date(2018, 11, 7), approved_on=date(2018, 11, 6))

    with pytest.raises(ValidationError) as refused:
        import_exit(record, actor=None, on=TODAY)

    assert list(refused.value.message_dict) == ["approved_on"]
    assert not ExitRecord.objects.exists()


@pytest.mark.parametrize("post", [Post.VILLAGE_CHIEF, Post.VILLAGE_SECRETARY])
def test_only_the_office_of_the_place_brings_exits_in(world: World, post: str) -> None:
    record = ExitRecord(village=world.village, approved_on=date(2018, 11, 6))
    outsiders = [world.post("村干部", post, world.village), world.post("镇录入员", Post.CLERK, world.other_town)]

    for outsider in outsiders:
        with pytest.raises(PermissionDenied):
            import_exit(record, actor=outsider, on=TODAY)

    assert not ExitRecord.objects.exists()
