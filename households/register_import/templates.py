"""Tables to fill in: the right header, lists to choose from, long numbers as text, an example that is skipped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from households.models import ImportKind
from households.register_import.cells import Words
from households.register_import.column_sets import COLUMN_SETS
from households.register_import.columns import Column
from households.register_import.examples import EXAMPLE, example_of
from households.workbooks import PLAIN_TEXT, TEXT_FORMAT
from villages.models import Cadre, District, PartnerUnit, Town, Village

SHEET, LISTS = "填写", "选项"
HINT_ROW, HEADER_ROW, EXAMPLE_ROW, FIRST_ROW, LAST_ROW = 0, 1, 2, 3, 5_000
NARROWEST, WIDEST = 10, 24
HINT = (
    "请从第4行开始填写，一行一条。第3行是示例，导入时自动跳过，不必删除。标题带*的列必填；"
    "编号、证件号码、电话等列已设为文本，请直接填写，不要改格式；带下拉箭头的列请从列表中选择。日期写成2026-01-01。"
)
SEVERAL = "可填多项，用顿号隔开，例如：{words}。"
CHOOSE = "请从列表中选择，不要自行改写。"
# What the register itself names is told by the columns; this is what depends on who fills the table in.
PLACES = {"county": District, "town": Town, "village": Village}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a column offers; `is_open`: something else, or several of them, may be typed too."""

    words: Sequence[str]
    is_open: bool = False


def write_template(out: IO[bytes], *, kind: ImportKind, cadre: Cadre, on: date) -> None:
    """The table of that kind as .xlsx, with the places that the cadre reaches that day."""
    columns = COLUMN_SETS[kind].columns
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": False, **PLAIN_TEXT}) as book:
        page, lists = book.add_worksheet(SHEET), book.add_worksheet(LISTS)
        formats = _formats(book)
        _head(page, columns, formats)
        offered = {column.field: found for column in columns if (found := _choices(column, cadre, on)) is not None}
        page.write_row(EXAMPLE_ROW, 0, list(_example(columns, offered)), formats["example"])
        _offer(page, lists, columns, offered)
        lists.hide()


def _formats(book: Any) -> dict[str, Any]:
    line = {"border": 1, "border_color": "#8F8A7D", "text_wrap": True, "valign": "vcenter"}
    return {
        "hint": book.add_format(
            {"text_wrap": True, "valign": "vcenter", "font_color": "#3D3A34", "bg_color": "#FDF1D9"}
        ),
        "header": book.add_format({**line, "bold": True, "bg_color": "#E5F0EB"}),
        "example": book.add_format({"italic": True, "font_color": "#57534A", "num_format": TEXT_FORMAT}),
        "text": book.add_format({"num_format": TEXT_FORMAT}),
    }


def _head(page: Any, columns: Sequence[Column], formats: dict[str, Any]) -> None:
    for place, column in enumerate(columns):
        width = min(WIDEST, max(NARROWEST, 2 * len(column.title) + 3, len(column.example) + 3))
        page.set_column(place, place, width, formats["text"] if column.kind.is_text else None)
    page.set_row(HINT_ROW, 48)
    # As wide as a screen shows: what is merged over thirty columns is not read to its end.
    page.merge_range(HINT_ROW, 0, HINT_ROW, min(len(columns), 9) - 1, HINT, formats["hint"])
    titles = [f"{column.title}*" if column.is_needed else column.title for column in columns]
    page.write_row(HEADER_ROW, 0, titles, formats["header"])
    page.freeze_panes(HEADER_ROW + 1, 0)


def _example(columns: Sequence[Column], offered: dict[str, Choices]) -> Iterator[str]:
    """One row as it should look; its first cell says what it is, and that is how the importer knows it."""
    for place, column in enumerate(columns):
        choices = offered.get(column.field, Choices(()))
        yield example_of(column, choices.words, is_open=choices.is_open) if place else EXAMPLE


def _choices(column: Column, cadre: Cadre, on: date) -> Choices | None:
    """What the column offers, if anything: words of the register, places in reach, units."""
    if words := column.kind.words():
        return Choices(words, is_open=isinstance(column.kind, Words))
    if model := PLACES.get(column.field):
        rows: Any = model.objects.visible_to(cadre, on)  # type: ignore[attr-defined]
        return Choices(list(dict.fromkeys(rows.order_by("code").values_list("name", flat=True))))
    if column.field == "unit":
        units = PartnerUnit.objects.visible_to(cadre, on).filter(is_active=True).order_by("name")
        return Choices(list(units.values_list("name", flat=True)), is_open=True)
    return None


def _offer(page: Any, lists: Any, columns: Sequence[Column], offered: dict[str, Choices]) -> None:
    """Put the lists on a hidden sheet and let the columns choose from them: inside a cell 255 characters fit."""
    fields = list(offered)
    longest = max((len(choices.words) for choices in offered.values()), default=0)
    for row in range(longest):
        for place, field in enumerate(fields):
            if row < len(offered[field].words):
                lists.write_string(row, place, offered[field].words[row])
    for column_place, column in enumerate(columns):
        choices = offered.get(column.field)
        if not choices or not choices.words:
            continue
        letter = xl_col_to_name(fields.index(column.field), col_abs=True)
        rule = {
            "validate": "list",
            "source": f"={LISTS}!{letter}$1:{letter}${len(choices.words)}",
            "error_type": "information" if choices.is_open else "stop",
            "error_title": column.title,
            "error_message": CHOOSE,
        }
        if isinstance(column.kind, Words):
            rule |= {
                "input_title": column.title[:32],
                "input_message": SEVERAL.format(words="、".join(choices.words[:2])),
            }
        page.data_validation(FIRST_ROW, column_place, LAST_ROW, column_place, rule)
