"""The result of an import: every row's fate once, and the refused rows whole, to correct and bring in again."""

import re
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from casework.tests.world import TODAY, World, at
from households.exports import ask_for_result, forget_refused_rows, take_export, write_export
from households.imports import confirm_import, continue_import
from households.models import Export, ImportKind, ImportRefusal, ImportState, Person, RegisterImport
from households.register_import.columns import REGISTER, titles
from households.register_import.plan import Sheets
from households.register_import.read import Raw, read_rows
from households.register_import.result import result_tables
from households.tests.sheets import bring_in, confirm, csv_of, made_up_number, person
from households.tests.zoo import workbook
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
WRONG = "360721198001010000"  # its check digit does not fit
FATES, TO_CORRECT = "导入结果", "待更正"


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def rows() -> list[dict[str, Any]]:
    """Two households; one member of the second has a wrong number."""
    return [
        person("3607040001", 1, "刘一", 证件号码=made_up_number(1)),
        person("3607040001", 2, "刘二", "之子", 证件号码=made_up_number(2)),
        person("3607040002", 1, "赖一", 证件号码=made_up_number(3)),
        person("3607040002", 2, "赖二", "之子", 证件号码=WRONG, 人联系电话="13800000002"),
    ]


def brought_in(clerk: Cadre) -> RegisterImport:
    job = bring_in(csv_of(rows()), now=NOW, actor=clerk)
    job.refresh_from_db()
    return job


def result(job: RegisterImport, actor: Cadre) -> Export:
    export = ask_for_result(key=uuid.uuid4(), job=job, actor=actor, now=NOW)
    assert write_export(export.pk, now=NOW)
    export.refresh_from_db()
    return export


def saved(export: Export, path: Path) -> Path:
    path.write_bytes(b"".join(take_export(export=export, actor=export.maker, now=NOW)))
    return path


def sheet(raws: list[Raw], name: str) -> list[tuple[Any, ...]]:
    return [raw.cells for raw in raws if raw.sheet == name]


def test_every_row_of_the_file_has_one_fate(clerk, tmp_path):
    job = brought_in(clerk)

    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))

    told = sheet(raws, FATES)[2:]
    assert sorted(row[2] for row in told) == [3.0, 4.0, 5.0, 6.0]
    assert len(told) == job.rows
    assert [row[3] for row in told].count("退回") == job.refused


def test_a_refused_row_says_where_what_and_how_to_mend_it(clerk, tmp_path):
    raws = list(read_rows(saved(result(brought_in(clerk), clerk), tmp_path / "a.xlsx")))

    [row] = [row for row in sheet(raws, FATES)[2:] if row[3] == "退回"]
    assert (row[2], row[5], row[6]) == (6.0, "赖二", "证件号码")
    assert WRONG not in str(sheet(raws, FATES))
    assert row[8].endswith("。")


def test_refused_rows_stand_whole_and_can_be_brought_in_again(clerk, tmp_path):
    job = brought_in(clerk)
    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))

    header, refused = sheet(raws, TO_CORRECT)
    values = dict(zip(header, refused, strict=True))
    assert (values["证件号码"], values["人联系电话"], values["姓名"]) == (WRONG, "13800000002", "赖二")
    found = list(Sheets(REGISTER).rows(iter(raws)))
    assert [(plan.sheet, row) for plan, row, _cells in found] == [(TO_CORRECT, 2)]


def test_the_corrected_sheet_completes_the_household(clerk, tmp_path):
    job = brought_in(clerk)
    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))
    confirm_import(job=job, actor=clerk, on=TODAY, lets_leave=False, takes_conflicts=None)
    continue_import(job.pk, now=NOW)
    header, refused = sheet(raws, TO_CORRECT)
    corrected = dict(zip(header, refused, strict=True)) | {"证件号码": made_up_number(4)}

    again = bring_in(csv_of([corrected]), now=NOW, actor=clerk)
    again.refresh_from_db()
    confirm_import(job=again, actor=clerk, on=TODAY, lets_leave=False, takes_conflicts=None)
    continue_import(again.pk, now=NOW)

    again.refresh_from_db()
    assert (again.state, again.refused) == (ImportState.APPLIED, 0)
    assert Person.objects.filter(household__number="3607040002").count() == 2


def test_for_a_colleague_the_refused_rows_are_masked(world, clerk, tmp_path):
    town_clerk = world.post("镇录入员", Post.CLERK, world.town)
    job = brought_in(town_clerk)

    export = result(job, clerk)

    text = str(list(read_rows(saved(export, tmp_path / "a.xlsx"))))
    assert not export.is_in_full
    assert WRONG not in text
    assert "13800000002" not in text
    assert "赖二" in text


def test_handing_back_full_numbers_is_put_down(clerk):
    export = result(brought_in(clerk), clerk)

    entry = AuditEntry.objects.get(verb="export.asked")
    assert (entry.target_id, entry.reason) == (str(export.pk), "更正导入时退回的行")


def test_whoever_cannot_see_the_import_gets_no_result(world, clerk):
    job = brought_in(clerk)
    town_clerk = world.post("镇录入员", Post.CLERK, world.town)
    client = Client()
    client.force_login(town_clerk)

    with pytest.raises(PermissionDenied):
        ask_for_result(key=uuid.uuid4(), job=job, actor=town_clerk, now=NOW)
    assert client.post(reverse("admin:households_export_result", args=[job.pk])).status_code == 404


def test_a_file_that_is_still_being_read_has_no_result(clerk):
    job = brought_in(clerk)
    RegisterImport.objects.update(state=ImportState.READING)
    job.refresh_from_db()

    with pytest.raises(ValidationError, match="请等读取完成"):
        ask_for_result(key=uuid.uuid4(), job=job, actor=clerk, now=NOW)


def test_the_result_is_asked_for_in_the_panel_and_once(clerk):
    job = brought_in(clerk)
    client = Client()
    client.force_login(clerk)
    address, data = reverse("admin:households_export_result", args=[job.pk]), {"key": str(uuid.uuid4())}

    first, second = client.post(address, data), client.post(address, data)

    export = Export.objects.get()
    assert first["Location"] == second["Location"] == reverse("admin:households_export_change", args=[export.pk])
    shown = client.get(first["Location"]).content.decode()
    assert "导入结果" in shown
    assert reverse("admin:households_registerimport_change", args=[job.pk]) in shown


def test_refused_rows_are_sealed_and_forgotten_after_some_weeks(clerk, settings):
    settings.REFUSED_ROWS_DAYS = 30
    job = brought_in(clerk)
    RegisterImport.objects.filter(pk=job.pk).update(made_at=at(TODAY))
    assert WRONG.encode() not in bytes(raw_cells())

    assert forget_refused_rows(now=at(TODAY.replace(month=11, day=14))) == 0
    client, address = Client(), reverse("admin:households_registerimport_change", args=[job.pk])
    client.force_login(clerk)
    assert "“待更正”工作表" in client.get(address).text
    assert forget_refused_rows(now=at(TODAY.replace(month=11, day=15))) == 1
    assert "“待更正”工作表" not in client.get(address).text
    assert forget_refused_rows(now=at(TODAY.replace(month=11, day=15))) == 0


def raw_cells() -> bytes:
    """What the database keeps of the one refused row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cells FROM {ImportRefusal._meta.db_table}")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("kind", [ImportKind.CADRES, ImportKind.UNITS])
def test_lists_have_a_result_too(kind, clerk, tmp_path):
    header = {ImportKind.CADRES: ["账号", "姓名", "单位"], ImportKind.UNITS: ["单位名称", "是否在用"]}[kind]
    cells = {"账号": "lisi", "姓名": "李四", "单位": "无此单位", "单位名称": "区档案馆", "是否在用": "也许"}
    job = bring_in(csv_of([cells], header=header), now=NOW, actor=clerk, kind=kind)
    job.refresh_from_db()

    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))

    header_again, row = sheet(raws, TO_CORRECT)
    assert job.refused == 1
    assert dict(zip(header_again, row, strict=True))[header[-1]] == cells[header[-1]]


def test_a_row_that_stands_twice_names_the_sheet_of_the_other_one(clerk: Cadre, tmp_path: Path) -> None:
    row = rows()[0]
    table = [titles(), [row.get(name, "") for name in titles()]]
    book = workbook(tmp_path / "two.xlsx", table, 另页=table)

    job = bring_in(book.read_bytes(), now=NOW, actor=clerk, name=book.name)

    refused = ImportRefusal.objects.get(job=job)
    assert (refused.sheet, refused.row, refused.hint) == ("另页", 2, "2 (数据)")


def test_refused_rows_stand_in_the_order_of_the_files_sheets_and_rows(clerk: Cadre, tmp_path: Path) -> None:
    heads = [person(f"360704000{serial}", 1, name) for serial, name in enumerate("甲乙")]
    wrong = [person(f"360704000{home}", 2, name, "之子", 证件号码=WRONG) for home, name in [(1, "丁"), (0, "丙")]]
    first, second = (
        [[row.get(name, "") for name in titles()] for row in rows]
        for rows in ([*heads, wrong[0]], [wrong[1] | {"人编号": "3607040000903", "姓名": "戊"}, wrong[1]])
    )
    # The first household, of which rows are refused in the second sheet, is compared first.
    book = workbook(tmp_path / "two.xlsx", [titles(), *first], A=[titles(), *second])
    job = bring_in(book.read_bytes(), now=NOW, actor=clerk, name=book.name)
    client = Client()
    client.force_login(clerk)

    shown = client.get(reverse("admin:households_registerimport_change", args=[job.pk]), {"show": "refused"})
    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))

    expected = [("数据", 4, "丁"), ("A", 2, "戊"), ("A", 3, "丙")]
    assert [(one.sheet, one.row, one.label) for one, _remedy in shown.context["shown"]] == expected
    assert [(*row[1:3], row[5]) for row in sheet(raws, FATES)[2:] if row[3] == "退回"] == expected
    place = sheet(raws, TO_CORRECT)[0].index("姓名")
    assert [row[place] for row in sheet(raws, TO_CORRECT)[1:]] == ["丁", "戊", "丙"]
    call_command("import_register", str(book), stdout=(said := StringIO()))
    assert re.findall(r"  (\w+) · (\d) · 证件号码", said.getvalue()) == [("数据", "4"), ("A", "2"), ("A", "3")]


def test_whoever_goes_to_another_household_is_told_with_both(world: World, clerk: Cadre, tmp_path: Path) -> None:
    before = rows()[:3]
    confirm(bring_in(csv_of(before), now=NOW), now=NOW)
    job = bring_in(csv_of([before[0], before[2], before[1] | {"户编号": "3607040002"}]), now=NOW, actor=clerk)

    raws = list(read_rows(saved(result(job, clerk), tmp_path / "a.xlsx")))

    told = {row[5]: row[8] for row in sheet(raws, FATES)[2:]}
    assert told["刘二"] == "由刘一（3607040001）转到赖一（3607040002）。"
    assert [name for name, words in told.items() if words] == ["刘二"]
    (table,) = result_tables(job, reader=world.cadre("局外人"), on=TODAY, in_full=False)
    assert "由您工作范围以外的一户转到赖一（3607040002）。" in [row[8] for row in table.rows]


def test_the_workbook_speaks_the_language_of_whoever_asked_for_it(clerk: Cadre, tmp_path: Path) -> None:
    job = brought_in(clerk)
    with translation.override("en"):
        export = ask_for_result(key=uuid.uuid4(), job=job, actor=clerk, now=NOW)

    assert write_export(export.pk, now=NOW)  # as the background does it, in its own language

    export.refresh_from_db()
    raws = list(read_rows(saved(export, tmp_path / "a.xlsx")))
    [row] = [row for row in sheet(raws, "Result")[2:] if row[3] == "refused"]
    assert row[8].startswith("The check digit does not fit")
    assert len(sheet(raws, "To correct")) == 2
