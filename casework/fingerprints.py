"""What a phone has, in a short text: a fingerprint of each household as it was told, to send only what changed.

A fingerprint of contents misses nothing: a transaction that commits late, a post that ends by the calendar, a
measure taken back all show in what would be told now, whatever row they were written to and when.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping

PRINT_BYTES = 3
HEAD_BYTES = 8
LONGEST = 12_000


def print_of(told: str) -> bytes:
    """The fingerprint of one household: one change in sixteen million goes unnoticed, until the next."""
    return hashlib.sha256(told.encode()).digest()[:PRINT_BYTES]


def version_of(context: str, prints: Mapping[int, bytes]) -> str:
    """The prints by household id as one text; `context` names epoch, scope and person."""
    ids, before = bytearray(), 0
    for pk in sorted(prints):
        ids += _varint(pk - before)
        before = pk
    body = zlib.compress(bytes(ids), 9)
    content = _head(context) + len(body).to_bytes(2, "big") + body + b"".join(prints[pk] for pk in sorted(prints))
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def prints_in(version: str, context: str) -> dict[int, bytes] | None:
    """The prints again; None when the text is none of ours, or of another epoch, scope or person."""
    if not version or len(version) > LONGEST:
        return None
    try:
        content = base64.urlsafe_b64decode(version + "=" * (-len(version) % 4))
        length = int.from_bytes(content[HEAD_BYTES : HEAD_BYTES + 2], "big")
        start = HEAD_BYTES + 2
        unpacking = zlib.decompressobj()
        ids = _ids(unpacking.decompress(content[start : start + length], LONGEST))
    except (ValueError, binascii.Error, zlib.error):
        return None
    prints = content[start + length :]
    if content[:HEAD_BYTES] != _head(context) or len(prints) != len(ids) * PRINT_BYTES:
        return None
    return {pk: prints[at * PRINT_BYTES : (at + 1) * PRINT_BYTES] for at, pk in enumerate(ids)}


def _head(context: str) -> bytes:
    return hashlib.sha256(context.encode()).digest()[:HEAD_BYTES]


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _ids(packed: bytes) -> list[int]:
    found, number, shift, before = [], 0, 0, 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            before += number
            found.append(before)
            number, shift = 0, 0
    return found
