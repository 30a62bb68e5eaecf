"""An export: in whose places, why, in which columns, for whom, until when; and a job that may run twice."""

import io
import logging
import uuid
import zipfile
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from casework import tasks as sweeping
from casework.tests.world import TODAY, World, at
from households import exports, register_export, tasks
from households.exports import ask_for_export, expire_exports, ring_unfinished, take_export, write_export
from households.models import Export, ExportPart, ExportState, Household, Person
from households.register_import.columns import titles
from households.register_import.read import Raw, check_file, read_rows
from households.tests.people import family
from households.workbooks import Heading, Table, stream_tables
from villages.models import AuditEntry, Cadre, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LATER = timedelta(hours=24)


@pytest.fixture
def clerk(world: World) -> Cadre:
    return world.post("区录入员", Post.CLERK, world.district)


def asked(actor: Cadre, **options: Any) -> Export:
    fields = {"key": uuid.uuid4(), "households": Household.objects.all(), "now": NOW, "is_in_full": False}
    return ask_for_export(actor=actor, **(fields | options))


def content(export: Export) -> bytes:
    return b"".join(take_export(export=export, actor=export.maker, now=timezone.now()))


def rows_in(export: Export, tmp_path: Path) -> list[Raw]:
    """What the importer would read from the file."""
    path = tmp_path / export.file_name
    path.write_bytes(content(export))
    check_file(path)
    return list(read_rows(path))


def by_title(rows: list[Raw], number: int = 1) -> dict[str, Any]:
    return dict(zip(rows[0].cells, rows[number].cells, strict=False))


def ready(actor: Cadre, **options: Any) -> Export:
    export = asked(actor, **options)
    assert write_export(export.pk, now=NOW)
    export.refresh_from_db()
    return export


# What is in the file --------------------------------------------------------------------------


def test_the_file_begins_with_the_national_header_and_nothing_above(world, clerk, tmp_path):
    family(world)

    rows = rows_in(ready(clerk), tmp_path)

    assert (rows[0].sheet, rows[0].row, list(rows[0].cells)) == (exports.SHEET, 1, titles())
    assert len(rows) == 4


def test_every_column_says_what_the_register_says(world, clerk, tmp_path):
    household = family(world)
    head: Any = household.persons.get(relation="head")

    row = by_title(rows_in(ready(clerk, is_in_full=True, reason="核对"), tmp_path))

    assert row == {
        "序号": 1.0,
        "县": "赣县区",
        "乡": "王母渡镇",
        "行政村": "潭埠村委会",
        "自然村": "上坝",
        "户编号": household.number,
        "人编号": head.number,
        "姓名": "刘一",
        "证件号码": head.id_number.reveal(),
        "人数": 3.0,
        "与户主关系": "户主",
        "民族": "汉族",
        "文化程度": "初中",
        "在校生状况": "非在校生",
        "健康状况": "长期慢性病、残疾",
        "劳动技能": "普通劳动力",
        "务工时间(月)": 8.0,
        "是否参加大病保险": "是",
        "致贫原因1": "因病",
        "危房户": "否",
        "是否解决安全饮用水": "是",
        "人均纯收入": 12800.5,
        "户联系电话": "13800000001",
        "人联系电话": "13900000010",
        "首次识别时间": "2014-12-01",
        "人员识别时间": "2014-12-01",
        "户类型": "脱贫户",
        "监测对象类型": "脱贫不稳定户",
        "风险是否消除": "否",
        "风险识别时间": "2021-05-06",
        "风险消除时间": "",
    }


def test_numbers_are_masked_unless_asked_for_in_full(world, clerk, tmp_path):
    head: Any = family(world).persons.get(relation="head")

    row = by_title(rows_in(ready(clerk), tmp_path))

    assert (row["证件号码"], row["户联系电话"]) == ("360721************", "138****0001")
    assert head.id_number.reveal() not in str(row)


def test_nothing_is_a_formula(world, clerk, tmp_path):
    household = family(world, size=4)
    wicked = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)"]
    for person, name in zip(Person.objects.filter(household=household).order_by("pk"), wicked, strict=True):
        Person.objects.filter(pk=person.pk).update(name=name, ethnicity=f"<&>\x07{name[:1]}")

    export = ready(clerk)
    rows = rows_in(export, tmp_path)

    assert [by_title(rows, number)["姓名"] for number in (1, 2, 3, 4)] == wicked
    assert by_title(rows)["民族"] == "<&>="
    formulas = ElementTree.fromstring(stored_sheet(content(export))).iter(f"{MAIN}f")
    assert list(formulas) == []


def stored_sheet(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as file:
        return file.read("xl/worksheets/sheet1.xml")


def test_who_left_is_not_in_the_file(world, clerk, tmp_path):
    household, gone = family(world), family(world, "走户", serial=2)
    Person.objects.filter(household=household, name="家人2").update(left_on=TODAY)
    Household.objects.filter(pk=gone.pk).update(left_on=TODAY)

    export = ready(clerk)

    assert (export.households_total, len(rows_in(export, tmp_path))) == (1, 3)


def test_households_stand_in_the_order_of_places(world, clerk, tmp_path):
    family(world, "外一", world.foreign, size=1, serial=3)
    family(world, "刘一", size=1)
    family(world, "浓二", world.sibling, size=1, serial=2)

    rows = rows_in(ready(clerk), tmp_path)

    assert [by_title(rows, number)["姓名"] for number in (1, 2, 3)] == ["刘一", "浓二", "外一"]


def test_a_file_needs_the_same_number_of_queries_for_one_and_three_households(world, clerk, django_assert_num_queries):
    first = family(world)
    with django_assert_num_queries(3):
        list(register_export.rows_of([first.pk], on=TODAY, in_full=True))
    family(world, serial=2)
    family(world, serial=3)
    ids = list(Household.objects.values_list("pk", flat=True))

    with django_assert_num_queries(3):
        rows = list(register_export.rows_of(ids, on=TODAY, in_full=True))

    assert len(rows) == 9


def test_a_list_for_people_has_its_title_above(tmp_path):
    headings = [Heading("序号", is_text=False), Heading("金额", is_text=False)]
    table = Table("表", headings, [[1, Decimal("1.50")], [2, None]], title="赣县区某表（截至2026-10-15）")
    with (tmp_path / "表.xlsx").open("wb") as file:
        stream_tables(file, [table, Table("二", [Heading("户编号")], [["0036"]])])

    rows = [raw for raw in read_rows(tmp_path / "表.xlsx")]
    assert [(raw.sheet, raw.row, raw.cells) for raw in rows] == [
        ("表", 1, ("赣县区某表（截至2026-10-15）", "")),
        ("表", 2, ("序号", "金额")),
        ("表", 3, (1.0, 1.5)),
        ("表", 4, (2.0, "")),
        ("二", 1, ("户编号",)),
        ("二", 2, ("0036",)),
    ]


# Who may, and why -----------------------------------------------------------------------------


def test_a_town_clerk_exports_only_the_town(world, tmp_path):
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    family(world)
    family(world, "外人", world.foreign, serial=2)

    export = ready(clerk)

    assert (export.households_total, export.rows_total) == (1, 3)


def test_households_one_helps_elsewhere_are_not_the_offices(world):
    clerk = world.post("镇录入员", Post.CLERK, world.town)
    world.help(clerk, family(world, "外人", world.foreign))

    with pytest.raises(ValidationError, match="没有可导出的人员"):
        asked(clerk)


@pytest.mark.parametrize("role", ["helper", "chief", "first_secretary", "team_member", "town_secretary", "outsider"])
def test_whoever_is_not_of_the_office_exports_nothing(role, world):
    cast = world.cast()
    cast["helper"] = world.help("帮扶人", family(world))

    with pytest.raises(PermissionDenied):
        asked(cast[role])

    assert Export.objects.count() == 0


def test_above_the_limit_a_reason_is_asked_for(world, clerk, settings):
    settings.EXPORT_REASON_ABOVE = 3
    family(world)
    assert asked(clerk).reason == ""
    family(world, serial=2)

    with pytest.raises(ValidationError) as refusal:
        asked(clerk, reason="  ")

    assert refusal.value.message_dict == {"reason": ["请简要说明文件的用途。"]}
    assert asked(clerk, reason="季度核对").reason == "季度核对"


def test_numbers_in_full_need_a_reason_for_a_single_person(world, clerk):
    family(world, size=1)

    with pytest.raises(ValidationError):
        asked(clerk, is_in_full=True)

    asked(clerk, is_in_full=True, reason="上报省系统")
    entry = AuditEntry.objects.get(verb="export.asked")
    assert (entry.actor, entry.reason, entry.changes["is_in_full"]) == (clerk, "上报省系统", [None, True])


def test_only_so_many_files_in_full_within_a_day(world, clerk, settings):
    settings.EXPORTS_IN_FULL_A_DAY = 1
    family(world)
    ready(clerk, is_in_full=True, reason="核对")

    with pytest.raises(ValidationError, match="只能导出1个"):
        asked(clerk, is_in_full=True, reason="再次核对")

    assert asked(clerk, is_in_full=True, reason="次日", now=NOW + timedelta(days=1, seconds=1))


def test_only_so_many_exports_wait_at_once(world, clerk):
    family(world)
    for _number in range(exports.MOST_UNFINISHED):
        asked(clerk)

    with pytest.raises(ValidationError, match="等其中一个完成"):
        asked(clerk)


def test_pressing_twice_asks_once(world, clerk):
    family(world)
    key = uuid.uuid4()

    first, second = asked(clerk, key=key), asked(clerk, key=key)

    assert (first, Export.objects.count(), AuditEntry.objects.filter(verb="export.asked").count()) == (second, 1, 1)


def test_the_trail_and_the_log_tell_of_nobody(world, clerk, caplog):
    family(world)

    with caplog.at_level(logging.DEBUG):
        content(ready(clerk, is_in_full=True, reason="核对"))

    told = str(list(AuditEntry.objects.filter(verb__startswith="export").values_list("changes", flat=True)))
    for word in ("刘一", "360721", "1380000"):
        assert word not in told
        assert word not in "".join(
            record.getMessage() for record in caplog.records if "INSERT" not in record.getMessage()
        )


def test_the_file_is_sealed_in_the_database(world, clerk):
    family(world)
    export = ready(clerk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM households_exportpart")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())

    assert content(export)[:4] == b"PK\x03\x04"
    assert b"PK\x03\x04" not in stored


# The maker alone, for a day -------------------------------------------------------------------


def test_only_the_maker_may_take_it(world, clerk):
    family(world)
    export = ready(clerk)

    for other in (world.post("督导", Post.SUPERVISOR, world.district), world.cadre("管理员", is_superuser=True)):
        with pytest.raises(PermissionDenied):
            take_export(export=export, actor=other, now=NOW)
        assert list(Export.objects.visible_to(other, TODAY)) == []


def test_who_left_the_office_cannot_take_it_any_more(world):
    clerk = world.post("录入员", Post.CLERK, world.town, ends_on=TODAY)
    family(world)
    export = ready(clerk)

    with pytest.raises(PermissionDenied):
        take_export(export=export, actor=clerk, now=NOW + timedelta(days=1))


def test_every_download_is_put_down(world, clerk):
    family(world)
    export = ready(clerk, reason="核对")

    content(export)
    content(export)

    assert (
        list(AuditEntry.objects.filter(verb="export.taken").values_list("actor", "reason")) == [(clerk.pk, "核对")] * 2
    )


def test_after_a_day_the_file_is_gone(world, clerk):
    family(world)
    export = ready(clerk)
    assert expire_exports(now=NOW + LATER - timedelta(seconds=1)) == 0

    with pytest.raises(exports.NotThere, match="请重新导出"):
        take_export(export=export, actor=clerk, now=NOW + LATER)
    assert expire_exports(now=NOW + LATER) == 1

    export.refresh_from_db()
    assert (export.state, export.households, ExportPart.objects.count()) == (ExportState.EXPIRED, [], 0)
    assert expire_exports(now=NOW + LATER) == 0


# The job --------------------------------------------------------------------------------------


def test_a_second_run_of_the_job_changes_nothing(world, clerk):
    family(world)
    export = asked(clerk)
    tasks.write_export(str(export.pk))
    before = list(Export.objects.values()), list(ExportPart.objects.values_list("pk", flat=True))

    tasks.write_export(str(export.pk))

    assert (list(Export.objects.values()), list(ExportPart.objects.values_list("pk", flat=True))) == before
    assert Export.objects.get().state == ExportState.READY


def test_a_worker_that_was_killed_in_the_middle_is_harmless(world, clerk):
    family(world)
    export = asked(clerk)
    dead = exports._claim(export.pk, NOW)
    ExportPart.objects.create(export=export, claim=dead, number=0, content=b"half a file")

    assert not write_export(export.pk, now=NOW + timedelta(minutes=1))  # somebody may still be at it
    assert write_export(export.pk, now=NOW + exports.SILENCE)

    export.refresh_from_db()
    assert export.state == ExportState.READY
    assert content(export).startswith(b"PK")
    assert not ExportPart.objects.filter(claim=dead).exists()


def test_a_worker_that_lost_its_claim_stops_and_publishes_nothing(world, clerk, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_A_STEP", 1)
    family(world)
    export = asked(clerk)
    rows_of = register_export.rows_of

    def overtaken(*arguments: Any, **options: Any) -> Any:
        for number, row in enumerate(rows_of(*arguments, **options)):
            if number == 1:
                Export.objects.update(claim=uuid.uuid4())
            yield row

    monkeypatch.setattr(register_export, "rows_of", overtaken)

    assert not write_export(export.pk, now=NOW)

    export.refresh_from_db()
    assert (export.state, export.rows_done, ExportPart.objects.count()) == (ExportState.WRITING, 1, 0)


def test_what_fails_is_tried_again_and_then_given_up(world, clerk, monkeypatch):
    family(world)
    export = asked(clerk)

    def fail(*_arguments: Any, **_options: Any) -> Any:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(register_export, "rows_of", fail)
        for _attempt in range(exports.MOST_ATTEMPTS):
            with pytest.raises(OSError, match="disk is full"):
                write_export(export.pk, now=NOW)
            export.refresh_from_db()
            assert export.state == ExportState.QUEUED

    assert not write_export(export.pk, now=NOW)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED


def test_the_sweep_rings_for_a_lost_bell_and_deletes_what_is_over(world, clerk, monkeypatch, frozen):
    family(world)
    over, lost = ready(clerk), asked(clerk)
    rung: list[tuple[str, ...]] = []
    monkeypatch.setattr(exports, "ring", lambda *call: rung.append(call))
    frozen.move_to(NOW + LATER)

    sweeping.sweep()

    over.refresh_from_db()
    assert over.state == ExportState.EXPIRED
    assert rung == [("households.tasks.write_export", str(lost.pk))]


def test_progress_is_told_while_the_file_is_written(world, clerk, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_A_STEP", 2)
    family(world)
    export = asked(clerk)
    claim = exports._claim(export.pk, NOW)

    for _row in exports._watched([[1], [2], [3]], export, claim, count(1)):
        pass

    export.refresh_from_db()
    assert export.rows_done == 2
    assert ring_unfinished(now=NOW) == 0
