"""The national header in its variants, and cells as they come: read into values and written back."""

from datetime import date, datetime
from typing import Any

import pytest

from households.models import Cause, Health, Relation
from households.register_import import spellings
from households.register_import.cells import Cell, CellRefused, Day, Number, Text, Whole, Word, Words, YesNo, Yuan
from households.register_import.columns import NATIONAL, REGISTER, titles, year_in

pytestmark = pytest.mark.core

HEADER = (
    "序号, 县, 乡, 行政村, 自然村, 户编号, 人编号, 姓名, 证件号码, 人数, 与户主关系, 民族, 文化程度, 在校生状况, "
    "健康状况, 劳动技能, 务工时间(月), 是否参加大病保险, 致贫原因1, 危房户, 是否解决安全饮用水, 人均纯收入, "
    "户联系电话, 人联系电话, 首次识别时间, 人员识别时间, 户类型, 监测对象类型, 风险是否消除, 风险识别时间, 风险消除时间"
)


def test_the_columns_stand_in_the_order_of_the_national_export() -> None:
    assert titles() == HEADER.split(", ")


@pytest.mark.parametrize("title", titles())
def test_each_title_of_the_export_finds_its_own_column(title: str) -> None:
    found = REGISTER.find(title)

    assert found is not None
    assert found.title == title


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("县(市、区、旗)", "county"),
        ("县（市、区、旗）", "county"),
        ("乡（镇）", "town"),
        (" 行 政 村 ", "village"),
        ("*户编号", "number"),
        ("户编号＊", "number"),
        ("身份证号码", "id_number"),
        ("务工时间（月）", "months_of_work"),
        ("务工时间", "months_of_work"),
        ("人均纯收入（元）", "per_head"),
        ("2025年人均纯收入", "per_head"),
        ("与户主\n关系", "relation"),
        ("是否参加大病保险（必填）", "has_major_illness_insurance"),
        ("\ufeff户编号\u200b", "number"),
    ],
)
def test_a_header_is_recognised_in_its_variants(header: str, field: str) -> None:
    found = REGISTER.find(header)

    assert found is not None
    assert found.field == field


@pytest.mark.parametrize("cell", [None, "", "  ", 3, "备注", "（元）", datetime(2020, 1, 1)])
def test_what_is_no_header_finds_no_column(cell: Cell) -> None:
    assert REGISTER.find(cell) is None


def test_no_two_columns_claim_the_same_title() -> None:
    claimed = [title for column in REGISTER for title in column.titles]

    assert sorted(claimed) == sorted(set(claimed))


def test_a_header_may_name_the_year_of_an_income() -> None:
    assert [year_in("2025年人均纯收入"), year_in("人均纯收入(2024年)"), year_in("人均纯收入")] == [2025, 2024, None]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Text(), " 张　三 ", "张 三"),
        (Text(), 12.0, "12"),
        (Text(), "——", ""),
        (Number(), " 3607 0400 ", "36070400"),
        (Number(), 3607040001.0, "3607040001"),
        (Number(), 3607040001, "3607040001"),
        (Number(), "３６０７", "3607"),
        (Number(20, is_identity=True), "'11010519491231002x", "11010519491231002X"),
        (Number(20, is_identity=True), "\u202d11010519491231002x\u202c", "11010519491231002X"),
        (Text(), "李四\u200b", "李四"),
        (Whole(0, 12), "3.0", 3),
        (Whole(0, 12), 3.0, 3),
        (Whole(0, 12), "8个月", 8),
        (Whole(0, 12), None, None),
        (Yuan(), "12,345.6元", "12345.60"),
        (Yuan(), 12345.678, "12345.68"),
        (Day(), "2019-06-01", "2019-06-01"),
        (Day(), "2019/6/1", "2019-06-01"),
        (Day(), "2019.6.1", "2019-06-01"),
        (Day(), "2019年6月1日", "2019-06-01"),
        (Day(), "2019年6月", "2019-06-01"),
        (Day(), "201906", "2019-06-01"),
        (Day(), 201906, "2019-06-01"),
        (Day(), "20190601", "2019-06-01"),
        (Day(), 43617.0, "2019-06-01"),
        (Day(), date(2019, 6, 1), "2019-06-01"),
        (Day(), datetime(2019, 6, 1, 12), "2019-06-01"),
        (Day(), "2019-06-01 00:00:00", "2019-06-01"),
        (YesNo(), "是", True),
        (YesNo(), "否", False),
        (YesNo(), True, True),
        (YesNo(), "", None),
        (spellings.RELATION, "之岳父（公公）", Relation.FATHER_IN_LAW),
        (spellings.RELATION, "本人", Relation.HEAD),
        (spellings.HEALTH, "长期慢性病,残疾", [Health.CHRONIC, Health.DISABLED]),
        (spellings.HEALTH, "长期慢性病、残疾；残疾", [Health.CHRONIC, Health.DISABLED]),
        (spellings.HEALTH, None, []),
    ],
)
def test_a_cell_is_read_as_people_mean_it(kind: Any, cell: Cell, value: Any) -> None:
    assert kind.parse(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (Number(20, is_identity=True), 3.6072119491231e17, "digits_lost"),
        (Number(20, is_identity=True), 360721194912310020, "digits_lost"),
        (Number(20, is_identity=True), "3.60721E+17", "digits_lost"),
        (Number(), 1e16, "digits_lost"),
        (Number(), "户一", "not_a_number"),
        (Number(), date(2014, 12, 1), "not_a_number"),
        (Number(), datetime(2015, 3, 4, 5, 6), "not_a_number"),
        (Number(4), "12345", "too_long"),
        (Whole(0, 12), "13", "not_whole"),
        (Whole(0, 12), "半年", "not_whole"),
        (Whole(0, 12), "nan", "not_whole"),
        (Whole(0, 12), "sNaN", "not_whole"),
        (Yuan(), "多", "not_an_amount"),
        (Yuan(), "Infinity", "not_an_amount"),
        (Day(), "2019-13-01", "not_a_day"),
        (Day(), "2019-02-30", "not_a_day"),
        (Day(), "去年", "not_a_day"),
        (Day(), "፩", "not_a_day"),
        (Day(), "9" * 5000, "not_a_day"),
        (Day(), "1066-10-14", "unlikely_day"),
        (YesNo(), "也许", "not_yes_or_no"),
        (Word(Cause), "因懒", "unknown_word"),
        (Words(Cause, most=2), "因病、因残、因学", "too_many"),
        (Text(5), "一二三四五六", "too_long"),
    ],
)
def test_a_cell_that_cannot_be_understood_says_why(kind: Any, cell: Cell, code: str) -> None:
    with pytest.raises(CellRefused) as refused:
        kind.parse(cell)

    assert refused.value.code == code


@pytest.mark.parametrize("column", [column for column in NATIONAL if column.example], ids=lambda column: column.title)
def test_what_is_written_is_read_back_the_same(column: Any) -> None:
    value = column.kind.parse(column.example)

    assert column.kind.parse(column.kind.write(value)) == value


@pytest.mark.parametrize(
    "column", [column for column in REGISTER if column.kind.words()], ids=lambda column: column.title
)
def test_every_word_of_a_list_is_read_back_the_same(column: Any) -> None:
    for word in column.kind.words():
        assert column.kind.write(column.kind.parse(word)) == word
