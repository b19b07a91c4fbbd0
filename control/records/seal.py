"""A seal: what the journal was, entry by entry, when a day was over, signed with the site's key.

    entries first..last --chain hashes--> Merkle root, last hash, marks --Ed25519--> seal, which names the one before

Whoever holds a copy of a seal can tell whether those entries are still the same, whatever was done to the machine.
The format, for auditors: docs/reference/record-format.md.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control.entries import Sealed
from control.records.key import public_hex
from control.records.merkle import Tree

MARK_LIMIT = 256
"""Chain hashes kept in a seal: they narrow a rewritten stretch down to a 256th of the day, and are 4 kB of the seal."""

MARK_BYTES = 8
"""Of a mark only its first bytes: it says where, the root says whether."""

PREAMBLE = b"coldport seal 1\n"
"""Stands before what is signed, so that no signature of anything else can pass for a seal."""


def make(
    first: int, hashes: Iterable[bytes], *, before: Sealed | None, key: Ed25519PrivateKey, sealed_at: datetime
) -> Sealed:
    """Seal the entries from number `first` on.

    Args:
        first: Number of the first entry.
        hashes: Their chain hashes, in order, at least one.
        before: The newest seal there is.
        key: The site's key.
        sealed_at: Control's clock.
    """
    tree, marks, step, count, chained = Tree(), list[str](), 1, 0, b""
    for chained in hashes:
        tree.add(chained)
        count += 1
        if count % step:
            continue
        marks.append(chained[:MARK_BYTES].hex())
        if len(marks) == MARK_LIMIT:
            del marks[::2]
            step *= 2
    bare = Sealed(
        first=first,
        last=first + count - 1,
        root=tree.root().hex(),
        chain=chained.hex(),
        step=step,
        marks=tuple(marks),
        before=digest(before) if before else "",
        sealed_at=sealed_at,
        key=public_hex(key),
        signature="",
    )
    return msgspec.structs.replace(bare, signature=key.sign(signed_bytes(bare)).hex())


def line(seal: Sealed) -> bytes:
    """Return a seal as it lies in a file of roots: JSON, members in the order of their names."""
    return msgspec.json.encode(seal, order="sorted")


def digest(seal: Sealed) -> str:
    """Return the SHA-256 of a seal's line, by which the next seal names it."""
    return hashlib.sha256(line(seal)).hexdigest()


def signed_bytes(seal: Sealed) -> bytes:
    """Return what the signature is of: the preamble, then the line without the member `signature`."""
    members = msgspec.to_builtins(seal)
    del members["signature"]
    return PREAMBLE + msgspec.json.encode(members, order="sorted")
