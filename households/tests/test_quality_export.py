"""A data-quality list becomes a workbook: of the place shown, by the office, for its maker, with a reason when long."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.tests.world import TODAY, World, at
from households.contradictions import households_behind
from households.exports import ask_for_export, take_export, write_export
from households.models import Export, Household, Income, Person
from households.register_import.read import check_file, read_rows
from households.tests.files import whole_file
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
MISSING, SCHOOL = "income_missing", "child_out_of_school"


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("经办人", Post.CLERK, world.town)


@pytest.fixture
def homes(world: World) -> list[Household]:
    """A broken file in each of three villages; the last is in another town."""
    places = (world.village, world.sibling, world.foreign)
    homes = [whole_file(world, f"户主{number}", place) for number, place in enumerate(places, start=1)]
    Income.objects.all().delete()
    Person.objects.filter(name="儿子").update(schooling="none")
    world.help("李帮扶", homes[0])
    return homes


def page_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


def address(rule: str, place: str) -> str:
    return f"{reverse('quality_export', args=[rule])}?place={place}"


def asked(actor: Cadre, rule: str = MISSING, place: str = "360704", **options: Any) -> Export:
    households = households_behind(rule, cadre=actor, on=TODAY, place_code=place)
    fields = {"key": uuid.uuid4(), "households": households, "now": NOW, "is_in_full": False, "rule": rule}
    return ask_for_export(actor=actor, **(fields | options))


def rows_in(export: Export, tmp_path: Path) -> list[list[Any]]:
    assert write_export(export.pk, now=NOW)
    export.refresh_from_db()
    path = tmp_path / export.file_name
    path.write_bytes(b"".join(take_export(export=export, actor=export.maker, now=timezone.now())))
    check_file(path)
    return [list(row.cells) for row in read_rows(path)]


def test_the_file_lists_what_the_page_lists(homes: list[Household], clerk: Cadre, tmp_path: Path) -> None:
    rows = rows_in(asked(clerk), tmp_path)

    assert rows[1][:7] == ["序号", "乡镇", "行政村", "村民小组", "户编号", "户主", "涉及成员"]
    assert [row[5] for row in rows[2:]] == ["户主1", "户主2"]
    assert rows[2][4] == homes[0].number
    assert rows[2][8] == "李帮扶"
    assert str(homes[0].persons.first().id_number) not in str(rows)  # type: ignore[union-attr]


def test_the_persons_a_rule_is_about_are_named(homes: list[Household], clerk: Cadre, tmp_path: Path) -> None:
    rows = rows_in(asked(clerk, SCHOOL), tmp_path)

    assert {row[6].split("（")[0].split("(")[0].strip() for row in rows[2:]} == {"儿子"}


def test_the_page_asks_and_leads_to_the_file(world: World, homes: list[Household], clerk: Cadre) -> None:
    client, there = page_of(clerk), address(MISSING, world.village.pk)
    shown = client.get(f"{reverse('quality_list', args=[MISSING])}?place={world.village.pk}").content.decode()
    form = client.get(there).context["form"]

    twice = [client.post(there, {"key": str(form["key"].value()), "reason": ""}) for _time in range(2)]

    export = Export.objects.get()
    assert there in shown
    assert {answer["Location"] for answer in twice} == {reverse("admin:households_export_change", args=[export.pk])}
    assert (export.kind, export.rule, export.households, export.is_in_full) == (
        "quality",
        MISSING,
        [homes[0].pk],
        False,
    )
    assert client.get(twice[0]["Location"]).status_code == 200
    assert AuditEntry.objects.get(verb="export.asked").changes["rule"] == [None, MISSING]


def test_many_people_need_a_reason(world: World, homes: list[Household], clerk: Cadre, settings: Any) -> None:
    settings.EXPORT_REASON_ABOVE = 1
    client = page_of(clerk)
    there = address(MISSING, world.village.pk)

    refused = client.post(there, {"key": str(uuid.uuid4()), "reason": ""})
    numbered = client.post(there, {"key": str(uuid.uuid4()), "reason": "核对360721196803021234"})
    accepted = client.post(there, {"key": str(uuid.uuid4()), "reason": "逐户核对"})

    assert list(refused.context["form"].errors) == list(numbered.context["form"].errors) == ["reason"]
    assert (accepted.status_code, Export.objects.get().reason) == (302, "逐户核对")


def test_only_an_office_takes_a_list_and_only_of_its_places(world: World, homes: list[Household]) -> None:
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    foreign = world.post("外镇录入员", Post.CLERK, world.other_town)

    with pytest.raises(PermissionDenied):
        asked(chief)
    with pytest.raises(ValidationError):
        asked(foreign, households=Household.objects.filter(village=world.village))

    assert page_of(chief).get(address(MISSING, world.village.pk)).status_code == 403
    assert page_of(foreign).get(address(MISSING, world.village.pk)).status_code == 404
    shown = page_of(chief).get(f"{reverse('quality_list', args=[MISSING])}?place={world.village.pk}")
    assert reverse("quality_export", args=[MISSING]) not in shown.content.decode()


def test_somebody_elses_file_does_not_exist(world: World, homes: list[Household], clerk: Cadre) -> None:
    export = asked(clerk)
    other = page_of(world.post("同事", Post.CLERK, world.town))

    assert other.get(reverse("admin:households_export_change", args=[export.pk])).status_code == 404


def test_no_rule_of_that_name(world: World, clerk: Cadre) -> None:
    assert page_of(clerk).get(address("nonsense", world.village.pk)).status_code == 404
