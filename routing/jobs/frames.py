"""What goes over the pipes between the service and a worker: four bytes of length, then so many bytes."""

import asyncio
from typing import BinaryIO

FRAME_LIMIT = 128 * 1024 * 1024
"""Bytes of one frame: a plan of a hundred thousand consignments has 40 MB."""

STOP = b"stop"
"""What the service says to a worker after its task."""


def write(pipe: BinaryIO, said: bytes) -> None:
    """Write a frame; the caller flushes."""
    pipe.write(len(said).to_bytes(4, "big") + said)


def read(pipe: BinaryIO) -> bytes | None:
    """Read a frame; None when the other end has gone."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    said = pipe.read(size)
    return said if len(said) == size else None


async def receive(pipe: asyncio.StreamReader) -> bytes | None:
    """Read a frame; None when the other end has gone, or says what no worker says."""
    try:
        size = int.from_bytes(await pipe.readexactly(4), "big")
        return await pipe.readexactly(size) if size <= FRAME_LIMIT else None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
