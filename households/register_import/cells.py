"""What a cell of a table means: a text, a number kept as text, a day, an amount, a word of a category set."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_noop

from villages.personal_numbers import has_personal_number

Cell = str | int | float | bool | date | datetime | None

# Spreadsheets keep fifteen digits of a number; whatever is longer has lost its last ones.
SAFE_NUMBER = 10**15
SPREADSHEET_EPOCH = date(1899, 12, 30)
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_000  # 1927 to 2099 as days since the epoch
LARGEST_AMOUNT = Decimal("9999999999.99")
EMPTY_WORDS = frozenset({"", "-", "--", "—", "——", "/", "\\", "无数据", "null", "none", "n/a", "#n/a"})
SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?:[ T].*)?")
SERIAL_DAY = re.compile(r"\d{5}")
PACKED_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})?")
SEPARATORS = re.compile(r"[、，,;；|/\s]+")
# Direction marks and blanks without width, which come along when a text is copied; nobody can see or remove them.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

# What was wrong, by its code, and what to do about it. The hint says what the cell could hold.
REMEDIES = {
    "missing": gettext_noop("Fill in this cell: it may not be empty."),
    "too_long": gettext_noop("Shorten the text; at most %(hint)s characters fit."),
    "digits_lost": gettext_noop("The table program has turned this number into a figure and lost its last digits. "
                        "Format the column as text and type the number again."),
    "not_a_number": gettext_noop("Only digits and letters belong here. Remove every other sign."),
    "not_whole": gettext_noop("Write a whole number from %(hint)s."),
    "not_an_amount": gettext_noop("Write an amount in yuan, for example 12800.50."),
    "not_a_day": gettext_noop("Write the day like 2019-06-01."),
    "unlikely_day": gettext_noop("This day cannot be right. Write it like 2019-06-01."),
    "not_yes_or_no": gettext_noop("Write 是 (yes) or 否 (no)."),
    "unknown_word": gettext_noop("Use one of the register's words: %(hint)s."),
    "number_in_text": gettext_noop("An identity or telephone number stands here. Move it to its own column."),
    "too_many": gettext_noop("At most %(hint)s of these can be given."),
}  # fmt: skip


class CellRefused(Exception):
    """A cell that cannot be understood. `code` is a key of REMEDIES, `hint` completes its sentence."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code, self.hint = code, hint


def seen(text: str) -> str:
    """What a reader sees of a text: without signs that cannot be seen, full-width signs made ordinary."""
    return unicodedata.normalize("NFKC", text if text.isprintable() else INVISIBLE.sub("", text))


def text_of(cell: Cell) -> str:
    """The cell as a clean text: full-width signs made ordinary, blanks trimmed, 3.0 read as 3."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell if cell.isascii() else seen(cell)
        text = text.strip().lstrip("'`")
        return "" if text.lower() in EMPTY_WORDS else text
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)


class Kind(ABC):
    """A kind of cell: read into a value (None or an empty list when blank), and written back."""

    @abstractmethod
    def parse(self, cell: Cell) -> Any:
        """The cell's value. Raises CellRefused."""

    def write(self, value: Any) -> Any:
        """The value as the register writes it."""
        return value

    def words(self) -> list[str]:
        """The only words the cell may hold, for a drop-down list; empty when it is free."""
        return []

    is_text = True  # whether a table program must be told to keep it as text


@dataclass(frozen=True)
class Text(Kind):
    """Free words. A personal number has no place among them, except in the account somebody signs in with."""

    longest: int = 50
    may_be_a_number: bool = False

    def parse(self, cell: Cell) -> str:
        """The words, blanks between them made single."""
        text = " ".join(text_of(cell).split())
        if len(text) > self.longest:
            raise CellRefused("too_long", str(self.longest))
        if not self.may_be_a_number and has_personal_number(text):
            raise CellRefused("number_in_text")
        return text

    def write(self, value: Any) -> str:
        """The same words."""
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Number(Kind):
    """A number that names something, kept as text: a figure too long to be exact is refused."""

    longest: int = 30
    is_identity: bool = False  # longer than a spreadsheet's figures, so that any figure here is damaged
    form: re.Pattern[str] = re.compile(r"[0-9A-Za-z_\-]+")

    def parse(self, cell: Cell) -> str:
        """Digits and letters without blanks, letters capital."""
        if cell.__class__ is str and cell.isalnum() and cell.isascii() and len(cell) <= self.longest:  # type: ignore[union-attr, arg-type]
            return cell if cell.isdigit() else cell.upper()  # type: ignore[union-attr, return-value]
        if cell is None or cell == "":
            return ""
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            if self.is_identity or not float(cell).is_integer() or abs(cell) >= SAFE_NUMBER:
                raise CellRefused("digits_lost")
            return str(int(cell))
        if isinstance(cell, date):
            raise CellRefused("not_a_number")  # a table program has made a day of it
        text = "".join(text_of(cell).split()).upper()
        if len(text) > self.longest:
            raise CellRefused("too_long", str(self.longest))
        if text and not self.form.fullmatch(text):
            raise CellRefused("digits_lost" if SCIENTIFIC.fullmatch(text) else "not_a_number")
        if text and SCIENTIFIC.fullmatch(text) and "+" in text:
            raise CellRefused("digits_lost")
        return text

    def write(self, value: Any) -> str:
        """The number as text."""
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Whole(Kind):
    """A count: 3, "3", "3.0" and "3人" are three."""

    least: int = 0
    most: int = 99
    is_text = False

    def parse(self, cell: Cell) -> int | None:
        """The count."""
        text = text_of(cell).removesuffix("个月").rstrip("人月年户个岁")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise CellRefused("not_whole", self._range()) from None
        if not amount.is_finite() or amount != amount.to_integral_value() or not self.least <= amount <= self.most:
            raise CellRefused("not_whole", self._range())
        return int(amount)

    def _range(self) -> str:
        return f"{self.least}–{self.most}"


@dataclass(frozen=True)
class Yuan(Kind):
    """An amount in yuan, kept as a text with two decimals."""

    is_text = False

    def parse(self, cell: Cell) -> str | None:
        """The amount as "12800.50"."""
        text = text_of(cell).replace(",", "").removesuffix("元").lstrip("¥￥").strip()
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise CellRefused("not_an_amount") from None
        if not amount.is_finite() or abs(amount) > LARGEST_AMOUNT:
            raise CellRefused("not_an_amount")
        return str(amount.quantize(Decimal("0.01")))

    def write(self, value: Any) -> Decimal | None:
        """The amount as a figure."""
        return None if value in (None, "") else Decimal(value)


@dataclass(frozen=True)
class Day(Kind):
    """A day in any of the usual writings; a month alone means its first day. Kept as "2019-06-01"."""

    def parse(self, cell: Cell) -> str | None:
        """The day in ISO form."""
        found = self._day(cell)
        if found is not None and not EARLIEST <= found <= LATEST:
            raise CellRefused("unlikely_day")
        return found.isoformat() if found else None

    def _day(self, cell: Cell) -> date | None:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = text_of(cell)
        if not text:
            return None
        if SERIAL_DAY.fullmatch(text) and FIRST_SERIAL <= int(text) <= LAST_SERIAL:
            return SPREADSHEET_EPOCH + timedelta(days=int(text))
        found = DAY.fullmatch(text) or PACKED_DAY.fullmatch(text)
        if not found:
            raise CellRefused("not_a_day")
        year, month, day = found.groups()
        try:
            return date(int(year), int(month), int(day or 1))
        except ValueError:
            raise CellRefused("not_a_day") from None

    def write(self, value: Any) -> date | None:
        """The day as a date."""
        return date.fromisoformat(value) if isinstance(value, str) and value else value or None


YES = frozenset({"是", "有", "已", "已解决", "已参加", "已消除", "参加", "√", "✓", "1", "y", "yes", "true", "危房"})
NO = frozenset(
    {"否", "无", "未", "没有", "不是", "未解决", "未参加", "未消除", "×", "✗", "x", "0", "n", "no", "false", "非危房"}
)


@dataclass(frozen=True)
class YesNo(Kind):
    """是 or 否."""

    def parse(self, cell: Cell) -> bool | None:
        """Yes, no, or None when blank."""
        text = text_of(cell).lower()
        if not text:
            return None
        if text in YES:
            return True
        if text in NO:
            return False
        raise CellRefused("not_yes_or_no")

    def write(self, value: Any) -> str:
        """是 or 否."""
        return "" if value is None else "是" if value else "否"

    def words(self) -> list[str]:
        """Both."""
        return ["是", "否"]


@lru_cache(maxsize=64)
def chinese_words(choices: type[models.TextChoices]) -> dict[str, str]:
    """Value: the word the register writes for it, whatever language is spoken now."""
    with translation.override("zh-hans"):
        return {choice.value: str(choice.label) for choice in choices}


@dataclass(frozen=True)
class Word(Kind):
    """A word of a category set. `also` maps other spellings to values."""

    choices: type[models.TextChoices]
    also: dict[str, str] = field(default_factory=dict, hash=False)
    among: tuple[str, ...] = ()  # the values that can be chosen here, when not all of the set

    def parse(self, cell: Cell) -> str:
        """The value; empty when blank."""
        text = text_of(cell)
        if not text:
            return ""
        found = self._spellings().get(plain(text))
        if found is None:
            raise CellRefused("unknown_word", "、".join(self.words()))
        return found

    def _spellings(self) -> dict[str, str]:
        return _spellings(self.choices, tuple(self.also.items()))

    def write(self, value: Any) -> str:
        """The register's word."""
        return chinese_words(self.choices).get(value, value) if value else ""

    def words(self) -> list[str]:
        """All words of the set."""
        return [word for value, word in chinese_words(self.choices).items() if not self.among or value in self.among]


@dataclass(frozen=True)
class Words(Word):
    """Several words of a category set, separated as people separate them. Kept as a list."""

    most: int = 5

    def parse(self, cell: Cell) -> list[str]:  # type: ignore[override]
        """The values in the order given, each once."""
        found: list[str] = []
        for text in SEPARATORS.split(text_of(cell)):
            value = super().parse(text)
            if value and value not in found:
                found.append(value)
        if len(found) > self.most:
            raise CellRefused("too_many", str(self.most))
        return found

    def write(self, value: Any) -> str:
        """The register's words, separated by a Chinese comma."""
        known = chinese_words(self.choices)
        return "、".join(known.get(word, word) for word in value or [])


def plain(text: str) -> str:
    """A word without blanks, brackets and their signs, for comparing."""
    return re.sub(r"[\s()（）\[\]【】]", "", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=64)
def _spellings(choices: type[models.TextChoices], also: Sequence[tuple[str, str]]) -> dict[str, str]:
    known = {plain(word): value for value, word in chinese_words(choices).items()}
    known |= {plain(word): value for word, value in also}
    return known


class Memory(dict[Any, Any]):
    """A reading with a memory of texts: a column of half a million cells holds few different ones.

    Figures are few, and read anew: 1, 1.0 and True are equal keys, and True is no figure.
    """

    def __init__(self, parse: Callable[[Cell], Any], most: int = 50_000) -> None:
        super().__init__()
        self.parse, self.most = parse, most

    def __missing__(self, cell: Any) -> Any:
        value = self.parse(cell)
        if (cell.__class__ is str or cell is None) and len(self) < self.most:
            self[cell] = value
        return value


def remembering(parse: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    """The same reading with such a memory."""
    return Memory(parse).__getitem__
