"""Tables to fill in: what is downloaded can be filled in and brought in; its example and its lists are not rows."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, World
from households.models import ImportKind
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.columns import NATIONAL, header_key
from households.register_import.plan import Sheets
from households.register_import.read import Raw, check_file, read_rows
from households.register_import.templates import EXAMPLE_ROW, HEADER_ROW, HINT, SHEET, write_template
from villages.models import Cadre, PartnerUnit, Post

pytestmark = [pytest.mark.django_db, pytest.mark.core]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def town_clerk(world: World) -> Cadre:
    return world.post("镇录入员", Post.CLERK, world.town)


def template(cadre: Cadre, kind: ImportKind, folder: Path) -> Path:
    path = folder / f"{kind}.xlsx"
    with path.open("wb") as file:
        write_template(file, kind=kind, cadre=cadre, on=TODAY)
    return path


def part(path: Path, number: int) -> ElementTree.Element:
    with zipfile.ZipFile(path) as file:
        return ElementTree.fromstring(file.read(f"xl/worksheets/sheet{number}.xml"))


def offered(path: Path) -> dict[str, list[str]]:
    """First cell of each range with a drop-down list: what the list offers, read from the hidden sheet."""
    columns: dict[str, list[str]] = {}
    for cell in part(path, 2).iter(f"{MAIN}c"):
        columns.setdefault(cell.get("r", "").rstrip("0123456789"), []).append(cell.findtext(f".//{MAIN}t") or "")
    rules = part(path, 1).iter(f"{MAIN}dataValidation")
    return {
        rule.get("sqref", "").split(":")[0]: columns[(rule.findtext(f"{MAIN}formula1") or "").split("$")[1]]
        for rule in rules
    }


@pytest.mark.parametrize("kind", ImportKind)
def test_every_kind_of_table_has_a_template_that_can_be_brought_in(kind, town_clerk, tmp_path):
    path = template(town_clerk, kind, tmp_path)
    check_file(path)

    sheets = Sheets(COLUMN_SETS[kind])
    rows = list(sheets.rows(read_rows(path)))

    [plan] = sheets.plans
    assert (rows, sheets.examples) == ([], [EXAMPLE_ROW + 1])  # the example is no row
    assert (plan.sheet, plan.unknown, sheets.skipped) == (SHEET, [], [])


@pytest.mark.parametrize("kind", ImportKind)
def test_a_row_typed_over_the_example_is_read_though_it_keeps_the_mark(kind, town_clerk, tmp_path):
    above, header, example = list(read_rows(template(town_clerk, kind, tmp_path)))[: EXAMPLE_ROW + 1]
    place = next(place for place, title in enumerate(header.cells) if str(title).endswith("*"))
    typed = ("示例", *example.cells[1:place], "9", *example.cells[place + 1 :])

    rows = list(Sheets(COLUMN_SETS[kind]).rows([above, header, example._replace(cells=typed)]))

    [(plan, row, cells)] = rows
    assert (row, cells[plan.places.index(place)]) == (EXAMPLE_ROW + 1, "9")
    assert "示例" not in cells


def test_the_mark_of_an_example_is_no_cell_of_a_row(town_clerk):
    """Somebody took the serial numbers out, and wrote the mark where a name stands."""
    header = Raw("", 1, ("户编号", "人编号", "姓名", "与户主关系"))
    rows = [("示例", "36070400000010001", "刘一", "户主"), ("示例", None, None, None), ("示例户", "1", "刘一", "户主")]

    read = Sheets(COLUMN_SETS[ImportKind.REGISTER]).rows([header, *(Raw("", 2, cells) for cells in rows)])

    assert [cells for _plan, _row, cells in read] == [(None, *rows[0][1:]), rows[2]]


def test_the_register_has_exactly_the_national_columns(town_clerk, tmp_path):
    raws = list(read_rows(template(town_clerk, ImportKind.REGISTER, tmp_path)))

    titles = [header_key(cell) for cell in raws[HEADER_ROW].cells]
    assert titles == [header_key(column.title) for column in NATIONAL]
    assert raws[0].cells[0] == HINT
    assert raws[EXAMPLE_ROW].cells[0] == "示例"


def test_places_are_those_the_clerk_reaches(world, town_clerk, tmp_path):
    lists = offered(template(town_clerk, ImportKind.REGISTER, tmp_path))

    assert lists["B4"] == ["赣县区"]
    assert lists["C4"] == ["王母渡镇"]
    assert lists["D4"] == ["潭埠村委会", "浓口村委会"]


def test_words_are_those_of_the_register(town_clerk, tmp_path):
    lists = offered(template(town_clerk, ImportKind.REGISTER, tmp_path))

    for place, column in enumerate(NATIONAL):
        if words := column.kind.words():
            letter = chr(ord("A") + place) if place < 26 else "A" + chr(ord("A") + place - 26)
            assert lists[f"{letter}4"] == words


def test_units_in_use_are_offered(world, tmp_path):
    clerk = world.post("区录入员", Post.CLERK, world.district)
    world.unit("区档案馆", world.village)
    PartnerUnit.objects.create(name="已撤单位", is_active=False)

    lists = offered(template(clerk, ImportKind.PAIRINGS, tmp_path))

    assert ["区档案馆"] in lists.values()


def test_long_numbers_are_text_before_anything_is_typed(town_clerk, tmp_path):
    path = template(town_clerk, ImportKind.REGISTER, tmp_path)
    with zipfile.ZipFile(path) as file:
        styles = ElementTree.fromstring(file.read("xl/styles.xml"))
    formats = [style.get("numFmtId") for style in styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf")]
    text: set[int] = set()
    for columns in part(path, 1).iter(f"{MAIN}col"):
        if formats[int(columns.get("style", "0"))] == "49":
            text |= set(range(int(columns.get("min", "0")), int(columns.get("max", "0")) + 1))

    assert {place for place, column in enumerate(NATIONAL, 1) if column.kind.is_text} == text


def test_templates_are_downloaded_in_the_panel(world, town_clerk, tmp_path):
    client = Client()
    client.force_login(town_clerk)

    listed = client.get(reverse("admin:households_templates"))

    for kind in ImportKind:
        address = reverse("admin:households_template", args=[kind])
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes(client.get(address).content)
        check_file(path)
        assert address in listed.content.decode()
    assert client.get(reverse("admin:households_template", args=["nonsense"])).status_code == 404


def test_the_panel_is_closed_to_others(world):
    client = Client()
    client.force_login(world.cadre("局外人"))

    assert client.get(reverse("admin:households_template", args=["register"])).status_code == 404
