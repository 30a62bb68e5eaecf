"""How a rate is written: with two decimals, rounded as people and spreadsheets round."""

from decimal import ROUND_HALF_UP, Decimal

from casework.coverage import Counts

NOTHING_OWED = "–"
HUNDREDTH = Decimal("0.01")


def percent(counts: Counts) -> str:
    """Done of what is owed; a dash when nothing is owed.

    From the whole numbers: 1 of 800 is 0.13%, as in a workbook, and not the 0.12% of binary fractions.
    """
    return f"{points(counts)}%" if counts.owed else NOTHING_OWED


def points(counts: Counts) -> Decimal:
    """The rate in percent. Something must be owed."""
    return (Decimal(100 * counts.done) / counts.owed).quantize(HUNDREDTH, ROUND_HALF_UP)
