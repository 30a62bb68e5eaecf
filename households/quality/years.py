"""Which year's income an office must have on file by now."""

from datetime import date

from django.conf import settings


def income_year(on: date) -> int:
    """Last year from the month INCOME_DUE_FROM_MONTH on; before it, the year before last."""
    return on.year - 1 if on.month >= settings.INCOME_DUE_FROM_MONTH else on.year - 2
