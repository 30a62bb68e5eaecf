"""Which part of a long list a page shows, and in which villages it lies, so that only these are read for it."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from django.core.paginator import Page


def villages_of(numbers: Mapping[str, int], wanted: range) -> tuple[tuple[str, str], int]:
    """The first and the last village in which the wanted rows lie, and how many rows lie before them in the first.

    `numbers` says how many rows each village has; the list goes by the codes of villages. Something is wanted.
    """
    codes = sorted(numbers)
    ends = list(accumulate(numbers[code] for code in codes))
    first, last = bisect_right(ends, wanted.start), bisect_right(ends, wanted.stop - 1)
    return (codes[first], codes[last]), wanted.start - (ends[first - 1] if first else 0)


def rows_of(page: "Page[Any]") -> range:
    """The numbers of the rows that a page shows, the first row being 0."""
    return range((page.number - 1) * page.paginator.per_page, page.end_index())
