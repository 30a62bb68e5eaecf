"""Find the header below the titles, and bring each row's cells into the order of our columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from households.register_import.cells import Cell, Number, remembering, text_of
from households.register_import.columns import PERSON_FIELDS, Column, ColumnSet, Level, header_key, year_in
from households.register_import.examples import EXAMPLE, is_untouched
from households.register_import.filling_down import filled_down
from households.register_import.read import FileRefused, Raw

SERIAL = "serial"  # a row's number says nothing and differs in every export
HEADER_WITHIN = 30  # rows of a sheet, above which nobody puts more titles
OWN = ("name", "born_on", "place_of_work", "natural_village", "per_head")  # besides every number: few share them
MOST_SHARES = 10_000  # different combinations of what people or households share that are remembered
HEAD_WORDS = frozenset({"户主", "本人", "本人或户主"})
NOTES = ("合计", "总计", "小计", "填报", "填表", "审核", "制表", "备注", "说明", "注:", "联系电话", "截至", "截止")


Pick = Callable[[tuple[Cell, ...]], tuple[Cell, ...]]


class ColumnsRefused(FileRefused):
    """No sheet has the columns that are needed. The text says which are missing and what to do."""

    def __init__(self, complaint: str) -> None:
        Exception.__init__(self, complaint)
        self.code, self.megabytes = "columns", 0


def require_columns(first: list[Raw], columns: ColumnSet) -> None:
    """Refuse a file of which no sheet has the header among its first rows. Raises ColumnsRefused."""
    if first and not _is_in_two_rows(first, columns):
        for _row in Sheets(columns).rows(first):
            pass


def _is_in_two_rows(first: list[Raw], columns: ColumnSet) -> bool:
    """Whether two rows are a header together; those of a check do not say in which columns their texts stand."""
    return any(
        above.sheet == below.sheet and plan_of(0, "", above.cells + below.cells, columns)[0]
        for above, below in pairwise(first)
    )


def picking(places: Sequence[int]) -> Pick:
    """The cells at these places, always as a tuple."""
    if len(places) > 1 and [*places] == [*range(places[0], places[-1] + 1)]:
        return itemgetter(slice(places[0], places[-1] + 1))  # as one piece, which is how the export comes
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


def remember(known: dict[tuple[Cell, ...], dict[str, Any]], cells: tuple[Cell, ...], values: dict[str, Any]) -> None:
    """Keep what cells mean. Figures that a key cannot tell from yes and no are read anew each time."""
    if len(known) < MOST_SHARES and 1 not in cells and 0 not in cells:
        known[cells] = values


def _is_own(column: Column) -> bool:
    return isinstance(column.kind, Number) or column.field in OWN


@dataclass
class Plan:
    """How the rows of one sheet are read: `columns` in our order, `pick` brings the cells into it.

    The readers are laid out once, not for each of half a million rows: column, place, name on the row, reading.
    `years` are the years that headers name, by field; `unknown` the headers that name no column of ours.
    """

    number: int
    sheet: str
    columns: list[Column]
    places: list[int]
    header: tuple[Cell, ...]
    years: dict[str, int]
    unknown: list[str]
    index: dict[str, int] = field(init=False)
    parsers: list[tuple[Column, int, Callable[[Cell], Any]]] = field(init=False)
    signature: bytes = field(init=False)  # what the digest of a row depends on besides its cells
    of_household: list[tuple[Column, int, Callable[[Cell], Any]]] = field(init=False)
    of_person: list[tuple[Column, int, str, Callable[[Cell], Any]]] = field(init=False)
    # Of a person, or a household, what others share (relation, schooling, …) and what is their own; what tells the
    # household's place; whether the row is its head's.
    own: list[tuple[Column, int, str, Callable[[Cell], Any]]] = field(init=False)
    own_of_household: list[tuple[Column, int, Callable[[Cell], Any]]] = field(init=False)
    shared_cells: Pick = field(init=False)
    home_cells: Pick = field(init=False)  # what every row of a household repeats: what is said of it, and its place
    shared_household_cells: Pick = field(init=False)
    place_cells: Pick = field(init=False)
    is_head: Callable[[Cell], bool] = field(init=False)
    known_shares: dict[tuple[Cell, ...], dict[str, Any]] = field(init=False, default_factory=dict)
    known_households: dict[tuple[Cell, ...], dict[str, Any]] = field(init=False, default_factory=dict)
    known_places: dict[tuple[Cell, ...], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {column.field: place for place, column in enumerate(self.columns)}
        self.parsers = [
            (column, place, column.kind.parse if isinstance(column.kind, Number) else remembering(column.kind.parse))
            for place, column in enumerate(self.columns)
        ]
        self.of_household = [entry for entry in self.parsers if entry[0].level == Level.HOUSEHOLD]
        self.of_person = [
            (column, place, PERSON_FIELDS.get(column.field, column.field), parse)
            for column, place, parse in self.parsers
            if column.level == Level.PERSON
        ]
        self.own = [entry for entry in self.of_person if _is_own(entry[0])]
        self.shared_cells = picking([place for column, place, _n, _p in self.of_person if not _is_own(column)])
        self.own_of_household = [entry for entry in self.of_household if _is_own(entry[0])]
        shared = [place for column, place, _parse in self.of_household if not _is_own(column)]
        self.shared_household_cells = picking(shared)
        self.is_head = remembering(lambda cell: text_of(cell) in HEAD_WORDS)
        of_place = [place for place, column in enumerate(self.columns) if column.level == Level.PLACE]
        self.place_cells = picking(of_place)
        self.home_cells = picking(of_place + [place for _c, place, _p in self.of_household])
        self.signature = ",".join(column.field for column in self.columns).encode()
        self._width = max(self.places) + 1
        self._get = picking(self.places)

    def pick(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The row's cells in the order of `columns`; a short row is filled up with blanks."""
        if len(cells) < self._width:
            cells = cells + (None,) * (self._width - len(cells))
        return self._get(cells)


def plan_of(number: int, sheet: str, cells: tuple[Cell, ...], columns: ColumnSet) -> tuple[Plan | None, list[Column]]:
    """The plan when this row is a header with every required column; and the columns it names."""
    found: dict[str, tuple[Column, int]] = {}
    unknown, years = [], {}
    for place, cell in enumerate(cells):
        column = columns.find(cell)
        if column is None:
            unknown += [text_of(cell)[:40]] if header_key(cell) else []
        elif column.field not in found:
            found[column.field] = (column, place)
            if year := year_in(cell):
                years[column.field] = year
    named = [column for column, _place in found.values()]
    if columns.missing(named):
        return None, named
    kept = [found[column.field] for column in columns if column.field in found and column.field != SERIAL]
    return Plan(number, sheet, [one for one, _p in kept], [p for _one, p in kept], cells, years, unknown), named


class Sheets:
    """The rows of a file below the header of their sheet. What its attributes tell fills while it is read.

    `skipped` are sheets without the columns, `examples` the rows that still are a template's example, `filled` how many
    rows say nothing of their household, because its cells are merged over the rows of its persons.
    """

    def __init__(self, columns: ColumnSet) -> None:
        self.columns = columns
        self.plans: list[Plan] = []
        self.skipped: list[str] = []
        self.examples: list[int] = []
        self.filled = 0
        self._best: list[Column] = []

    def rows(self, raws: Iterable[Raw]) -> Iterator[tuple[Plan, int, tuple[Cell, ...]]]:
        """Plan, row number and cells in our order. Raises ColumnsRefused when no sheet has a header."""
        sheet, plan, looked = None, None, 0
        above: Raw | None = None
        last, last_row, number = tuple[Cell, ...](), 0, 0  # of persons: what was said directly above
        for raw in raws:
            name, row, cells = raw
            if name != sheet:
                self._leave(sheet, plan)
                sheet, plan, looked, above, last_row = name, None, 0, None, 0
            if plan is None:
                looked += 1
                if looked <= HEADER_WITHIN:
                    plan, above = self._look(raw, above), raw
                    number = plan.index.get("number", 0) if plan else 0
                continue
            if cells == plan.header:
                continue
            first = cells[0]
            # A serial number, as nearly every row begins.
            found = plan.pick(cells) if first.__class__ is str and first.isdigit() else self._said(plan, raw)
            if found is None:
                continue
            if not found[number] and row == last_row + 1:
                found = self._filled(plan, last, found)
            last, last_row = found, row
            yield plan, row, found
        self._leave(sheet, plan)
        if not self.plans:
            raise ColumnsRefused(self._complaint())

    def _said(self, plan: Plan, raw: Raw) -> tuple[Cell, ...] | None:
        """The row's cells in our order; None when it is a sum or note below the table, or a template's example.

        A row that somebody has typed over the example is one: it is read without the mark that was left in a cell.
        """
        texts = [cell for cell in raw.cells if cell is not None and cell != ""]
        if not texts or _is_note(texts, len(raw.cells)):
            return None
        picked = plan.pick(raw.cells)
        if not _is_mark(texts[0]):
            return picked
        if len(texts) == 1 or is_untouched(plan.columns, picked):
            self.examples.append(raw.row)
            return None
        return tuple(None if text_of(cell) == EXAMPLE else cell for cell in picked)

    def _filled(self, plan: Plan, above: tuple[Cell, ...], cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        found = filled_down(plan.columns, above, cells) if "person_number" in plan.index else None
        self.filled += found is not None
        return found or cells

    def _look(self, raw: Raw, above: Raw | None) -> Plan | None:
        """The plan when this row is a header, or the second row of one whose tall cells begin in the row above."""
        plan, named = plan_of(len(self.plans), raw.sheet, raw.cells, self.columns)
        if plan is None and above is not None:
            joined = tuple(cell or tall for cell, tall in zip_longest(raw.cells, above.cells))
            plan, _named = plan_of(len(self.plans), raw.sheet, joined, self.columns)
        if len(named) > len(self._best):
            self._best = named
        if plan:
            self.plans.append(plan)
        return plan

    def _leave(self, sheet: str | None, plan: Plan | None) -> None:
        if sheet is not None and plan is None:
            self.skipped.append(sheet)

    def _complaint(self) -> str:
        missing = "、".join(column.title for column in self.columns.missing(self._best))
        return _(
            "These columns were not found in the first rows of the file: %(columns)s. Use the export as it "
            "comes, or fill in our template, and check the kind of table you chose."
        ) % {"columns": missing}


def _is_mark(first: Cell) -> bool:
    return isinstance(first, str) and text_of(first).startswith(EXAMPLE)


def _is_note(texts: Sequence[Cell], width: int) -> bool:
    """Whether it says little else."""
    first = texts[0]
    if not isinstance(first, str) or len(texts) > max(3, width // 3):
        return False
    return text_of(first).replace(" ", "").startswith(NOTES)
