"""What makes a report provable: its hash, the entry of the journal it was made from, and the site's signature."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control.records.key import public_hex

PREAMBLE = b"coldport report 1\n"
"""Stands before what is signed, so that no signature of anything else can pass for a report's."""


def prove(
    report: dict[str, Any], *, entry: int, chain: bytes, sealed_to: int, key: Ed25519PrivateKey
) -> dict[str, Any]:
    """Return the proof of a report: plain JSON without the member `proof`.

    Args:
        report: What is proved.
        entry: The newest entry of the journal when it was made, 0 for none.
        chain: That entry's chain hash.
        sealed_to: The last entry that was sealed then, 0 for none.
        key: The site's key.
    """
    proof = {
        "hash": hashlib.sha256(canonical(report)).hexdigest(),
        "entry": entry,
        "chain": chain.hex(),
        "sealed_to": sealed_to,
        "key": public_hex(key),
    }
    return proof | {"signature": key.sign(PREAMBLE + canonical(proof)).hex()}


def canonical(members: dict[str, Any]) -> bytes:
    """Return JSON with its members in the order of their names, without spaces, in UTF-8."""
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
