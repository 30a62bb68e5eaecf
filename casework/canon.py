"""The digest a phone and the server agree on: SHA-256 of a visit's canonical JSON, the same in both languages."""

import hashlib
import json
import re
import unicodedata
from typing import Any

UNDIGESTED = frozenset({"digest", "filled_at"})
DEEPEST = 6
_DROPPED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff]")


class TooDeep(ValueError):
    """Nested deeper than any visit is."""


def digest_of(content: dict[str, Any]) -> str:
    """Lower hexadecimal SHA-256 of the visit without its digest and the moment it was filled in.

    Texts are taken as they come. Raises ValueError for what JSON and UTF-8 cannot say.
    """
    digested = {key: value for key, value in _canonical(content, 0).items() if key not in UNDIGESTED}
    return hashlib.sha256(_text(digested).encode()).hexdigest()


def _canonical(value: Any, depth: int) -> Any:
    """Without what is empty; lists in order, so that two phones that filled them differently agree."""
    if depth > DEEPEST:
        raise TooDeep
    if isinstance(value, str) and "\0" in value:
        raise ValueError("A database cannot keep this character.")
    if isinstance(value, dict):
        return {
            _canonical(key, depth): kept
            for key, child in value.items()
            if not _is_empty(kept := _canonical(child, depth + 1))
        }
    if isinstance(value, list):
        items = [kept for child in value if not _is_empty(kept := _canonical(child, depth + 1))]
        if all(type(item) is int for item in items):
            return sorted(items)
        return sorted(items, key=lambda item: _text(item).encode("utf-16-be"))  # as JavaScript compares
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def tidied(text: str) -> str:
    """The text as the phone tidies it before it seals a visit, for those that come from elsewhere."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", _DROPPED.sub("", lines)).strip()
