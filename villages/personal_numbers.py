"""Identity and telephone numbers in free text: found, so that they are refused or masked where they do not belong."""

import re

# An identity number of 18 or 15 characters, a disability certificate (which begins with one), a mobile telephone.
PERSONAL_NUMBER = re.compile(
    r"(?<!\d)(\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx](\d{2}(B\d)?)?|\d{15}|1[3-9]\d{9})"
    r"(?![\dXx])"
)
SHORTEST = 11


def has_personal_number(text: str) -> bool:
    """Whether one stands in the text."""
    return len(text) >= SHORTEST and PERSONAL_NUMBER.search(text) is not None


def without_personal_numbers(text: str) -> str:
    """The text with stars in their place."""
    return PERSONAL_NUMBER.sub(lambda found: "*" * len(found.group()), text)
