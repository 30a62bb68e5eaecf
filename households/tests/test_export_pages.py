"""The pages of an export: from the filtered list to the file, for its maker alone."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World, at
from households.exports import write_export
from households.models import Export, ExportState, Household
from households.register_import.read import read_rows
from households.tests.people import family
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

ASK = "admin:households_household_export"
NOW = at(TODAY)


def client_of(cadre: Cadre) -> Client:
    client = Client()
    client.force_login(cadre)
    return client


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def ask(client: Client, query: str = "", **typed: Any) -> Any:
    data = {"key": str(uuid.uuid4()), "numbers": "masked", "reason": "", **typed}
    return client.post(f"{reverse(ASK)}?{query}", data)


def page(export: Export, name: str = "change") -> str:
    return reverse(f"admin:households_export_{name}", args=[export.pk])


def test_the_list_leads_to_an_export_with_its_filters(world, clerk):
    response = client_of(clerk).get(reverse("admin:households_household_changelist"), {"is_away__exact": "0"})

    assert f'href="{reverse(ASK)}?is_away__exact=0"' in response.content.decode()


def test_what_is_exported_is_what_the_filters_show(world, clerk):
    family(world)
    family(world, "外人", world.foreign, serial=2)
    client = client_of(clerk)

    shown = client.get(f"{reverse(ASK)}?in_town={world.other_town.pk}")
    response = ask(client, f"in_town={world.other_town.pk}")

    export = Export.objects.get()
    assert "1 户" in shown.content.decode()
    assert response["Location"] == page(export)
    assert export.households == [Household.objects.get(village=world.foreign).pk]


def test_filters_that_make_no_sense_lead_back_to_the_list(clerk):
    response = client_of(clerk).get(f"{reverse(ASK)}?nonsense__exact=1")

    assert (response.status_code, Export.objects.count()) == (302, 0)


def test_a_missing_reason_is_asked_for_and_what_was_chosen_stays(world, clerk):
    family(world)

    response = ask(client_of(clerk), numbers="in_full")

    text = response.content.decode()
    assert "请简要说明文件的用途。" in text
    assert response.context["form"]["numbers"].value() == "in_full"
    assert Export.objects.count() == 0


def test_the_file_comes_by_post_alone_and_under_a_name_that_tells_of_nobody(world, clerk, tmp_path):
    family(world)
    client = client_of(clerk)
    ask(client)
    export = Export.objects.get()
    write_export(export.pk, now=NOW)

    assert client.get(page(export, "file")).status_code == 405
    response: Any = client.post(page(export, "file"))

    file = tmp_path / "a.xlsx"
    file.write_bytes(b"".join(response.streaming_content))
    export.refresh_from_db()
    assert len(list(read_rows(file))) == 4
    assert export.file_name == f"农户信息-20261015-{str(export.pk)[:8]}.xlsx"
    assert quote(export.file_name) in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    assert int(response["Content-Length"]) == file.stat().st_size


@pytest.mark.parametrize("role", ["supervisor", "town_clerk", "chief", "town_secretary", "outsider"])
def test_for_everybody_else_it_does_not_exist(world, clerk, role):
    family(world)
    ask(client_of(clerk))
    export = Export.objects.get()
    write_export(export.pk, now=NOW)
    other = client_of(world.cast()[role])

    answers = {
        other.get(page(export)).status_code,
        other.get(page(export, "history")).status_code,
        other.get(page(export, "progress")).status_code,
        other.post(page(export, "file")).status_code,
    }

    assert answers == {404}
    assert not AuditEntry.objects.filter(verb="export.taken").exists()


def test_even_the_technical_administrator_sees_only_own_exports(world, clerk):
    family(world)
    ask(client_of(clerk))
    administrator = client_of(world.cadre("管理员", is_superuser=True))

    listed = administrator.get(reverse("admin:households_export_changelist"))

    assert list(listed.context["cl"].result_list) == []
    assert administrator.get(page(Export.objects.get())).status_code == 404


def test_an_expired_file_says_so(world, clerk):
    family(world)
    client = client_of(clerk)
    ask(client)
    Export.objects.update(state=ExportState.EXPIRED)

    response = client.post(page(Export.objects.get(), "file"), follow=True)

    assert "该文件已不存在，请重新导出。" in response.content.decode()


def test_progress_is_told_as_numbers(world, clerk):
    family(world)
    client = client_of(clerk)
    ask(client)
    Export.objects.update(rows_done=2)

    told = client.get(page(Export.objects.get(), "progress")).json()

    assert told == {"is_over": False, "done": 2, "total": 3}
    assert 'http-equiv="refresh"' in client.get(page(Export.objects.get())).content.decode()


def test_my_exports_need_the_same_queries_for_one_and_three(world, clerk, django_assert_max_num_queries):
    family(world)
    client = client_of(clerk)
    address = reverse("admin:households_export_changelist")
    counts = []
    for times in (1, 2):
        for _time in range(times):
            ask(client)
        with django_assert_max_num_queries(20) as asked:
            client.get(address)
        counts.append(len(asked))

    assert counts[0] == counts[1]
