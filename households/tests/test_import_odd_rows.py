"""Odd rows: named so that a clerk finds them, refused the same each time, and never in the way of the others."""

from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import xlsxwriter
from django.db import IntegrityError

from casework.tests.world import TODAY, at
from households.imports import continue_import, start_import
from households.models import Household, ImportKind, ImportState, Person, RegisterImport, Relation
from households.persons import leave_household
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.columns import titles
from households.register_import.gathering import Gathering
from households.register_import.plan import Sheets
from households.register_import.read import Raw
from households.tests.sheets import bring_in, confirm, csv_of, made_up_number, person

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW: datetime = at(TODAY)
HOME, OTHER = "3607041000001", "3607041000002"


def told(job: RegisterImport) -> list[tuple]:
    """Sheet, row, column, code and hint of what was refused, in the order of the file."""
    return list(job.refusals.order_by("pk").values_list("sheet", "row", "column", "code", "hint"))  # type: ignore[attr-defined]


def counts(job: RegisterImport) -> tuple[int, ...]:
    return job.rows, job.created, job.updated, job.unchanged, job.refused


def test_a_person_of_two_households_stays_where_the_first_row_says_each_time(world):
    married = person(OTHER, 2, "李四", "配偶") | {"人编号": f"{HOME}02"}
    content = csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶"), person(OTHER, 1, "王五"), married])

    for fates in ((4, 3, 0, 0, 1), (4, 0, 0, 3, 1)):
        job = confirm(bring_in(content, now=NOW), now=NOW)
        assert (counts(job), told(job)) == (fates, [("", 6, "人编号", "twice", "4")])

    assert Person.objects.get(number=f"{HOME}02").household.number == HOME


def test_a_row_is_pointed_to_with_its_sheet_when_that_is_another_one(world, tmp_path: Path):
    path, number = tmp_path / "两张表.xlsx", made_up_number(1)
    sheets = {
        "甲村": [person(HOME, 1, "张三", 证件号码=number)],
        "乙村": [person(OTHER, 1, "王五", 证件号码=number), person(HOME, 2, "李四", "配偶", 行政村="浓口村")],
    }
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, cells in enumerate([titles(), *([row.get(title, "") for title in titles()] for row in rows)]):
                sheet.write_row(place, 0, cells)

    job = bring_in(path.read_bytes(), now=NOW, name="两张表.xlsx")

    assert told(job)[:2] == [
        ("甲村", 2, "", "household_refused", "3 (乙村)"),
        ("乙村", 3, "行政村", "other_village", "2 (甲村)"),
    ]


def test_a_head_without_a_name_is_asked_for_the_name(world):
    rows = [person(HOME, 1, ""), person(HOME, 2, "李四", "配偶"), person(OTHER, 1, "王五", "配偶")]

    job = bring_in(csv_of(rows), now=NOW)

    assert told(job) == [
        ("", 3, "姓名", "missing", ""),
        ("", 4, "", "household_refused", "3"),
        ("", 5, "与户主关系", "no_head", ""),
    ]


def test_a_new_head_is_taken_in_though_the_row_of_the_former_one_is_refused(world):
    confirm(bring_in(csv_of([person(HOME, 1, "张三"), person(HOME, 2, "李四", "配偶")]), now=NOW), now=NOW)
    content = csv_of([person(HOME, 1, "张三", "配偶", 民族="汉" * 21), person(HOME, 2, "李四")])

    job = confirm(bring_in(content, now=NOW), now=NOW)

    assert (job.state, counts(job)) == (ImportState.APPLIED, (2, 0, 1, 0, 1))
    relations = dict(Person.objects.values_list("name", "relation"))
    assert relations == {"张三": Relation.OTHER, "李四": Relation.HEAD}
    assert counts(confirm(bring_in(content, now=NOW), now=NOW)) == (2, 0, 0, 1, 1)


def test_what_the_database_refuses_is_previewed_again_not_tried_for_ever(world, caplog):
    job = bring_in(csv_of([person(HOME, 1, "张三")]), now=NOW)

    with patch("households.imports.apply_households", side_effect=IntegrityError):
        confirm(job, now=NOW)

    assert (job.state, job.is_read_again) == (ImportState.READING, True)
    assert f"Import {job.pk} is read again" in caplog.text
    continue_import(job.pk, now=NOW)
    job.refresh_from_db()
    assert job.state == ImportState.READY


def test_who_left_here_before_the_file_has_them_born_is_refused_each_time_and_the_others_are_written(world):
    rows = [person(HOME, 1, "张三"), person(HOME, 2, "张小", "之子", 证件号码=made_up_number(3, "20120506"))]
    confirm(bring_in(csv_of(rows), now=NOW), now=NOW)
    son = Person.objects.get(name="张小")
    leave_household(person=son, left_on=TODAY - timedelta(days=9), actor=None, on=TODAY)
    born_today = made_up_number(3, f"{TODAY:%Y%m%d}")
    rows = [rows[0] | {"文化程度": "大专"}, rows[1] | {"证件号码": born_today}, person(OTHER, 1, "王五")]

    for fates in ((3, 1, 1, 0, 1), (3, 0, 0, 2, 1)):
        job = confirm(bring_in(csv_of(rows), now=NOW), now=NOW, takes_conflicts=True)
        assert (job.state, counts(job)) == (ImportState.APPLIED, fates)
        assert told(job) == [("", 4, "证件号码", "born_after_leaving", "")]

    son.refresh_from_db()
    assert son.born_on == date(2012, 5, 6)


def test_a_risk_cleared_before_the_day_that_is_known_here_is_refused_and_the_others_are_written(world):
    confirm(bring_in(csv_of([person(HOME, 1, "张三"), person(OTHER, 1, "王五")]), now=NOW), now=NOW)
    Household.objects.filter(number=HOME).update(risk_identified_on=date(2021, 5, 6))
    cleared = person(HOME, 1, "张三", 风险消除时间="2020-01-01")

    job = confirm(bring_in(csv_of([cleared, person(OTHER, 1, "王六")]), now=NOW), now=NOW)

    assert told(job) == [("", 3, "风险消除时间", "cleared_before", "")]
    assert (job.state, counts(job)) == (ImportState.APPLIED, (2, 0, 1, 0, 1))
    assert list(Household.objects.order_by("number").values_list("head_name", "risk_cleared_on")) == [
        *(("张三", None), ("王六", None)),
    ]


@pytest.mark.parametrize("above", [["序号", "户编号", "人编号"], ["户编号", "姓名", "与户主关系"]])
def test_a_header_may_take_two_rows(world, tmp_path: Path, above):
    path = tmp_path / "户.xlsx"
    row = person(HOME, 1, "张三")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, title in enumerate(titles(), start=1):
            sheet.write(1 if title in above else 2, place, title)
            sheet.write(3, place, row.get(title, ""))
        sheet.write(1, titles().index("民族") + 1, "家庭成员情况")

    with path.open("rb") as file:
        job = start_import(file=file, name="户.xlsx", kind=ImportKind.REGISTER, as_of=TODAY, actor=None, on=TODAY)
    continue_import(job.pk, now=NOW)

    assert counts(RegisterImport.objects.get(pk=job.pk)) == (1, 1, 0, 0, 0)


def workbook_of(path: Path, rows: list[dict], merged: list[str]) -> bytes:
    """The rows below the header; the columns that are `merged` go over the rows of each household."""
    homes: dict[str, list[dict]] = {}
    for row in rows:
        homes.setdefault(row["户编号"], []).append(row)
    with xlsxwriter.Workbook(path) as book:
        sheet, top = book.add_worksheet(), 1
        sheet.write_row(0, 0, titles())
        for persons in homes.values():
            for place, title in enumerate(titles()):
                cells = [row.get(title, "") for row in persons]
                if title in merged and len(persons) > 1:
                    sheet.merge_range(top, place, top + len(persons) - 1, place, cells[0])
                else:
                    sheet.write_column(top, place, cells)
            top += len(persons)
    return path.read_bytes()


def test_cells_of_a_household_merged_over_its_persons_are_read_for_each(world, tmp_path: Path):
    rows = [
        *(person(HOME, 1, "张三", 人数="3"), person(HOME, 2, "李四", "配偶"), person(HOME, 3, "张小", "之子")),
        *(person(OTHER, 1, "王五"), person(OTHER, 2, "赵六", "配偶", 民族="汉" * 21)),
    ]
    of_home = ["县", "乡", "行政村", "户编号", "户类型", "人数"]

    job = confirm(bring_in(workbook_of(tmp_path / "户.xlsx", rows, of_home), now=NOW, name="户.xlsx"), now=NOW)

    assert (counts(job), job.titles["filled"]) == ((5, 4, 0, 0, 1), 3)
    assert told(job) == [("Sheet1", 6, "民族", "too_long", "20")]
    homes = Person.objects.order_by("number").values_list("name", "household__number")
    assert list(homes) == [("张三", HOME), ("李四", HOME), ("张小", HOME), ("王五", OTHER)]


HEADER = ("户编号", "行政村", "人编号", "姓名", "与户主关系", "户类型")
ABOVE = (HOME, "潭埠村", f"{HOME}01", "张三", "户主", "脱贫户")
MEMBER = (None, "", f"{HOME}02", "李四", "配偶", None)


def household_of(cells: tuple, *, above: tuple = ABOVE, row: int = 3, sheet: str = "", header: tuple = HEADER) -> str:
    """The household's number that a row is read with, below another one."""
    raws = [Raw("", 1, header), Raw("", 2, above), *([Raw(sheet, 1, header)] if sheet else []), Raw(sheet, row, cells)]
    *_others, (plan, _row, read) = Sheets(COLUMN_SETS[ImportKind.REGISTER]).rows(raws)
    return str(read[plan.index["number"]] or "")


def test_a_person_is_given_to_the_household_above_only_where_that_is_sure():
    assert household_of(MEMBER) == HOME
    assert household_of(MEMBER, above=(None, None, f"{HOME}01", "张三", "户主", None)) == ""
    assert household_of(MEMBER, above=(OTHER, "浓口村", "P1", "王五", "户主", None)) == OTHER
    assert household_of(MEMBER, above=(OTHER, "浓口村", f"{OTHER}01", "王五", "户主", None)) == ""
    assert household_of(MEMBER, row=4) == ""  # below a blank row
    assert household_of(MEMBER, sheet="乙村", row=2) == ""
    for place, cell in ((1, "浓口村"), (2, None), (4, "户主"), (4, "不知道"), (4, ""), (5, "脱贫户")):
        assert household_of((*MEMBER[:place], cell, *MEMBER[place + 1 :])) == ""


def test_days_are_read_alike_whether_the_rows_of_a_household_are_scattered_or_not():
    rows = [(HOME, "潭埠村", "P1", "张三", day, 1.5) for day in (date(2014, 12, 1), datetime(2015, 3, 4, 5, 6), "户主")]
    raws = [Raw("", 1, HEADER), *(Raw("", place, row) for place, row in enumerate(rows, start=2))]
    kind = COLUMN_SETS[ImportKind.REGISTER]

    (together,) = Gathering(Sheets(kind)).as_read(raws)
    (whole,) = Gathering(Sheets(kind)).whole(raws, lambda _rows: None)

    assert [line.cells for line in whole.lines] == [line.cells for line in together.lines]
    assert (whole.digest, whole.lines[1].cells[-2]) == (together.digest, rows[1][4])
