"""Instances and plans as they are kept: deterministic JSON packed by gzip, named by half the SHA-256 of the JSON."""

import gzip
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import msgspec

from coldport.errors import MalformedError
from routing.model import Instance
from routing.result import Plan

UNPACKED_LIMIT = 64 * 1024 * 1024
"""Bytes of one document, unpacked: ten times an instance of ten thousand consignments."""

Kind = TypeVar("Kind", Instance, Plan)


class DocumentError(MalformedError):
    """It is not packed by gzip, too large, or not what it should be. The text has the path in it."""

    code = "not-a-document"


@dataclass(frozen=True, slots=True)
class Document:
    """An instance or a plan, packed."""

    digest: str
    packed: bytes


def pack(what: Instance | Plan) -> Document:
    """Pack; the same content is the same document."""
    said = msgspec.json.encode(what, order="deterministic")
    return Document(sha256(said).hexdigest()[:32], gzip.compress(said, 6, mtime=0))


def unpack(packed: bytes, kind: type[Kind]) -> Kind:
    """Read a document.

    Raises:
        DocumentError: It is none, or has more than `UNPACKED_LIMIT` bytes.
    """
    return read(inflate(packed), kind)


def inflate(packed: bytes) -> bytes:
    """Return the JSON of a document, reading no more than may be; raises DocumentError."""
    machine = zlib.decompressobj(wbits=31)
    try:
        said = machine.decompress(packed, UNPACKED_LIMIT + 1)
    except zlib.error as error:
        raise DocumentError(f"not packed by gzip: {error}") from error
    if len(said) > UNPACKED_LIMIT:
        raise DocumentError(f"has more than {UNPACKED_LIMIT} bytes unpacked")
    if not machine.eof:
        raise DocumentError("not packed by gzip: it is cut off")
    return said


def read(said: bytes, kind: type[Kind]) -> Kind:
    """Read JSON; raises DocumentError."""
    try:
        return msgspec.json.decode(said, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(str(error)) from error
