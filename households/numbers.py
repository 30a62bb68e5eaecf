"""How a personal number is written down before it is compared: no blanks, half-width, capital X."""

import unicodedata

IDENTITY_LENGTH = 18
# A disability certificate is the identity number, a digit for the kind, one for the grade, and B1, B2 … if reissued.
CERTIFICATE_LENGTH = 20


def tidy(text: str) -> str:
    """The number without blanks and hyphens, full-width characters made half-width, letters in capitals."""
    if text.isascii() and text.isalnum():
        return text.upper()
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        character for character in plain if not character.isspace() and character not in "-‐–—\u200b\ufeff'`’"
    )


def identity_part(text: str) -> str:
    """The identity number inside: a disability certificate begins with it. Any other number as it is, tidied."""
    number = tidy(text)
    return number[:IDENTITY_LENGTH] if len(number) >= CERTIFICATE_LENGTH else number
