"""Every kind of wrong file is refused with its own sentence, by a process that stays small; good ones arrive whole."""

import logging
import re
import resource
import zipfile
from collections import deque
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.utils import translation

from households.register_import.read import FileRefused, Raw, check_file, first_rows, read_rows
from households.tests.programs import readers_at_work
from households.tests.zoo import (
    HEADER,
    REFUSED,
    ROW,
    changed,
    far_cell,
    text,
    with_backslashes,
    workbook,
    workbook_with_cells,
)

pytestmark = pytest.mark.core

MEGABYTE = 1 << 20
SMALL = 100 * MEGABYTE


@pytest.fixture
def limits(settings):
    """Little memory, so that a file that is unpacked or loaded as a whole cannot go unnoticed."""
    settings.IMPORT_MEMORY_MEGABYTES = 100
    settings.IMPORT_UNPACKED_MEGABYTES = 500
    return settings


def own_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def made(tmp_path: Path, name: str) -> tuple[Path, str, str]:
    """A specimen kept as an upload is kept, the name it came with, and its code."""
    came_as, make, code = REFUSED[name]
    kept = tmp_path / came_as
    make(kept)
    return kept.rename(tmp_path / "upload"), came_as, code


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_refused_before_anything_is_read(name: str, tmp_path: Path, limits) -> None:
    path, came_as, code = made(tmp_path, name)
    before = own_peak()

    with pytest.raises(FileRefused) as refused:
        check_file(path, name=came_as)

    assert refused.value.code == code
    assert own_peak() - before < SMALL


@pytest.mark.parametrize("name", REFUSED)
def test_reading_without_a_check_refuses_it_too(name: str, tmp_path: Path, limits) -> None:
    path, came_as, _code = made(tmp_path, name)

    with pytest.raises(FileRefused):
        list(read_rows(path, name=came_as))


def test_every_refusal_is_one_chinese_sentence_that_says_what_to_do() -> None:
    codes = {code for _name, _make, code in REFUSED.values()} | {"too_large", "too_complex", "too_slow"}

    with translation.override("zh-hans"):
        sentences = {code: str(FileRefused(code)) for code in codes}

    assert {code for code, words in sentences.items() if not re.search(r"请.+。$", words)} == set()
    assert len(set(sentences.values())) == len(codes)


def test_a_file_above_the_offices_limit_is_refused(tmp_path: Path, settings) -> None:
    settings.IMPORT_FILE_MEGABYTES = 1
    path = tmp_path / "户.csv"
    path.write_bytes(b"x" * (MEGABYTE + 1))

    with pytest.raises(FileRefused, match="超过1 MB"):
        check_file(path)


def test_a_sheet_that_needs_too_much_memory_ends_with_a_sentence(tmp_path: Path, limits) -> None:
    with pytest.raises(FileRefused) as refused:
        list(read_rows(far_cell(tmp_path / "户.xlsx")))

    assert refused.value.code == "too_complex"


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, settings) -> None:
    settings.IMPORT_SECONDS = 1
    path = tmp_path / "户.csv"
    path.write_text("1,2\n" * 5_000_000)

    with pytest.raises(FileRefused) as refused:
        deque(read_rows(path), maxlen=0)

    assert refused.value.code == "too_slow"


def test_who_leaves_early_leaves_no_process_behind(tmp_path: Path) -> None:
    rows = read_rows(workbook(tmp_path / "户.xlsx", [HEADER, *[ROW] * 5000]))
    next(rows)

    rows.close()

    assert readers_at_work() == []


def test_rows_come_with_their_sheet_and_the_row_that_excel_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "户.xlsx", [["赣县区监测户"], [], HEADER, ROW], 第二部分=[HEADER, ROW])

    places = [(raw.sheet, raw.row, raw.cells[0]) for raw in read_rows(path)]

    number = ROW[0]
    assert places == [
        ("数据", 1, "赣县区监测户"),
        ("数据", 3, "户编号"),
        ("数据", 4, number),
        ("第二部分", 1, "户编号"),
        ("第二部分", 2, number),
    ]


def test_damaged_numbers_arrive_as_what_they_are(tmp_path: Path) -> None:
    cells = [1.38e10, 3.60721e17, 3.0, "1.38E+10", "3.60721E+17", "3.0", "036", True]

    [raw] = read_rows(workbook(tmp_path / "户.xlsx", [cells]))

    assert raw == Raw("数据", 1, tuple(cells))
    assert [type(cell) for cell in raw.cells] == [float, float, float, str, str, str, str, bool]


def test_days_arrive_as_days_and_times_as_text(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="d"><v>2026-10-15</v></c><c r="B1" t="inlineStr"><is><t>2026-10-15</t></is></c></row>'
    )

    [raw] = read_rows(workbook_with_cells(tmp_path / "户.xlsx", rows))

    assert raw.cells == (date(2026, 10, 15), "2026-10-15")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gb18030", "gbk"],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_is_read_in_every_usual_encoding(encoding: str, separator: str, tmp_path: Path) -> None:
    path = text(tmp_path / "户.CSV", [HEADER, [], ['="0036"', "两行\n地址", "刘一"]], encoding, separator)

    rows = list(read_rows(path))

    assert rows == [Raw("", 1, tuple(HEADER)), Raw("", 3, ("0036", "两行\n地址", "刘一"))]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_title_above_the_header_does_not_hide_how_rows_are_cut(separator: str, tmp_path: Path) -> None:
    path = text(tmp_path / "户.csv", [["赣县区监测户"], HEADER, ROW], "utf-8", separator)

    assert [len(raw.cells) for raw in read_rows(path)] == [1, len(HEADER), len(ROW)]


def test_a_phonetic_guide_is_no_part_of_a_header(tmp_path: Path) -> None:
    guided = "<si><t>户编号</t><rPh><t>hù</t></rPh></si><si><r><t>姓</t></r><r><t>名</t></r></si>"
    path = workbook(tmp_path / "户.xlsx", [["户编号", "姓名"], ["1", "刘一"]])
    with zipfile.ZipFile(path) as file:
        texts = file.read("xl/sharedStrings.xml").decode()
    texts = texts.replace("<si><t>户编号</t></si><si><t>姓名</t></si>", guided)
    changed(path, xl__sharedStrings_xml=texts.encode())

    assert check_file(path).first[0].cells == ("户编号", "姓名")


def test_parts_named_as_on_windows_are_read(tmp_path: Path) -> None:
    path = with_backslashes(workbook(tmp_path / "户.xlsx", [HEADER, ROW], 第二部分=[HEADER, ROW]))

    judged = check_file(path)

    assert (judged.rows, [raw.cells for raw in judged.first[::2]]) == (4, [tuple(HEADER)] * 2)
    assert [raw.cells[0] for raw in read_rows(path)] == [HEADER[0], ROW[0]] * 2


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "户.xlsx") as book:
        book.add_worksheet("数据").write_row(0, 0, ROW)
        lists = book.add_worksheet("选项")
        lists.write_row(0, 0, ROW)
        lists.hide()

    assert [raw.sheet for raw in read_rows(tmp_path / "户.xlsx")] == ["数据"]


def test_the_first_rows_can_be_seen_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "户.xlsx", [HEADER, *[ROW] * 100])

    assert [raw.row for raw in first_rows(path, count=3)] == [1, 2, 3]


def test_many_rows_pass_through_a_small_process(tmp_path: Path, limits, caplog) -> None:
    path = text(tmp_path / "户.csv", [HEADER, *[ROW] * 100_000], "utf-8")
    before = own_peak()

    with caplog.at_level(logging.INFO):
        count = sum(1 for _raw in read_rows(path))

    [peak] = re.findall(r"at most (\d+) MB", caplog.text)
    assert count == 100_001
    assert int(peak) < 100
    assert own_peak() - before < SMALL


def test_the_log_names_no_file_and_no_person(tmp_path: Path, caplog) -> None:
    path = workbook(tmp_path / "刘一.xlsx")

    with caplog.at_level(logging.DEBUG):
        list(read_rows(path))

    assert "刘一" not in caplog.text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_check_tells_how_many_rows_there_are(ending: str, tmp_path: Path) -> None:
    path, rows = tmp_path / f"户.{ending}", [HEADER, *[ROW] * 300]
    text(path, rows, "utf-8") if ending == "csv" else workbook(path, rows)

    assert check_file(path).rows == 301


def test_the_last_bytes_of_a_sheet_are_not_missed_where_they_fill_a_piece(tmp_path: Path) -> None:
    """Packed blanks are so short that the program has all of them in hand before it has unpacked the last."""
    sheet = b"<v>1</v>".ljust((1 << 17) + 1)

    check_file(changed(workbook(tmp_path / "户.xlsx"), xl__worksheets__sheet1_xml=sheet))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_check_tells_what_the_first_rows_say(ending: str, tmp_path: Path) -> None:
    path, rows = tmp_path / f"户.{ending}", [["导出"], HEADER, *[ROW] * 300]
    text(path, rows, "utf-8") if ending == "csv" else workbook(path, rows)

    first = check_file(path).first

    assert [raw.cells for raw in first[:2]] in ([("导出",), tuple(HEADER)], [("导出", *[""] * 5), tuple(HEADER)])
    assert len(first) == 30
