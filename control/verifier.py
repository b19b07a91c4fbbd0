"""Checks a site's journal against itself and against seals kept elsewhere. For auditors; to be read in one sitting.

It shares no code with the program that writes the journal: it needs this file, Python and the package `cryptography`,
and may be copied to another machine. What it checks, and the format: docs/reference/record-format.md.

    python verifier.py journal.sqlite [--roots roots.jsonl]... [--key HEX] [--report report.json]
"""

import argparse
import hashlib
import json
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Members = dict[str, Any]
"""A JSON object."""

MISREAD = (ValueError, TypeError, KeyError, AttributeError)
"""What reading JSON of another shape ends in."""


class BrokenError(Exception):
    """The record is not what was written. `entry` is the number of the first bad entry, when there is one."""

    def __init__(self, message: str, entry: int | None = None) -> None:
        """Say what is wrong, and where."""
        super().__init__(message)
        self.entry = entry


def verify(journal: Path, roots: Sequence[Path] = (), key: str | None = None) -> Members:
    """Check a journal, which may be in use, and return what was found good.

    Args:
        journal: The SQLite file.
        roots: Files of seals; the strongest are copies that nobody on the site's machine can have changed.
        key: The site's public key in hex, if it was noted elsewhere; every seal must then be made with it.

    Raises:
        BrokenError: What was recorded is not there as it was; the first bad entry is named.
        OSError: A file cannot be read.
        sqlite3.OperationalError: The same of the journal.
    """
    connection = sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")  # one state of the journal for both passes, though it may be growing
        noted: list[Members] = []
        count, last_hash = _check_chain(connection, noted, key)
        seals = [seal for path in roots for seal in _read_roots(path, key)]
        distinct = {_digest(seal): seal for seal in [*seals, *noted]}
        sealed_to = _check_seals(connection, sorted(distinct.values(), key=lambda s: (s["last"], s["first"])), count)
    finally:
        connection.close()
    return {
        "entries": count,
        "seals": len(distinct),
        "sealed_to": sealed_to,
        "last_hash": last_hash.hex(),
        "keys": sorted({str(seal["key"]) for seal in distinct.values()}),
    }


def _check_chain(connection: sqlite3.Connection, noted: list[Members], key: str | None) -> tuple[int, bytes]:
    """Recompute every hash; collect the seals that lie in the journal; return how many entries, and the last hash."""
    before, expected = bytes(32), 0
    for number, payload, kept in _rows(connection, "number, payload, hash", 1):
        expected += 1
        if number != expected:
            raise BrokenError(f"entry {expected} is missing", expected)
        before = hashlib.sha256(before + payload).digest()
        if before != kept:
            raise BrokenError(f"entry {number} is not what was written", number)
        try:
            _, content = json.loads(zlib.decompress(payload))
            if content["entry"] == "sealed":
                _check_signature(content, f"entry {number}", key)
                noted.append(content)
        except (zlib.error, *MISREAD) as error:
            raise BrokenError(f"entry {number} cannot be read: {error}", number) from error
    return expected, before


def _read_roots(path: Path, key: str | None) -> Iterator[Members]:
    """Yield the seals of a file, each signed, and each following the one before it."""
    before: Members | None = None
    text = path.read_text(encoding="utf-8")
    # What follows the last line end was cut off by a fall while it was written: it is no seal yet.
    for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), 1):
        where = f"{path}, line {number}"
        try:
            seal: Members = json.loads(line)
            _check_signature(seal, where, key)
            if before is not None and (seal["first"], seal["before"]) != (before["last"] + 1, _digest(before)):
                raise BrokenError(f"{where}: a seal is missing before this one", before["last"] + 1)
        except MISREAD as error:
            raise BrokenError(f"{where}: not a seal: {error}") from error
        before = seal
        yield seal


def _check_signature(seal: Members, where: str, key: str | None) -> None:
    if key is not None and seal["key"] != key:
        raise BrokenError(f"{where}: signed with another key, {seal['key']}", seal["first"])
    if not 1 <= seal["first"] <= seal["last"] or seal["step"] < 1:
        raise BrokenError(f"{where}: a seal of no entries")
    bare = {name: value for name, value in seal.items() if name != "signature"}
    _check_signed(b"coldport seal 1\n" + _canonical(bare), seal["key"], seal["signature"], where)


def _check_signed(message: bytes, key: str, signature: str, where: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError) as error:
        raise BrokenError(f"{where}: the signature does not hold") from error


def _check_seals(connection: sqlite3.Connection, seals: Iterable[Members], count: int) -> int:
    """Hold the entries against every seal; return the last sealed number."""
    sealed_to = 0
    for seal in seals:
        _check_seal(connection, seal)
        if seal["last"] > count:
            raise BrokenError(f"entries {count + 1} to {seal['last']} were cut off after they were sealed", count + 1)
        sealed_to = max(sealed_to, seal["last"])
    return sealed_to


def _check_seal(connection: sqlite3.Connection, seal: Members) -> None:
    """Recompute a seal's marks and root, as far as the entries go."""
    first, step, marks = seal["first"], seal["step"], seal["marks"]
    whole: list[tuple[int, bytes]] = []  # of subtrees, the largest first: how many leaves, and the hash
    kept, number = b"", first - 1
    for number, kept in _rows(connection, "number, hash", first, seal["last"]):
        place = number - first + 1
        index = place // step - 1
        if place % step == 0 and index < len(marks) and not kept.hex().startswith(marks[index]):
            raise _rewritten(number - step + 1, number)
        size, node = 1, hashlib.sha256(b"\x00" + kept).digest()
        while whole and whole[-1][0] == size:
            left_size, left = whole.pop()
            size, node = size + left_size, hashlib.sha256(b"\x01" + left + node).digest()
        whole.append((size, node))
    if number < seal["last"]:
        return  # cut off: the caller says so
    root = whole.pop()[1]
    for _, left in reversed(whole):
        root = hashlib.sha256(b"\x01" + left + root).digest()
    if (root.hex(), kept.hex()) != (seal["root"], seal["chain"]):
        raise _rewritten(first + len(marks) * step, seal["last"])


def _rewritten(first: int, last: int) -> BrokenError:
    where = f"entry {first} is" if first == last else f"among the entries {first} to {last} is the first one"
    return BrokenError(f"{where} not what was sealed: the journal was written anew from there", first)


def verify_report(path: Path, journal: Path | None = None, key: str | None = None) -> Members:
    """Check a report, as JSON: its own hash and signature, and that it was made from this journal.

    Raises:
        BrokenError: It was changed, or made from another journal.
        OSError: A file cannot be read.
        sqlite3.OperationalError: The same of the journal.
    """
    try:
        report: Members = json.loads(path.read_text(encoding="utf-8"))
        proof: Members = report.pop("proof")
        digest = hashlib.sha256(_canonical(report)).hexdigest()
        if digest != proof["hash"]:
            raise BrokenError(f"{path}: the report was changed after it was made")
        if key is not None and proof["key"] != key:
            raise BrokenError(f"{path}: signed with another key, {proof['key']}")
        bare = {name: value for name, value in proof.items() if name != "signature"}
        _check_signed(b"coldport report 1\n" + _canonical(bare), proof["key"], proof["signature"], str(path))
        entry, chain = proof["entry"], proof["chain"]
    except MISREAD as error:
        raise BrokenError(f"{path}: not a report: {error}") from error
    if journal is not None:
        connection = sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)
        try:
            found = [kept.hex() for _, kept in _rows(connection, "number, hash", entry, entry)]
        finally:
            connection.close()
        if entry and found != [chain]:
            raise BrokenError(f"{path}: the journal's entry {entry} is not the one this report was made from", entry)
    return {"report": digest, "entry": entry, "key": proof["key"]}


def _rows(connection: sqlite3.Connection, columns: str, first: int, last: int = 2**62) -> Iterator[tuple[Any, ...]]:
    question = f"SELECT {columns} FROM entry WHERE number BETWEEN ? AND ? ORDER BY number"  # noqa: S608 columns are ours
    try:
        yield from connection.execute(question, (first, last))
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise BrokenError(f"the file is damaged: {error}") from error


def _canonical(members: Members) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(seal: Members) -> str:
    return hashlib.sha256(_canonical(seal)).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names; return 0 when it is good, 1 when it is not, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(description="Check a site's journal against itself and against seals.")
    parser.add_argument("journal", type=Path, help="the journal, an SQLite file; it may be in use")
    parser.add_argument("--roots", type=Path, action="append", default=[], help="a file of seals; may be repeated")
    parser.add_argument("--key", help="the site's public key in hex, as noted elsewhere")
    parser.add_argument("--report", type=Path, help="check this report too (JSON)")
    parsed = parser.parse_args(arguments)
    try:
        found = verify(parsed.journal, parsed.roots, parsed.key)
        if parsed.report:
            found |= verify_report(parsed.report, parsed.journal, parsed.key)
    except BrokenError as error:
        sys.stdout.write(f"BROKEN: {error}\n")
        return 1
    except (OSError, sqlite3.OperationalError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return 2
    sys.stdout.write(f"good: {json.dumps(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
