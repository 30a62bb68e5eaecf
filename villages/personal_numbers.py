"""Identity, telephone and account numbers in free text: found, to be refused or masked where they do not belong."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# An identity number of 18 or 15 characters, a disability certificate (which begins with one), a mobile telephone.
PERSONAL_NUMBER = re.compile(
    r"(?<!\d)(\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx](\d{2}(B\d)?)?|\d{15}|1[3-9]\d{9})"
    r"(?![\dXx])"
)
# A bank card of this country (ISO/IEC 7812: issuers 62, and a check digit), in one piece or in fours.
CARD = re.compile(r"(?<!\d)62\d{2}(?:[ \-]?\d{4}){3}(?:[ \-]?\d{1,3})?(?!\d)")
# All of an identity number but its check digit, which follows from the others.
ALL_BUT_THE_LAST = re.compile(r"(?<!\d)\d{6}(19\d\d|20[0-2]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
# What people put between the digits.
BETWEEN = re.compile(r"(?<=\d)[\s\-.,]+(?=[\dXx])")
# Amounts: with their unit behind them, or with commas between the thousands. Several side by side are no telephone.
AMOUNT = re.compile(r"(?<![\d,.])(\d[\d,.]*(?=\s*[元块万亿亩斤吨])|\d{1,3}(,\d{3})+(\.\d+)?(?![\d,]))")
DIGIT = re.compile(r"\d")
SHORTEST = 11
LEAVE_IT_OUT = _("This reads like an identity, telephone or account number. Leave it out; the register knows it.")


def has_personal_number(text: str) -> bool:
    """Whether one stands in the text, in one piece or with blanks and hyphens in between, in digits of any width.

    Amounts are not joined to their neighbours; one that is as long as a telephone number by itself still counts as one.
    """
    if len(text) < SHORTEST:
        return False
    plain = unicodedata.normalize("NFKC", text)
    if "62" in plain and any(_is_card(found.group()) for found in CARD.finditer(plain)):
        return True
    return any(PERSONAL_NUMBER.search(one) for one in (plain, BETWEEN.sub("", AMOUNT.sub("¤", plain))))


def _is_card(text: str) -> bool:
    """Whether the check digit is right (Luhn): every second digit from the right is doubled, its digits added."""
    digits = [int(digit) for digit in reversed(text) if digit.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_no_question(text: str) -> bool:
    """Whether a search box must not take it up and say it again: a person's number, or one but for its last digit."""
    plain = BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return has_personal_number(text) or bool(ALL_BUT_THE_LAST.search(plain))


def without_personal_numbers(text: str) -> str:
    """The text with stars in their place; with no digit at all where one cannot be told from its neighbours."""
    masked = PERSONAL_NUMBER.sub(lambda found: "*" * len(found.group()), text)
    masked = CARD.sub(lambda found: "*" * len(found.group()) if _is_card(found.group()) else found.group(), masked)
    return DIGIT.sub("*", masked) if has_personal_number(masked) else masked


def numbers_in(**texts: str) -> dict[str, Any]:
    """By its name what to say of each text that holds one; empty when none does."""
    return {name: LEAVE_IT_OUT for name, text in texts.items() if has_personal_number(text)}


def no_personal_number(text: Any) -> None:
    """A validator for free text. Raises ValidationError that says what to do."""
    if has_personal_number(str(text)):
        raise ValidationError(LEAVE_IT_OUT, code="personal_number")
