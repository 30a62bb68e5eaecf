"""Read the environment once, and fail loudly when it makes no sense."""

import base64
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding blanks, or the default when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable. Raises ImproperlyConfigured for any other word."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return default


def one_of(name: str, choices: Sequence[str], default: str) -> str:
    """One of these words. Raises ImproperlyConfigured for any other."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def whole_number(name: str, default: int) -> int:
    """A whole number from zero. Raises ImproperlyConfigured for anything else."""
    value = text(name)
    if not value:
        return default
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def by_code(name: str) -> dict[str, str]:
    """Texts by the code of a district or town: `360704101:0797-0000000,360704:0797-1111111`.

    Raises ImproperlyConfigured for a code that is neither six nor nine digits.
    """
    found = {}
    for word in words(name, []):
        code, _colon, value = word.partition(":")
        if not (code.isascii() and code.isdigit() and len(code) in (6, 9) and value.strip()):
            raise ImproperlyConfigured(f"{name} must be like 360704101:0797-0000000, not {word!r}.")
        found[code] = value.strip()
    return found


def sealing_keys(name: str, *, is_production: bool, keep_in: Path) -> dict[str, bytes]:
    """Keys of 32 bytes by their ids, the one in use first: `2026:base64,2025:base64`.

    Demanded in production, otherwise made once and kept in a file. Raises ImproperlyConfigured.
    """
    value = text(name)
    if not value:
        fresh = f"dev:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}"
        value = _kept(name, fresh, is_production=is_production, keep_in=keep_in)
    keys = {}
    for word in value.split(","):
        key_id, _colon, encoded = word.strip().partition(":")
        try:
            keys[key_id] = base64.b64decode(encoded, validate=True)
        except ValueError:
            keys[key_id] = b""
        if not key_id or len(keys[key_id]) != KEY_BYTES:
            raise ImproperlyConfigured(f"{name} must be like 2026:KEY, the key being {KEY_BYTES} bytes in base64.")
    return keys


def secret_key(name: str, *, is_production: bool, keep_in: Path) -> str:
    """The signing key: demanded in production, otherwise made once and kept in a file."""
    return text(name) or _kept(name, secrets.token_urlsafe(50), is_production=is_production, keep_in=keep_in)


def _kept(name: str, fresh: str, *, is_production: bool, keep_in: Path) -> str:
    """The secret kept in the file, which a development machine makes once."""
    if is_production:
        raise ImproperlyConfigured(f"{name} must be set when PRODUCTION is on.")
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        keep_in.touch(mode=0o600)
        keep_in.write_text(fresh, encoding="ascii")
    return keep_in.read_text(encoding="ascii").strip()
