"""How a personal number is shown: masked, so that with everything beside it at least a thousand people fit.

An identity number is area, birth date, a serial of three digits (odd for men) and a check digit. Whatever stands
beside a mask narrows it, so the mask depends on the company it keeps:

    beside it on the page, list or sheet                     mask                  people who fit
    name, sex, place, household number: nothing of age       360721********1234    about 4,000
    an age, a year or month of birth, a grade at school      360721************    14,000 and more
    the date of birth                                        ******************    9,000 in this prefecture alone

Any text made of a sealed number is the last one (Sealed.__str__): nobody can print too much by forgetting this
table. The filters of templatetags/personal.py print the others. Pages show an age, forms alone a date of birth. A
disability certificate is masked as the identity number in it: its last digits would tell the kind and grade.
"""

from households.numbers import IDENTITY_LENGTH, identity_part

AREA_DIGITS, ID_TAIL = 6, 4
MOBILE_LENGTH, PHONE_HEAD, PHONE_TAIL = 11, 3, 4
ACCOUNT_TAIL, SHORTEST_ACCOUNT = 4, 9
FEWEST_PEOPLE = 1000


def masked_id(number: str) -> str:
    """******************: beside anything, even a date of birth."""
    return masked(identity_part(number))


def masked_id_beside_age(number: str) -> str:
    """360721************: beside an age, a month of birth, a grade at school; never beside the date of birth."""
    number = identity_part(number)
    if len(number) != IDENTITY_LENGTH:
        return masked(number)
    return number[:AREA_DIGITS] + "*" * (IDENTITY_LENGTH - AREA_DIGITS)


def masked_id_beside_name(number: str) -> str:
    """360721********1234: only where nothing beside it tells the age."""
    number = identity_part(number)
    if len(number) != IDENTITY_LENGTH:
        return masked(number)
    return number[:AREA_DIGITS] + "*" * (IDENTITY_LENGTH - AREA_DIGITS - ID_TAIL) + number[-ID_TAIL:]


def masked_phone(number: str) -> str:
    """138****5678; numbers shorter than a mobile's are hidden whole."""
    if len(number) < MOBILE_LENGTH:
        return masked(number)
    return number[:PHONE_HEAD] + "*" * (len(number) - PHONE_HEAD - PHONE_TAIL) + number[-PHONE_TAIL:]


def masked_account(number: str) -> str:
    """**** 1234: the last four digits of a bank account."""
    return "**** " + number[-ACCOUNT_TAIL:] if len(number) >= SHORTEST_ACCOUNT else masked(number)


def masked(number: str) -> str:
    """Nothing but its length."""
    return "*" * len(number)
