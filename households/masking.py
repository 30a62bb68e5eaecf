"""How a personal number is shown: masked, so that too many others fit for anybody to guess it.

With the date of birth beside it, a number masked to its first six and last four digits leaves one candidate.
Numbers of identity cards are therefore masked in two ways: by first six and last four where neither birth nor
age stands beside it, and by the area alone where it does.
"""

ID_LENGTH = 18
AREA_DIGITS, ID_TAIL = 6, 4
PHONE_HEAD, PHONE_TAIL = 3, 4


def masked_id(number: str) -> str:
    """360721********1234: where no date of birth, age or sex stands beside it."""
    if len(number) < ID_LENGTH:
        return masked(number)
    return number[:AREA_DIGITS] + "*" * (len(number) - AREA_DIGITS - ID_TAIL) + number[-ID_TAIL:]


def masked_id_beside_birth(number: str) -> str:
    """360721************: beside a date of birth or an age, where four last digits would leave one candidate."""
    if len(number) < ID_LENGTH:
        return masked(number)
    return number[:AREA_DIGITS] + "*" * (len(number) - AREA_DIGITS)


def masked_phone(number: str) -> str:
    """138****5678."""
    if len(number) < PHONE_HEAD + PHONE_TAIL + 1:
        return masked(number)
    return number[:PHONE_HEAD] + "*" * (len(number) - PHONE_HEAD - PHONE_TAIL) + number[-PHONE_TAIL:]


def masked_account(number: str) -> str:
    """**** **** 1234: the last four digits of a bank account."""
    return "**** " + number[-4:] if len(number) > 2 * ID_TAIL else masked(number)


def masked(number: str) -> str:
    """Nothing but its length, for a number too short to show a part of."""
    return "*" * len(number)
