"""Under which name a failed attempt to sign in is counted: the one that was typed, but never a person's number."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from villages.personal_numbers import has_personal_number


def counted_as(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The name for axes, which keeps it: people type their identity or telephone number. Equal ones stay equal."""
    name = str((credentials or request.POST).get("username") or "")
    if not has_personal_number(name):
        return name
    return salted_hmac("villages.guesses", name.strip()).hexdigest()[:32]
