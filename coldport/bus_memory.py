"""The bus inside one process: what the tests and the seeded simulation run on. It keeps what `bus_mqtt` promises."""

import asyncio
from collections import deque
from collections.abc import Sequence

from coldport.bus import Outgoing, Received
from coldport.errors import UnavailableError

QUEUE_LIMIT = 100_000
"""Messages waiting for one client; past it a publisher is refused, as a full broker would do."""


def topic_matches(topic_filter: str, topic: str) -> bool:
    """Tell whether an MQTT topic filter matches a topic.

    Source: MQTT 3.1.1, section 4.7.

    >>> topic_matches("a/+/c", "a/b/c"), topic_matches("a/#", "a"), topic_matches("a/+", "a/b/c")
    (True, True, False)
    """
    parts, levels = topic_filter.split("/"), topic.split("/")
    for index, part in enumerate(parts):
        if part == "#":
            return True
        if index >= len(levels) or part not in ("+", levels[index]):
            return False
    return len(parts) == len(levels)


class MemoryBroker:
    """What the clients of one test share: sessions by client id, and the retained messages."""

    def __init__(self) -> None:
        """Start up, with nobody connected."""
        self.up = True
        self.retained: dict[str, bytes] = {}
        self._sessions: dict[str, MemoryBus] = {}

    def client(self, client_id: str, filters: Sequence[str] = ()) -> "MemoryBus":
        """Connect a client. One seen before takes its session over: what it had not acknowledged comes again."""
        bus = MemoryBus(self, tuple(filters))
        previous = self._sessions.get(client_id)
        if previous is not None:
            bus.waiting.extend([*previous.unacknowledged.values(), *previous.waiting])
        for topic, payload in self.retained.items():
            bus.offer(Outgoing(topic, payload, retained=True))
        self._sessions[client_id] = bus
        return bus

    def deliver(self, message: Outgoing) -> None:
        """Hand a message to every session whose filters match, connected or not."""
        if not self.up:
            raise UnavailableError("the broker is down")
        if message.retained and message.payload:
            self.retained[message.topic] = message.payload
        elif message.retained:
            self.retained.pop(message.topic, None)
        for session in self._sessions.values():
            session.offer(Outgoing(message.topic, message.payload))


class MemoryBus:
    """A client of a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, filters: tuple[str, ...]) -> None:
        """Belong to `broker`; use `MemoryBroker.client` to make one."""
        self._broker = broker
        self._filters = filters
        self._arrived = asyncio.Event()
        self._number = 0
        self.waiting: deque[Outgoing] = deque()
        self.unacknowledged: dict[int, Outgoing] = {}

    @property
    def connected(self) -> bool:
        """Whether the broker is up."""
        return self._broker.up

    def offer(self, message: Outgoing) -> None:
        """Queue a message if a filter matches."""
        if any(topic_matches(topic_filter, message.topic) for topic_filter in self._filters):
            if len(self.waiting) >= QUEUE_LIMIT:
                raise UnavailableError(f"a client has {QUEUE_LIMIT} messages waiting")
            self.waiting.append(message)
            self._arrived.set()

    async def publish(self, message: Outgoing) -> None:
        """Deliver at once; raises UnavailableError while the broker is down."""
        self._broker.deliver(message)

    async def receive(self, limit: int) -> Sequence[Received]:
        """Wait for a message, then return what has arrived, at most `limit`."""
        while not self.waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return [self._take(self.waiting.popleft()) for _ in range(min(limit, len(self.waiting)))]

    def _take(self, message: Outgoing) -> Received:
        self._number += 1
        number = self._number
        self.unacknowledged[number] = message
        return Received(message.topic, message.payload, message.retained, lambda: _forget(self.unacknowledged, number))


def _forget(unacknowledged: dict[int, Outgoing], number: int) -> None:
    unacknowledged.pop(number, None)
