"""A reader's JSON from topics of a broker."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from coldport.bus import Bus, Received
from coldport.clock import Clock
from edge.ports import LinkDownError

BATCH = 500
"""Messages taken from the broker at once; a second of one reader."""


class BusFeed:
    """Messages of a broker; see `edge.ports.Feed`. A message is acknowledged when the next is asked for."""

    whole = True

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Bus]], clock: Clock) -> None:
        """`connect` makes a client with the reader's topics."""
        self._connect = connect
        self._clock = clock
        self._stack = AsyncExitStack()
        self._bus: Bus | None = None
        self._waiting: deque[Received] = deque()
        self._receiving: asyncio.Task[None] | None = None
        self._taken: Received | None = None

    async def open(self) -> None:
        """Connect to the broker; one that is away is no error here, `read` tells."""
        await self.close()
        self._bus = await self._stack.enter_async_context(self._connect())

    async def close(self) -> None:
        """Leave the broker."""
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.wait({self._receiving})
        self._receiving = self._taken = self._bus = None
        self._waiting.clear()
        await self._stack.aclose()

    async def read(self, timeout_s: float) -> bytes:
        """Return the next message; what the broker kept from before we came is old, and passed over."""
        if self._bus is None:
            raise LinkDownError("the feed is not open")
        if self._taken is not None:
            self._taken.ack()
            self._taken = None
        if not self._waiting:
            await self._receive(self._bus, timeout_s)
        if not self._waiting:
            if not self._bus.connected:
                raise LinkDownError("the broker is away", "broker-away")
            return b""
        self._taken = self._waiting.popleft()
        return b"" if self._taken.retained else self._taken.payload

    async def _receive(self, bus: Bus, timeout_s: float) -> None:
        """Wait for messages. The waiting goes on when the time is over: it may have taken a message already."""
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._take(bus))
        alarm = asyncio.ensure_future(self._clock.sleep(timeout_s))
        try:
            await asyncio.wait({self._receiving, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()
        if self._receiving.done():
            done, self._receiving = self._receiving, None
            done.result()

    async def _take(self, bus: Bus) -> None:
        self._waiting.extend(await bus.receive(BATCH))
