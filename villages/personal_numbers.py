"""Identity and telephone numbers in free text: found, so that they are refused or masked where they do not belong."""

import re
import unicodedata

# An identity number of 18 or 15 characters, a disability certificate (which begins with one), a mobile telephone.
PERSONAL_NUMBER = re.compile(
    r"(?<!\d)(\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx](\d{2}(B\d)?)?|\d{15}|1[3-9]\d{9})"
    r"(?![\dXx])"
)
# What people put between the digits.
BETWEEN = re.compile(r"(?<=\d)[\s\-.,]+(?=[\dXx])")
DIGIT = re.compile(r"\d")
SHORTEST = 11


def has_personal_number(text: str) -> bool:
    """Whether one stands in the text, in one piece or with blanks and hyphens in between, in digits of any width."""
    if len(text) < SHORTEST:
        return False
    plain = unicodedata.normalize("NFKC", text)
    return any(PERSONAL_NUMBER.search(one) for one in (plain, BETWEEN.sub("", plain)))


def without_personal_numbers(text: str) -> str:
    """The text with stars in their place; with no digit at all where one cannot be told from its neighbours."""
    masked = PERSONAL_NUMBER.sub(lambda found: "*" * len(found.group()), text)
    return DIGIT.sub("*", masked) if has_personal_number(masked) else masked
