"""How an entry lies in the journal: compressed JSON, chained by SHA-256. Every journal that keeps bytes uses this.

JSON because an auditor must be able to read it without us in ten years; zlib at level 1 because it makes a reading 20
to 50 bytes instead of 160 for 0.3 us.
"""

import hashlib
import zlib
from datetime import datetime

import msgspec
from msgspec import Struct

from coldport.errors import MalformedError
from control.entries import Content, Entry

GENESIS = bytes(32)
"""The hash before the first entry."""


class JournalDamagedError(MalformedError):
    """The journal is not what was written. Its keeper must act: restore it, or set it aside and say so."""

    code = "journal-damaged"


class _Line(Struct, frozen=True, array_like=True):
    recorded_at: datetime
    content: Content


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


def pack(recorded_at: datetime, content: Content) -> bytes:
    """Return the payload of an entry. Its number is not in it: the chain gives the order."""
    return zlib.compress(_encoder.encode(_Line(recorded_at, content)), 1)


def unpack(number: int, payload: bytes) -> Entry:
    """Read a payload.

    Raises:
        JournalDamagedError: It is not an entry.
    """
    try:
        line = _decoder.decode(zlib.decompress(payload))
    except (zlib.error, msgspec.DecodeError) as error:
        raise JournalDamagedError(f"journal entry {number} cannot be read: {error}") from error
    return Entry(number, line.recorded_at, line.content)


def link(before: bytes, payload: bytes) -> bytes:
    """Return the hash of an entry: SHA-256 of the hash before it, then its payload."""
    return hashlib.sha256(before + payload).digest()
