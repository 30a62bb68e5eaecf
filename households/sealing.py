"""How a personal number is kept: sealed with a key that is not in the database, found again by a blind index.

Source of the rule: the Personal Information Protection Law (个人信息保护法), articles 28 and 51: identity numbers and
bank accounts are sensitive, and are encrypted where they are stored.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
INDEX_BYTES = 16


class CannotUnseal(Exception):
    """The value was sealed with a key that is not configured, for another column, or was tampered with."""


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(text: str, *, column: str) -> str:
    """Encrypt for one column ("households.Person.phone") with the current key: `key id:base64`."""
    key_id, key = next(iter(settings.PERSONAL_DATA_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(key).encrypt(nonce, text.encode(), column.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode('ascii')}"


def unseal(token: str, *, column: str) -> str:
    """The text behind a sealed value. Raises CannotUnseal."""
    key_id, _colon, payload = token.partition(":")
    key = settings.PERSONAL_DATA_KEYS.get(key_id)
    if key is None:
        raise CannotUnseal(f"{column}: no key {key_id!r} in PERSONAL_DATA_KEYS.")
    try:
        sealed = base64.b64decode(payload, validate=True)
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(f"{column}: the value cannot be read with key {key_id!r}.") from error


def seal_bytes(content: bytes, *, column: str) -> bytes:
    """Encrypt bytes for one column with the current key: `key id:` and what is sealed."""
    key_id, key = next(iter(settings.PERSONAL_DATA_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    return b"%b:%b%b" % (key_id.encode(), nonce, _cipher(key).encrypt(nonce, content, column.encode()))


def unseal_bytes(sealed: bytes, *, column: str) -> bytes:
    """The bytes behind a sealed value. Raises CannotUnseal."""
    key_id, _colon, payload = sealed.partition(b":")
    key = settings.PERSONAL_DATA_KEYS.get(key_id.decode("ascii", "replace"))
    if key is None:
        raise CannotUnseal(f"{column}: no key {key_id!r} in PERSONAL_DATA_KEYS.")
    try:
        return _cipher(key).decrypt(payload[:NONCE_BYTES], payload[NONCE_BYTES:], column.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(f"{column}: the value cannot be read with key {key_id!r}.") from error


def is_current(token: str) -> bool:
    """Whether the value was sealed with the key in use now."""
    return token.partition(":")[0] == next(iter(settings.PERSONAL_DATA_KEYS))


def blind_index(text: str, *, column: str) -> str:
    """A keyed digest, 32 hexadecimal digits: equal texts of a column have equal ones, and nothing else shows."""
    return blind_indexes(text, column=column)[0]


def blind_indexes(text: str, *, column: str) -> list[str]:
    """The digest by the key in use, then by those before it: while keys are rotated rows carry either."""
    message = f"{column}\0{text}".encode()
    keys = settings.PERSONAL_DATA_INDEX_KEYS.values()
    return [hmac.digest(key, message, hashlib.sha256)[:INDEX_BYTES].hex() for key in keys]
