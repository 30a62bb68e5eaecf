"""Whether the rows of one household can be true: cells, identity numbers, dates, place, one head."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from households.identity import birth_and_sex, is_identity
from households.masking import masked, masked_account, masked_id, masked_phone
from households.models import Health, Relation, Sex
from households.persons import ACCOUNT, TELEPHONE
from households.register_import.cells import REMEDIES, Cell, CellRefused, text_of
from households.register_import.columns import Column
from households.register_import.plan import HEAD_WORDS, Plan, remember
from households.register_import.villages_by_name import Named, NoVillage, VillagesByName
from villages.personal_numbers import has_personal_number, without_personal_numbers

LONGEST_VALUE = 60
NAMES_OF_RECORDS = ("number", "person_number")  # the register's own numbers, which may have fifteen digits
MASKS = {"id_number": masked_id, "phone": masked_phone, "person_phone": masked_phone, "bank_account": masked_account}

# Beyond the cell itself: what contradicts another cell, another row, or what may be changed.
REMEDIES |= {
    "shape": gettext_noop(
        "An identity number has 18 characters, a disability certificate 20. Compare it with the card."
    ),
    "province": gettext_noop("No province has a number that begins like this one. Compare it with the card."),
    "birth": gettext_noop("The seventh to fourteenth digits are no birth date. Compare the number with the card."),
    "check_digit": gettext_noop(
        "The check digit does not fit: at least one digit is mistyped. Compare the number with the card."
    ),
    "born_differs": gettext_noop("The identity number says another birth date. Correct the date or the number."),
    "sex_differs": gettext_noop("The identity number says another sex. Correct the sex or the number."),
    "not_a_phone": gettext_noop("This is no telephone number: a mobile has 11 digits, a landline its area code first."),
    "not_an_account": gettext_noop("A bank account has digits only, at least eight. Compare it with the card."),
    "healthy_and_not": gettext_noop("Healthy excludes every other state. Leave one of them out."),
    "future_day": gettext_noop("This day lies in the future. Correct it."),
    "before_birth": gettext_noop("This day is before the person's birth. Correct one of the two dates."),
    "born_after_leaving": gettext_noop(
        "By this row the person was born after leaving the register here. Correct the birth date or the day of leaving."
    ),
    "cleared_before": gettext_noop("The risk cannot be cleared before it was identified. Correct one date."),
    "second_head": gettext_noop("The household has a head already in row %(hint)s. Correct one of the two relations."),
    "no_head": gettext_noop("No row of this household is its head. Write 户主 as the relation of one person."),
    "twice": gettext_noop("The same person number stands in row %(hint)s already. Keep one of the two rows."),
    "same_identity_in_file": gettext_noop(
        "The same identity number stands in row %(hint)s already. Correct one of them."
    ),
    "same_identity": gettext_noop(
        "This identity number is already recorded under another person number. Let that person leave first, or "
        "correct the number."
    ),
    "household_refused": gettext_noop("The household cannot be taken in because of row %(hint)s. Correct that row."),
    "other_village": gettext_noop("Row %(hint)s of the same household names another village. Write the same one."),
    "other_county": gettext_noop("This county is not ours. Check that you chose the right file."),
    "unknown_town": gettext_noop("There is no town of this name. Write it as in the list of divisions."),
    "unknown_village": gettext_noop(
        "There is no village of this name in the town. Write it as in the list of divisions."
    ),
    "unknown_village_code": gettext_noop(
        "There is no village with this code. Use the twelve digits of the list of divisions."
    ),
    "which_town": gettext_noop("Villages of this name are in %(hint)s. Fill in the town."),
    "not_yours": gettext_noop(
        "This village is not one of your places. Ask the district's office to bring this row in."
    ),
    "person_elsewhere": gettext_noop(
        "This person belongs to a household outside your places. Ask the district's office."
    ),
}


class Line(NamedTuple):
    """A row with the plan of its sheet; the cells stand in the plan's order."""

    plan: Plan
    row: int
    cells: tuple[Cell, ...]

    def other(self, line: "Line") -> str:
        """How another row is named beside this one: of another sheet with its name."""
        return str(line.row) if line.plan.sheet == self.plan.sheet else f"{line.row} ({line.plan.sheet})"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was refused. `value` is masked where it is a personal number."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    hint: str
    label: str
    cells: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Member:
    """A person whose row is in order. `values` by the names of Person's fields.

    `digests` are what the identity number is found by, by the key in use first, once somebody has asked for them.
    """

    line: Any  # a Line; None when it comes from a preview
    number: str
    values: dict[str, Any]
    digests: Sequence[str] = ()

    @property
    def id_index(self) -> str:
        """By what the identity number is found here; empty without one."""
        return self.digests[0] if self.digests else ""


@dataclass(slots=True)
class Checked:
    """What the file says of one household. `values` by the names of Household's fields; `year` of its income.

    `said` is all that as a new household has it, where it was written down already.
    """

    number: str
    lines: list[Line]
    village_id: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    year: int | None = None
    members: list[Member] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    said: bytes = b""

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it can be taken in."""
        return len(self.refusals) == len(self.lines)


def _differing(lines: list[Line]) -> list[Line]:
    """The rows that do not repeat what the household's first one says of it and of its place: nearly always none."""
    plan, _row, cells = lines[0]
    said = plan.home_cells(cells)
    return [line for line in lines if line.plan is not plan or plan.home_cells(line.cells) != said]


def refuse(line: Line, column: Column | None, code: str, hint: str = "") -> Refusal:
    """The refusal of a row because of a column; the value is what the cell says, masked."""
    plan, row, cells = line
    value = ""
    if column is not None and column.field in plan.index:
        value = masked_cell(column, text_of(cells[plan.index[column.field]]))[:LONGEST_VALUE]
    place = plan.index.get("name")
    label = without_personal_numbers(text_of(cells[place]))[:LONGEST_VALUE] if place is not None else ""
    title = column.title if column else ""
    return Refusal(plan.sheet[:100], row, title, value, code, hint, label, whole_row(plan, cells))


def masked_cell(column: Column, text: str) -> str:
    """What a cell says, masked where it is a personal number, also one that stands in the wrong column."""
    if column.field in NAMES_OF_RECORDS:
        return masked(text) if is_identity(text) else text
    return MASKS.get(column.field, masked if column.is_sealed else without_personal_numbers)(text)


def whole_row(plan: Plan, cells: tuple[Cell, ...]) -> dict[str, Any]:
    """The cells by their titles as the file has them, so that they can be handed back; see result.py."""
    pairs = zip(plan.columns, cells, strict=True)
    return {column.title: cell.isoformat() if isinstance(cell, date) else cell for column, cell in pairs}


class Checker:
    """Checks household by household. `on` is the day after which nothing can have happened yet."""

    def __init__(self, villages: VillagesByName, *, on: date, has_persons: bool) -> None:
        self.villages, self.on, self.today = villages, on, on.isoformat()
        self.has_persons = has_persons

    def check(self, number: str, lines: list[Line]) -> Checked:
        """Everything the rows say, and which of them are refused."""
        found = Checked(number, lines)
        try:
            differing = _differing(lines)
            first = self._place(found, differing)
            self._household(found, first, differing)
        except RowRefused as refused:
            _refuse_all(found, refused)
            return found
        if self.has_persons:
            self._persons(found)
        return found

    # The household ----------------------------------------------------------------------------

    def _place(self, found: Checked, differing: list[Line]) -> Line:
        """All rows must name one village. Returns the row of the head, or else the first."""
        first = found.lines[0]
        found.village_id = self._village(first)
        for line in differing:
            if self._village(line) != found.village_id:
                raise RowRefused(line, _column(line, "village", "village_code"), "other_village", line.other(first))
        return next(filter(_is_head, found.lines), first)

    def _village(self, line: Line) -> str:
        key = line.plan.place_cells(line.cells)
        found = line.plan.known_places.get(key)
        if found is None:
            found = line.plan.known_places[key] = self._find_village(line)
        return found

    def _find_village(self, line: Line) -> str:
        index, cells = line.plan.index, line.cells
        texts = {name: text_of(cells[index[name]]) for name in Named._fields if name in index}
        try:
            return self.villages.find(Named(**texts))
        except NoVillage as reason:
            raise RowRefused(line, _column(line, reason.field, "village"), reason.code, reason.hint) from None

    def _household(self, found: Checked, first: Line, differing: list[Line]) -> None:
        """The household's values from the head's row, blanks filled from the others."""
        values = found.values = self._said_of_household(first)
        for line in found.lines if differing else ():
            if line is not first:
                self._fill(values, line)
        for name in ("identified_on", "risk_identified_on", "risk_cleared_on"):
            if (values.get(name) or "") > self.today:
                raise RowRefused(first, _column(first, name), "future_day")
        if values.get("risk_cleared_on") and values["risk_cleared_on"] < (values.get("risk_identified_on") or ""):
            raise RowRefused(first, _column(first, "risk_cleared_on"), "cleared_before")
        if values.get("phone") and not TELEPHONE.fullmatch(values["phone"]):
            raise RowRefused(first, _column(first, "phone"), "not_a_phone")
        values.pop("number", None)
        if "per_head" in values:
            found.year = first.plan.years.get("per_head")

    def _said_of_household(self, line: Line) -> dict[str, Any]:
        """Its values in the order of the columns; what it shares with others need not be read again."""
        plan, cells = line.plan, line.cells
        shared = plan.shared_household_cells(cells)
        known = plan.known_households.get(shared)
        if known is None:
            entries = plan.of_household
            values = {column.field: self._parsed(line, column, cells[place], parse) for column, place, parse in entries}
            remember(plan.known_households, shared, values)
            return values.copy()
        values = known.copy()
        for column, place, parse in plan.own_of_household:
            values[column.field] = self._parsed(line, column, cells[place], parse)
        return values

    def _fill(self, values: dict[str, Any], line: Line) -> None:
        for column, place, parse in line.plan.of_household:
            cell = line.cells[place]
            if cell is not None and cell != "" and values.get(column.field) in BLANKS:
                values[column.field] = self._parsed(line, column, cell, parse)

    def _parsed(self, line: Line, column: Column, cell: Cell, parse: Any) -> Any:
        try:
            value = parse(cell)
        except CellRefused as reason:
            raise RowRefused(line, column, reason.code, reason.hint) from None
        if column.is_needed and value in BLANKS:
            raise RowRefused(line, column, "missing")
        if column.field in NAMES_OF_RECORDS and is_identity(value):
            raise RowRefused(line, column, "number_in_text")
        return value

    # Its persons ------------------------------------------------------------------------------

    def _persons(self, found: Checked) -> None:
        seen: dict[str, Line] = {}
        head: Line | None = None
        head_name = ""
        for line in found.lines:
            try:
                number, values = self._person(line)
                if number in seen:
                    raise RowRefused(line, _column(line, "person_number"), "twice", line.other(seen[number]))
                if values["relation"] == HEAD:
                    if head is not None:
                        raise RowRefused(line, _column(line, "relation"), "second_head", line.other(head))
                    head, head_name = line, values["name"]
            except RowRefused as refused:
                found.refusals.append(refused.refusal())
                head_name = head_name or refused.name_of_head()
                continue
            seen[number] = line
            found.members.append(Member(line, number, values))
        if head_name:
            found.values["head_name"] = head_name

    def _person(self, line: Line) -> tuple[str, dict[str, Any]]:
        plan = line.plan
        shared = plan.shared_cells(line.cells)
        known = plan.known_shares.get(shared)
        if known is None:
            values = self._read(line, plan.of_person)
            remember(plan.known_shares, shared, values)
            values = values.copy()
        else:
            values = known | self._read(line, plan.own)
        if is_identity(values["number"]):
            raise RowRefused(line, _column(line, "person_number"), "number_in_text")
        self._identity(line, values)
        self._dates(line, values)
        if values.get("phone") and not TELEPHONE.fullmatch(values["phone"]):
            raise RowRefused(line, _column(line, "person_phone"), "not_a_phone")
        if values.get("bank_account") and not ACCOUNT.fullmatch(values["bank_account"]):
            raise RowRefused(line, _column(line, "bank_account"), "not_an_account")
        health = values.get("health")
        if health and len(health) > 1 and Health.HEALTHY in health:
            raise RowRefused(line, _column(line, "health"), "healthy_and_not")
        return values.pop("number"), values

    def _read(self, line: Line, columns: list[tuple[Column, int, str, Any]]) -> dict[str, Any]:
        cells = line.cells
        values: dict[str, Any] = {}
        for column, place, name, parse in columns:
            try:
                value = parse(cells[place])
            except CellRefused as reason:
                raise RowRefused(line, column, reason.code, reason.hint) from None
            if column.is_needed and not value:
                raise RowRefused(line, column, "missing")
            values[name] = value
        return values

    def _identity(self, line: Line, values: dict[str, Any]) -> None:
        """Sex and birth date follow from the number, or must agree with it."""
        number = values.get("id_number")
        if not number:
            return
        try:
            birth, its_sex = birth_and_sex(number, on=self.on)
        except ValidationError as error:
            raise RowRefused(line, _column(line, "id_number"), error.code or "shape") from None
        born_on, sex = birth.isoformat(), MALE if its_sex is Sex.MALE else FEMALE
        if (values.get("born_on") or born_on) != born_on:
            raise RowRefused(line, _column(line, "born_on"), "born_differs")
        if (values.get("sex") or sex) != sex:
            raise RowRefused(line, _column(line, "sex"), "sex_differs")
        values["born_on"], values["sex"] = born_on, sex

    def _dates(self, line: Line, values: dict[str, Any]) -> None:
        born_on, identified_on = values.get("born_on") or "", values.get("identified_on") or ""
        if born_on > self.today:
            raise RowRefused(line, _column(line, "born_on"), "future_day")
        if identified_on > self.today:
            raise RowRefused(line, _column(line, "person_identified_on"), "future_day")
        if identified_on and identified_on < born_on:
            raise RowRefused(line, _column(line, "person_identified_on"), "before_birth")


BLANKS: tuple[Any, ...] = (None, "", [])
HEAD = Relation.HEAD.value
# As each of half a million persons has them: asking an enumeration costs more than looking at the number.
MALE, FEMALE = Sex.MALE.value, Sex.FEMALE.value


class RowRefused(Exception):
    """This row cannot be taken in."""

    def __init__(self, line: Line, column: Column | None, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.line, self.column, self.code, self.hint = line, column, code, hint

    def refusal(self) -> Refusal:
        """As it is kept."""
        return refuse(self.line, self.column, self.code, self.hint)

    def name_of_head(self) -> str:
        """The name in the row when it is the head's: the household is called by it all the same."""
        index, cells = self.line.plan.index, self.line.cells
        name = " ".join(text_of(cells[index["name"]]).split())[:50]
        is_head = text_of(cells[index["relation"]]) in HEAD_WORDS
        return name if is_head and not has_personal_number(name) else ""


def _column(line: Line, *names: str) -> Column | None:
    """The first of the columns that the row has."""
    for name in names:
        if name in line.plan.index:
            return line.plan.columns[line.plan.index[name]]
    return None


def _refuse_all(found: Checked, refused: RowRefused) -> None:
    """The household cannot be taken in: the row says why, the others point to it."""
    found.members = []
    found.refusals = [
        refused.refusal() if line is refused.line else refuse(line, None, "household_refused", line.other(refused.line))
        for line in found.lines
    ]


def refuse_member(found: Checked, member: Member, code: str, *names: str, hint: str = "") -> None:
    """Refuse the row of a person who is in order by itself."""
    found.said = b""
    found.members.remove(member)
    found.refusals.append(refuse(member.line, _column(member.line, *names), code, hint))


def turned_away(found: Checked) -> set[str]:
    """The numbers of the persons whose rows are refused."""
    if not found.refusals:
        return set()
    places = [(line, line.plan.index.get("person_number")) for line in found.lines]
    said = {text_of(line.cells[place]) for line, place in places if place is not None}
    return said.difference(member.number for member in found.members)


def refuse_household(found: Checked, code: str, *names: str) -> None:
    """Refuse all rows of a household for something that concerns it as a whole."""
    line = found.lines[0]
    _refuse_all(found, RowRefused(line, _column(line, *names), code))


def refuse_headless(found: Checked) -> None:
    """Refuse all rows of a household without a head: because of the head's row when that was refused itself."""
    refused = {(one.sheet, one.row): one for one in found.refusals}
    heads = [line for line in found.lines if _is_head(line)]
    if not heads or _place(heads[0]) not in refused:
        refuse_household(found, "no_head", "relation", "head_name")
        return
    found.members = []
    found.refusals = [
        refused.get(_place(line)) or refuse(line, None, "household_refused", line.other(heads[0]))
        for line in found.lines
    ]


def _is_head(line: Line) -> bool:
    place = line.plan.index.get("relation")
    return place is not None and bool(line.plan.is_head(line.cells[place]))


def _place(line: Line) -> tuple[str, int]:
    return line.plan.sheet[:100], line.row
