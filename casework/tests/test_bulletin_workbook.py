"""The workbook of a bulletin: a plain recount agrees, sums are formulas, the same bulletin is the same file."""

import io
import re
import zipfile
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook

from casework.bulletin_workbook import workbook_of
from casework.bulletins import ask_for_bulletin, count_bulletin, release_bulletin
from casework.coverage import BY_VILLAGE, Counts, figures
from casework.models import Bulletin, Duty
from casework.rates import percent
from casework.rounds import excuse_duty
from casework.tests.world import TODAY, World, at
from villages.models import Post

pytestmark = pytest.mark.django_db

HEADER = ["序号", "乡镇", "行政村", "总户数", "已走访", "其中电话", "未走访", "免访", "走访率", "备注"]


@pytest.fixture
def bulletin(world: World) -> Bulletin:
    """Released for the district: three villages in two towns, one of them with nothing owed."""
    supervisor = world.post("督导", Post.SUPERVISOR, world.district)
    chief = world.post("大村长", Post.VILLAGE_CHIEF, world.village)
    homes = [world.household(f"户{n}") for n in range(3)]
    world.household("空缺户", world.sibling)
    excused = world.household("外村户", world.foreign)
    round = world.round([Post.VILLAGE_CHIEF], name="大走访")
    world.visit(homes[0], date(2026, 10, 5), chief)
    excuse_duty(duty=Duty.objects.get(household=excused), actor=supervisor, on=TODAY, reason="在外")
    days = {"starts_on": date(2026, 10, 1), "cut_off_on": TODAY}
    options = {"actor": supervisor, "now": at(TODAY)}
    draft = ask_for_bulletin(key=uuid4(), place=world.district, rounds=[round], **days, **options)
    count_bulletin(draft.pk, now=at(TODAY))
    release_bulletin(bulletin_id=draft.pk, **options)
    return Bulletin.objects.get(pk=draft.pk)


def sheet(bulletin: Bulletin, name: str) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(workbook_of(bulletin))).get_sheet_by_name(name).to_python()


@pytest.mark.core
def test_the_table_reads_as_the_coverage_page(world: World, bulletin: Bulletin) -> None:
    rows = sheet(bulletin, "附表1")

    assert rows[0][0] == "赣县区走访情况通报（截至2026年10月15日 10:00）"
    assert rows[1][0] == "附表1：大走访"
    assert rows[3] == HEADER
    assert rows[4:10] == [
        [1.0, "王母渡镇", "潭埠村", 3.0, 1.0, 0.0, 2.0, 0.0, 1 / 3, ""],
        [2.0, "王母渡镇", "浓口村", 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, "岗位空缺1"],
        ["", "王母渡镇", "小计", 4.0, 1.0, 0.0, 3.0, 0.0, 0.25, "岗位空缺1"],
        [3.0, "沙地镇", "攸镇村", 1.0, 0.0, 0.0, 0.0, 1.0, "–", ""],
        ["", "沙地镇", "小计", 1.0, 0.0, 0.0, 0.0, 1.0, "–", ""],
        ["", "合计", "", 5.0, 1.0, 0.0, 3.0, 1.0, 0.25, "岗位空缺1"],
    ]


def test_a_plain_recount_of_the_villages_gives_the_totals_of_the_page(world: World, bulletin: Bulletin) -> None:
    villages = [row for row in sheet(bulletin, "附表1")[4:] if isinstance(row[0], float)]
    page = figures(
        world.district.rounds.get(), cadre=bulletin.released_by, on=TODAY, by=BY_VILLAGE, place_code=world.district.pk
    )

    assert len(villages) == len(page.rows)
    assert [sum(row[column] for row in villages) for column in (3, 4, 5, 7)] == [
        *(page.total.total, page.total.done, page.total.by_phone, page.total.excused)
    ]


def formulas(content: bytes, number: int) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return re.findall("<f>([^<]*)</f>", book.read(f"xl/worksheets/sheet{number}.xml").decode())


def test_sums_and_rates_are_formulas_over_the_villages_and_subtotals(bulletin: Bulletin) -> None:
    found = formulas(workbook_of(bulletin), 2)

    assert [formula for formula in found if formula.startswith("SUM(D")] == ["SUM(D5:D6)", "SUM(D8)", "SUM(D7,D9)"]
    assert 'IF(D10-H10=0,"–",E10/(D10-H10))'.replace('"', "&quot;") in [f.replace('"', "&quot;") for f in found]


def test_the_same_bulletin_is_the_same_file_bit_for_bit(world: World, bulletin: Bulletin, frozen) -> None:
    before = workbook_of(bulletin)

    frozen.shift(86_400)
    chief = Duty.objects.get(household__head_name="户1")
    world.visit(chief.household, TODAY, world.post("新人", Post.FIRST_SECRETARY, world.village))

    assert workbook_of(Bulletin.objects.get(pk=bulletin.pk)) == before


def test_the_first_sheet_has_the_text_the_posts_and_who_signs(bulletin: Bulletin) -> None:
    Bulletin.objects.filter(pk=bulletin.pk).update(checked_by="张三", telephone="0797-0000000", text="=1+1")

    rows = sheet(Bulletin.objects.get(pk=bulletin.pk), "通报")
    cells = [cell for row in rows for cell in row if cell != ""]

    assert {"=1+1", "审核人：张三", "联系电话：0797-0000000", "填报单位：赣县区", "日期：2026年10月15日"} <= set(cells)
    assert [row[1:9] for row in rows if row[2] == "大村长"] == [["大走访", "大村长", 4.0, 1.0, 0.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize("owed", [3, 7, 8, 160, 800, 1_335])
def test_a_rate_is_rounded_as_a_spreadsheet_rounds(owed: int) -> None:
    for done in range(0, owed + 1, max(1, owed // 40)):
        shown = (Decimal(done) * 100 / Decimal(owed)).quantize(Decimal("0.01"), ROUND_HALF_UP)

        assert percent(Counts(total=owed, done=done)) == f"{shown}%"
    assert percent(Counts(total=800, done=1)) == "0.13%"
