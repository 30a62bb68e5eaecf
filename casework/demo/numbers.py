"""Made-up identity numbers, telephones and bank accounts that pass every check and belong to nobody we know."""

from collections import Counter
from datetime import date
from random import Random

# The county's area code until it became a district in October 2016, and the district's since then.
COUNTY, DISTRICT, DISTRICT_SINCE = "360721", "360704", date(2016, 10, 18)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PAIRS = 500  # sequence numbers of one sex on one day: odd for men, even for women


class IdentityNumbers:
    """Gives every person a number of their own: area, birth date, sequence by sex, check digit (GB 11643-1999)."""

    def __init__(self) -> None:
        self._given: Counter[tuple[date, bool]] = Counter()

    def next(self, born_on: date, *, is_woman: bool) -> str:
        """The next number of that birth date and sex; the same order of calls gives the same numbers."""
        given = self._given[born_on, is_woman]
        self._given[born_on, is_woman] += 1
        pair = (born_on.toordinal() * 7919 + given * 37) % PAIRS
        area = DISTRICT if born_on >= DISTRICT_SINCE else COUNTY
        digits = f"{area}{born_on:%Y%m%d}{2 * pair + (not is_woman):03d}"
        total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
        return digits + CHECK_DIGITS[total % 11]


def phone(rng: Random) -> str:
    """A mobile number of the segment 154, which no operator gives out: nobody's telephone rings."""
    return f"154{rng.randrange(10**8):08d}"


def bank_account(rng: Random) -> str:
    """A card number of nineteen digits with a right last one (Luhn)."""
    digits = f"621098{rng.randrange(10**12):012d}"
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)
