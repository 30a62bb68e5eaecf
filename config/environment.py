"""Read the environment once, and fail loudly when it makes no sense."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


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


def secret_key(name: str, *, is_production: bool, keep_in: Path) -> str:
    """The signing key: demanded in production, otherwise made once and kept in a file."""
    if value := text(name):
        return value
    if is_production:
        raise ImproperlyConfigured(f"{name} must be set when PRODUCTION is on.")
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        keep_in.write_text(secrets.token_urlsafe(50), encoding="ascii")
        keep_in.chmod(0o600)
    return keep_in.read_text(encoding="ascii").strip()
