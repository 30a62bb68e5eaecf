"""Whether an identity number can be right, and what it says: birth date and sex.

Source of the rule: GB 11643-1999 (公民身份号码): six digits of the area, eight of the birth date, three in sequence
(odd for men), one check digit by ISO 7064 MOD 11-2. The number of a disability certificate (残疾人证) contains it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models.categories import Sex
from households.numbers import CERTIFICATE_LENGTH, IDENTITY_LENGTH, identity_part, tidy

WEIGHTS: tuple[int, ...] = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AREA, BIRTH, SEQUENCE = slice(0, 6), slice(6, 14), slice(14, 17)
CHECK_DIGITS = "10X98765432"
# Province, as GB/T 2260 begins its codes; Hong Kong, Macao and Taiwan are 81, 82, 83 and 71.
PROVINCES = frozenset(
    {"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43"}
    | {"44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"}
)
OLDEST_YEAR = 1900
CENTURIES = ("19", "20")
SHAPE = re.compile(r"\d{17}[\dX](?:[1-7][1-4](?:B\d)?)?", re.ASCII)
ODD = frozenset("13579")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a good number says. `number` has 18 characters; `doubts` are sentences that only warn."""

    number: str
    born_on: date
    sex: Sex
    is_certificate: bool
    doubts: tuple[str, ...]

    def differs_in(self, *, born_on: date | None, sex: str) -> list[str]:
        """Which of the two fields were entered beside the number and do not agree with it."""
        entered, said = {"born_on": born_on, "sex": sex}, {"born_on": self.born_on, "sex": self.sex}
        return [name for name, value in entered.items() if value and value != said[name]]

    def contradictions(self, *, born_on: date | None, sex: str) -> dict[str, str]:
        """What was entered beside the number and does not agree with it: field, and a sentence."""
        sentences = {
            "born_on": _("The identity number says: born on %(day)s. Correct the date or the number.")
            % {"day": date_format(self.born_on)},
            "sex": _("The identity number says: %(sex)s. Correct the sex or the number.") % {"sex": self.sex.label},
        }
        return {name: sentences[name] for name in self.differs_in(born_on=born_on, sex=sex)}


def check_digit(number: str) -> str:
    """The eighteenth character that belongs to the first seventeen digits."""
    return _digit_of(area_weight(number[AREA]), birth_weight(number[BIRTH]), sequence_weight(number[SEQUENCE]))


def _digit_of(*weights: int) -> str:
    return CHECK_DIGITS[sum(weights) % 11]


def _weighing(part: slice) -> Callable[[str], int]:
    """The weighted sum of the digits of that part, remembered: of half a million people many share it."""
    weights = WEIGHTS[part]

    @lru_cache(maxsize=50_000)
    def weigh(digits: str) -> int:
        return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))

    return weigh


area_weight, birth_weight, sequence_weight = map(_weighing, (AREA, BIRTH, SEQUENCE))


def read_identity(text: str, *, on: date | None) -> Identity:
    """Read an identity number or a disability certificate's number as it stands on that day; None: on whichever.

    Raises ValidationError with a sentence that says what to do; the sentence never repeats the number.
    """
    number = tidy(text)
    born_on, sex = birth_and_sex(number, on=on)
    return Identity(number[:IDENTITY_LENGTH], born_on, sex, len(number) > IDENTITY_LENGTH, _doubts(number))


def birth_and_sex(number: str, *, on: date | None) -> tuple[date, Sex]:
    """What a tidy number says of its owner; otherwise as read_identity(), for those who read half a million."""
    # What most numbers are is told sooner than by a pattern.
    is_usual = len(number) == IDENTITY_LENGTH and number.isdigit() and number.isascii()
    if not is_usual and SHAPE.fullmatch(number) is None:
        raise ValidationError(_wrong_shape(number), code="shape")
    if number[:2] not in PROVINCES:
        raise ValidationError(
            _("No province has a number that begins like this one. Compare the first two digits with the card."),
            code="province",
        )
    born_on, weight = _birth(number, on)
    if _digit_of(area_weight(number[AREA]), weight, sequence_weight(number[SEQUENCE])) != number[17]:
        raise ValidationError(
            _("The check digit does not fit: at least one digit is mistyped. Compare the number with the card."),
            code="check_digit",
        )
    return born_on, Sex.MALE if number[16] in ODD else Sex.FEMALE


def is_identity(text: str) -> bool:
    """Whether a text that should be another number is an identity number, right to its check digit."""
    # Asked of every row of a large file: most are told apart by where a year of birth would stand.
    if len(text) not in (IDENTITY_LENGTH, CERTIFICATE_LENGTH) or text[6:8] not in CENTURIES:
        return False
    try:
        read_identity(text, on=None)
    except ValidationError:
        return False
    return True


def _wrong_shape(number: str) -> str:
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return _("This is an old number of 15 digits. Enter the 18 characters of the present identity card.")
    if re.fullmatch(r"\d+(\.\d+)?E\+?\d+|\d+\.0+", number, re.ASCII):
        return _("A spreadsheet has turned this number into a figure and lost digits. Take it from the card again.")
    return _(
        "An identity number has 18 characters, a disability certificate 20: digits, the eighteenth may be X. "
        "Leave it empty when the person has neither."
    )


def _birth(number: str, on: date | None) -> tuple[date, int]:
    """The day of birth, and what its digits weigh."""
    birth = _day_and_weight(number[BIRTH])
    if birth is None or birth[0].year < OLDEST_YEAR:
        raise ValidationError(
            _("The seventh to fourteenth digits are no birth date. Compare the number with the card."), code="birth"
        )
    if on and birth[0] > on:
        raise ValidationError(
            _("The birth date in this number lies in the future. Compare it with the card."), code="birth"
        )
    return birth


@lru_cache(maxsize=50_000)
def _day_and_weight(digits: str) -> tuple[date, int] | None:
    """The day of eight digits, and what they weigh; None when there is no such day."""
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return day, birth_weight(digits)


def _doubts(number: str) -> tuple[str, ...]:
    """Areas are founded, merged and renamed all the time; an odd one is worth a look, never a refusal."""
    if number[2:4] == "00" or number[4:6] == "00":
        return (_("The first six digits name no county. Compare the number with the card once more."),)
    return ()


def same_identity(first: str, second: str) -> bool:
    """Whether two numbers are of one person, be it as identity card or as disability certificate."""
    return identity_part(first) == identity_part(second)
