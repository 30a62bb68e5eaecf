"""A bulletin as the workbook that leaders read: written from the figures that were kept, sums and rates as formulas.

Each formula carries its value, so that a program that does not calculate reads the same numbers as one that does.
"""

import io
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.utility import xl_rowcol_to_cell

from casework.bulletin_lines import Line, Section, sections_of
from casework.bulletin_words import finder_of, shown_cut_off, status_of
from casework.models import Bulletin
from casework.rates import NOTHING_OWED
from households.workbooks import A4, PLAIN_TEXT

WIDTHS = (6, 15, 16, 10, 10, 10, 10, 10, 11, 26)
TOTAL, DONE, BY_PHONE, UNVISITED, EXCUSED, RATE, REMARK = range(3, 10)
SUMMED = (TOTAL, DONE, BY_PHONE, UNVISITED, EXCUSED)
LAST = len(WIDTHS) - 1
FIRST_ROW = 4  # below title, cut-off, the sentence about counting, and the header
LINE_HEIGHT = 18  # points
BLUE, GREY = "#E8EEF7", "#F2F2F2"
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter", "text_wrap": True},
    "centre": {"align": "center", "valign": "vcenter"},
    "words": {"text_wrap": True, "valign": "top", "num_format": "@"},
    "small": {"text_wrap": True, "valign": "vcenter", "font_size": 9, "num_format": "@"},
    "head": {
        "bold": True,
        "border": 1,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "bg_color": BLUE,
    },
    "text": {"border": 1, "num_format": "@", "text_wrap": True, "valign": "vcenter"},
    "remark": {"border": 1, "num_format": "@", "text_wrap": True, "valign": "vcenter", "align": "left", "indent": 1},
    "number": {"border": 1, "num_format": "0", "valign": "vcenter"},
    "serial": {"border": 1, "num_format": "0", "align": "center", "valign": "vcenter"},
    "rate": {"border": 1, "num_format": "0.00%", "align": "right", "valign": "vcenter"},
}
BOLD = ("text", "remark", "number", "rate")


class Pen:
    """A workbook being written, with its formats."""

    def __init__(self, bulletin: Bulletin) -> None:
        self.content = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.content, {"in_memory": True, **PLAIN_TEXT})
        made = bulletin.counted_at or bulletin.made_at
        # The moment of the counting, not of the download: the same bulletin is the same file.
        self.book.set_properties({"title": bulletin.title, "created": made.replace(tzinfo=None)})
        self.formats = {name: self.book.add_format({"font_size": 11, **look}) for name, look in FORMATS.items()}
        for name in BOLD:
            look = {"font_size": 11, **FORMATS[name], "bold": True, "bg_color": GREY}
            self.formats[f"{name}_sum"] = self.book.add_format(look)

    def page(self, name: str) -> Any:
        """A sheet for A4 across, as wide as the paper, its pages numbered."""
        page = self.book.add_worksheet(name)
        for column, width in enumerate(WIDTHS):
            page.set_column(column, column, width)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.center_horizontally()
        page.set_footer("&C&P / &N")
        return page

    def across(self, page: Any, row: int, words: str, name: str, height: float = 0) -> None:
        """A text over the whole width."""
        page.merge_range(row, 0, row, LAST, words, self.formats[name])
        page.set_row(row, height or _height(words))


def workbook_of(bulletin: Bulletin) -> bytes:
    """The .xlsx of a counted bulletin: its words and summary first, then a sheet for each round."""
    pen = Pen(bulletin)
    sections = sections_of(bulletin.counted)
    _write_summary(pen, bulletin, sections)
    for section in sections:
        _write_section(pen, bulletin, section)
    pen.book.close()
    return pen.content.getvalue()


def file_name(bulletin: Bulletin) -> str:
    """The name it is downloaded under."""
    words = {"place": bulletin.code, "day": f"{bulletin.cut_off_on:%Y%m%d}", "mark": bulletin.pk}
    return _("bulletin-%(place)s-%(day)s-%(mark)s.xlsx") % words


def _height(words: str, width: float = 0) -> float:
    """As many lines as the words take: not every cell grows by itself, and Chinese takes two columns a sign."""
    room = (width or sum(WIDTHS)) * 0.95
    lines = sum(max(1, -(-sum(1 + (sign > "\u2e7f") for sign in line) // int(room))) for line in words.split("\n"))
    return LINE_HEIGHT * lines


def _head(pen: Pen, page: Any, bulletin: Bulletin, below: str) -> None:
    words = {"title": bulletin.title, "as_of": shown_cut_off(bulletin.counted)}
    pen.across(page, 0, _("%(title)s (%(as_of)s)") % words, "title", 32)
    pen.across(page, 1, below, "centre")


def _headings(first: list[str], total: str) -> list[str]:
    return [
        *first,
        total,
        pgettext("bulletin", "Visited"),
        _("of it by phone"),
        _("Not visited"),
        _("Excused"),
        _("Visiting rate"),
        _("Remarks"),
    ]


def _write_section(pen: Pen, bulletin: Bulletin, section: Section) -> None:
    page = pen.page(_("Table %(number)s") % {"number": section.number})
    _head(pen, page, bulletin, _("Table %(number)s: %(round)s") % {"number": section.number, "round": section.name})
    pen.across(page, 2, section.explained, "small")
    first = [_("No."), str(capfirst(_("town"))), str(capfirst(_("village")))]
    page.write_row(3, 0, _headings(first, _("Total (%(unit)s)") % {"unit": section.unit}), pen.formats["head"])
    page.set_row(3, 32)
    page.freeze_panes(FIRST_ROW, 3)
    page.repeat_rows(0, 3)
    row, sums = FIRST_ROW, []
    for group in section.groups:
        start = row
        for line in group.villages:
            _write_line(pen, page, row, line, [])
            row += 1
        if group.subtotal:
            _write_line(pen, page, row, group.subtotal, [(start, row - 1)])
            sums.append((row, row))
            row += 1
        else:
            sums.append((start, row - 1))
    _write_line(pen, page, row, section.total, sums)
    _write_signing(pen, page, row + 2, bulletin)


def _write_line(pen: Pen, page: Any, row: int, line: Line, sums: list[tuple[int, int]]) -> None:
    """Numbers as they are; with ranges to sum, as formulas that say so."""
    mark = "" if line.number else "_sum"
    text, remark, number, rate = (pen.formats[f"{name}{mark}"] for name in BOLD)
    if line.number:
        page.write_number(row, 0, line.number, pen.formats["serial"])
    else:
        page.write_blank(row, 0, None, text)
    page.write_string(row, 1, line.town, text)
    page.write_string(row, 2, line.village, text)
    counts = line.counts
    values = (counts.total, counts.done, counts.by_phone, line.unvisited, counts.excused)
    for column, value in zip(SUMMED, values, strict=True):
        if sums:
            page.write_formula(row, column, f"=SUM({_ranges(sums, column)})", number, value)
        else:
            page.write_number(row, column, value, number)
    _write_rate(page, row, line, rate)
    page.write_string(row, REMARK, line.remark, remark)


def _ranges(sums: list[tuple[int, int]], column: int) -> str:
    cells = [(xl_rowcol_to_cell(first, column), xl_rowcol_to_cell(last, column)) for first, last in sums]
    return ",".join(first if first == last else f"{first}:{last}" for first, last in cells)


def _write_rate(page: Any, row: int, line: Line, look: Any) -> None:
    total, done, excused = (xl_rowcol_to_cell(row, column) for column in (TOTAL, DONE, EXCUSED))
    rate = line.counts.rate
    formula = f'=IF({total}-{excused}=0,"{NOTHING_OWED}",{done}/({total}-{excused}))'
    page.write_formula(row, RATE, formula, look, NOTHING_OWED if rate is None else rate)


def _write_summary(pen: Pen, bulletin: Bulletin, sections: list[Section]) -> None:
    page = pen.page(_("Bulletin"))
    _head(pen, page, bulletin, " · ".join(filter(None, [bulletin.number, status_of(bulletin)])))
    row = 2
    for paragraph in bulletin.text.splitlines():  # a row each: none may be higher than a spreadsheet allows
        pen.across(page, row, paragraph, "words")
        row += 1
    row += 1
    headings = _headings([_("No."), _("Round"), _("Period")], _("Total number"))
    page.write_row(row, 0, headings, pen.formats["head"])
    page.set_row(row, 32)
    for section in sections:
        row += 1
        _write_line(pen, page, row, Line(section.number, section.name, _days(section), section.total.counts), [])
        page.set_row(row, max(_height(section.name, WIDTHS[1]), _height(_days(section), WIDTHS[2])))
    row = _write_posts(pen, page, row + 2, sections)
    row = _write_problems(pen, page, row + 1, bulletin.counted["problems"])
    _write_signing(pen, page, row + 1, bulletin)


def _days(section: Section) -> str:
    return "–".join(date_format(datetime.fromisoformat(day), "SHORT_DATE_FORMAT") for day in section.days)


def _write_posts(pen: Pen, page: Any, row: int, sections: list[Section]) -> int:
    """What the posts have visited; the row below."""
    headings = [
        *(_("No."), _("Round"), _("Post"), _("Key households"), _("of them visited"), _("Other households")),
        *(_("of them visited"), _("Villages visited"), _("Visited in this period"), _("Remarks")),
    ]
    page.write_row(row, 0, headings, pen.formats["head"])
    page.set_row(row, 32)
    number = 0
    for section in sections:
        for seat in section.seats:
            row, number = row + 1, number + 1
            page.write_number(row, 0, number, pen.formats["serial"])
            page.write_string(row, 1, section.name, pen.formats["text"])
            page.write_string(row, 2, seat.post, pen.formats["text"])
            values = (seat.key[0], seat.key[1], seat.other[0], seat.other[1], seat.villages[1], seat.new)
            for column, value in enumerate(values, start=TOTAL):
                page.write_number(row, column, value, pen.formats["number"])
            page.write_string(row, REMARK, seat.remark, pen.formats["remark"])
            page.set_row(row, max(_height(section.name, WIDTHS[1]), _height(seat.post, WIDTHS[2])))
    return row + 1


def _write_problems(pen: Pen, page: Any, row: int, problems: dict[str, Any]) -> int:
    """Problems found and solved in the period, by the finder's post, and their sums; the row below."""
    headings = [_("No."), _("Problems found by"), "", _("Found in this period"), _("Solved in this period")]
    page.write_row(row, 0, headings, pen.formats["head"])
    page.merge_range(row, 1, row, 2, headings[1], pen.formats["head"])
    page.set_row(row, 32)
    first = row + 1
    for number, line in enumerate(problems["posts"], start=1):
        row += 1
        page.write_number(row, 0, number, pen.formats["serial"])
        page.merge_range(row, 1, row, 2, finder_of(line), pen.formats["text"])
        page.write_number(row, 3, line["found"], pen.formats["number"])
        page.write_number(row, 4, line["solved"], pen.formats["number"])
    row += 1
    page.write_blank(row, 0, None, pen.formats["text_sum"])
    page.merge_range(row, 1, row, 2, _("Total"), pen.formats["text_sum"])
    for column, name in ((3, "found"), (4, "solved")):
        cells = _ranges([(first, row - 1)], column)
        formula = f"=SUM({cells})" if row > first else "=0"
        page.write_formula(row, column, formula, pen.formats["number_sum"], problems[name])
    return row + 1


def _write_signing(pen: Pen, page: Any, row: int, bulletin: Bulletin) -> None:
    """Who filled it in and who checked it (填报单位 填表人 审核人 联系电话 日期)."""
    blocks = [
        (0, 2, _("Unit: %(name)s") % {"name": bulletin.unit}),
        (3, 4, _("Filled in by: %(name)s") % {"name": bulletin.filled_by}),
        (5, 6, _("Checked by: %(name)s") % {"name": bulletin.checked_by}),
        (7, 8, _("Telephone: %(number)s") % {"number": bulletin.telephone}),
    ]
    for first, last, words in blocks:
        page.merge_range(row, first, row, last, words, pen.formats["small"])
    day = date_format(bulletin.dated_on) if bulletin.dated_on else ""
    page.write_string(row, LAST, _("Date: %(day)s") % {"day": day}, pen.formats["small"])
    page.set_row(row, 2 * LINE_HEIGHT)
