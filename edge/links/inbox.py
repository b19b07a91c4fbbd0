"""What has arrived on a line and was not read yet: the half that all links have in common."""

import asyncio

from coldport.clock import Clock
from edge.ports import LinkDownError

INBOX_LIMIT = 64 * 1024
"""Bytes; a full LLRP report of 500 tags is half of it. Past it the newest are dropped: the parser sees a bad frame."""


class Inbox:
    """Bytes in the order of their arrival, and after them the end of the line."""

    def __init__(self, clock: Clock, limit: int = INBOX_LIMIT) -> None:
        """Be empty, of a line that is there; hold so many bytes."""
        self._clock = clock
        self._limit = limit
        self._bytes = bytearray()
        self._end: LinkDownError | None = None
        self._changed = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """Add what has arrived."""
        self._bytes += data[: self._limit - len(self._bytes)]
        self._changed.set()

    def fail(self, error: LinkDownError) -> None:
        """Note that the line is gone; the first reason given stays."""
        self._end = self._end or error
        self._changed.set()

    def discard(self) -> None:
        """Forget the bytes; the end of the line is not forgotten."""
        self._bytes.clear()

    def check(self) -> None:
        """Raise the end of the line, if it has come."""
        if self._end is not None:
            raise LinkDownError(str(self._end), self._end.reason)

    async def take(self, timeout_s: float) -> bytes:
        """Return what has arrived, as `edge.ports.Link.read` promises."""
        if not self._bytes and self._end is None:
            self._changed.clear()
            await self._wait(timeout_s)
        if not self._bytes:
            self.check()
        data = bytes(self._bytes)
        self._bytes.clear()
        return data

    async def _wait(self, timeout_s: float) -> None:
        arrival = asyncio.ensure_future(self._changed.wait())
        alarm = asyncio.ensure_future(self._clock.sleep(timeout_s))
        try:
            await asyncio.wait({arrival, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Not awaited: a cancellation of the reader that came meanwhile would be taken for theirs.
            arrival.cancel()
            alarm.cancel()
