"""An export in a real browser: from the filtered list, past the progress bar, to the downloaded file."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from casework.tests.waiting import next_page
from casework.tests.world import TODAY, World, at
from households.exports import ask_for_export, write_export
from households.models import Export, Household
from households.register_import.read import read_rows
from households.tests.people import family
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NOW = at(TODAY)


def test_from_the_list_to_the_file(
    desk: Page, sign_in: Callable[[Page, Cadre], None], check_axe: Callable[[Page], None], tmp_path: Path
) -> None:
    world = World()
    clerk = world.post("区录入员", Post.CLERK, world.district)
    family(world)
    family(world, "外人", world.foreign, serial=2)
    sign_in(desk, clerk)

    desk.goto(f"{reverse('admin:households_household_changelist')}?in_town={world.town.pk}")
    with next_page(desk):
        desk.get_by_role("link", name="导出", exact=True).click()
    expect(desk.locator(".explanation")).to_contain_text("1 户 3 人")
    check_axe(desk)
    desk.get_by_label("完整显示").check()
    desk.get_by_label("文件用途").fill("上报国家系统")
    with next_page(desk):
        desk.get_by_role("button", name="导出").click()
    expect(desk.locator("progress")).to_be_visible()
    check_axe(desk)
    assert write_export(Export.objects.get().pk, now=NOW)
    desk.clock.run_for(2_000)
    button = desk.get_by_role("button", name="下载文件")
    expect(button).to_be_visible()
    check_axe(desk)
    with desk.expect_download() as download:
        button.click()

    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    rows = list(read_rows(file))
    assert [raw.cells[7] for raw in rows] == ["姓名", "刘一", "家人1", "家人2"]
    assert AuditEntry.objects.get(verb="export.taken").reason == "上报国家系统"


def test_the_lists_read_well_on_a_phone(
    phone: Page, sign_in: Callable[[Page, Cadre], None], check_axe: Callable[[Page], None]
) -> None:
    world = World()
    clerk = world.post("区录入员", Post.CLERK, world.district)
    family(world)
    export = ask_for_export(
        key=uuid.uuid4(), households=Household.objects.all(), actor=clerk, now=NOW, is_in_full=False
    )
    sign_in(phone, clerk)

    for address in (
        reverse("admin:households_export_changelist"),
        reverse("admin:households_export_change", args=[export.pk]),
        reverse("admin:households_templates"),
        reverse("admin:households_household_export"),
    ):
        phone.goto(address)
        check_axe(phone)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
