"""One client of the bus, shared: each part of the agent has a channel of it with the topics that are its own."""

import asyncio
from collections import deque
from collections.abc import Sequence

from coldport.bus import Bus, Outgoing, Received
from coldport.clock import Clock
from coldport.supervise import for_ever

RECEIVE_LIMIT = 100

WAITING_LIMIT = 1_000
"""Messages waiting in one channel; past it they are left unacknowledged, and the broker brings them again."""


class Channel:
    """A `Bus` that hears some topics only; what it publishes goes out with the others'."""

    def __init__(self, bus: Bus) -> None:
        """Belong to `bus`; use `Channels.open` to make one."""
        self._bus = bus
        self._waiting: deque[Received] = deque()
        self._arrived = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._bus.connected

    async def publish(self, message: Outgoing) -> None:
        """Return when the broker has taken the message over; see `coldport.bus.Bus.publish`."""
        await self._bus.publish(message)

    async def receive(self, limit: int) -> Sequence[Received]:
        """Wait for a message, then return what has arrived, at most `limit`, in order."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def offer(self, message: Received) -> None:
        """Let a message wait here, if there is room."""
        if len(self._waiting) < WAITING_LIMIT:
            self._waiting.append(message)
            self._arrived.set()


class Channels:
    """The channels of one client of the bus."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        """Share `bus`, from which nobody else may receive."""
        self._bus = bus
        self._clock = clock
        self._channels: dict[str, Channel] = {}

    def open(self, *topics: str) -> Channel:
        """Return a channel that hears these topics, to which the client must be subscribed."""
        channel = Channel(self._bus)
        self._channels.update(dict.fromkeys(topics, channel))
        return channel

    async def run(self) -> None:
        """Hand out what arrives, for ever; what nobody listens to is done with."""
        await for_ever("what comes from the bus", self._hand_out, self._clock)

    async def _hand_out(self) -> None:
        for message in await self._bus.receive(RECEIVE_LIMIT):
            channel = self._channels.get(message.topic)
            if channel is None:
                message.ack()
            else:
                channel.offer(message)
