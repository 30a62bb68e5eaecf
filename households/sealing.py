"""How a personal number is kept: sealed with a key that is not in the database, found again by a blind index.

Source of the rule: the Personal Information Protection Law (个人信息保护法), articles 28 and 51: identity numbers and
bank accounts are sensitive, and are encrypted where they are stored.
"""

import base64
import os
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
NONCES_AT_ONCE = 512
INDEX_BYTES = 16
BLOCK_BYTES = 64  # of SHA-256, as HMAC pads its key


class CannotUnseal(Exception):
    """The value was sealed with a key that is not configured, for another column, or was tampered with."""


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(text: str, *, column: str) -> str:
    """Encrypt for one column ("households.Person.phone") with the current key: `key id:base64`."""
    return sealing_for(column, at_once=1)(text)


def sealing_for(column: str, *, at_once: int = NONCES_AT_ONCE) -> Callable[[str], str]:
    """seal() for one column and the current key, for those who seal a million numbers in a row.

    The system is asked for the randomness of so many `at_once`. Never keep it across a fork: both would seal with the
    same nonces.
    """
    key_id, key = next(iter(settings.PERSONAL_DATA_KEYS.items()))
    encrypt, beside, prefix = _cipher(key).encrypt, column.encode(), f"{key_id}:"
    next_nonce = _nonces(at_once).__next__

    def sealed(text: str) -> str:
        nonce = next_nonce()
        return prefix + b2a_base64(nonce + encrypt(nonce, text.encode(), beside), newline=False).decode("ascii")

    return sealed


def _nonces(at_once: int) -> Iterator[bytes]:
    while True:
        pool = os.urandom(NONCE_BYTES * at_once)
        yield from (pool[at : at + NONCE_BYTES] for at in range(0, len(pool), NONCE_BYTES))


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
    return sealing_bytes_for(column, at_once=1)(content)


def sealing_bytes_for(column: str, *, at_once: int = NONCES_AT_ONCE) -> Callable[[bytes], bytes]:
    """seal_bytes() for one column and the current key, for those who seal many pieces in a row; see sealing_for()."""
    key_id, key = next(iter(settings.PERSONAL_DATA_KEYS.items()))
    encrypt, beside, prefix = _cipher(key).encrypt, column.encode(), f"{key_id}:".encode()
    next_nonce = _nonces(at_once).__next__

    def sealed(content: bytes) -> bytes:
        nonce = next_nonce()
        return b"%b%b%b" % (prefix, nonce, encrypt(nonce, content, beside))

    return sealed


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
    return indexing_for(column)(text)


def indexing_for(column: str) -> Callable[[str], list[str]]:
    """blind_indexes() for one column, for those who ask for a million in a row."""
    digests = [_digesting(key, f"{column}\0".encode()) for key in settings.PERSONAL_DATA_INDEX_KEYS.values()]
    return lambda text: [digest(text.encode())[:INDEX_BYTES].hex() for digest in digests]


@lru_cache(maxsize=64)
def _digesting(key: bytes, prefix: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA-256 (RFC 2104) of texts with this beginning. The key and the beginning are digested once, not each time;
    the library's hmac.digest() takes three times as long for a short text.
    """
    block = (key if len(key) <= BLOCK_BYTES else sha256(key).digest()).ljust(BLOCK_BYTES, b"\0")
    inside = sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
    outside = sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(text: bytes) -> bytes:
        inner: Any = inside.copy()
        inner.update(text)
        outer = outside.copy()
        outer.update(inner.digest())
        return outer.digest()

    return digest
