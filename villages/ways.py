"""The address of a record's page, made from the pattern of its kind: many addresses stand on one page."""

from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, reverse

# Keys no real row has: they mark where the key stands in an address.
_NUMBER = 8_765_432_109_000
_UUID = UUID(int=_NUMBER)


def way_to(name: str, key: int | UUID) -> str:
    """The address of that name for this key, as reverse() gives it, ten times as fast."""
    before, after = _around(name, isinstance(key, UUID), get_script_prefix())
    return f"{before}{key}{after}"


@lru_cache(maxsize=256)
def _around(name: str, is_uuid: bool, _prefix: str) -> tuple[str, str]:
    """What stands before and after the key. The prefix under which the site lives is part of it."""
    marker = _UUID if is_uuid else _NUMBER
    before, _marker, after = reverse(name, args=[marker]).partition(str(marker))
    return before, after
