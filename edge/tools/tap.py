"""A tap on whatever a line is reached by: what crosses is told, and passes unchanged. No driver knows of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum

from coldport.bus import Bus, Outgoing, Received
from coldport.ids import LinkId
from edge.lines.base import HttpPosts, HttpStream, Serial, Tcp
from edge.lines.vendor import Mqtt
from edge.ports import Feed, Link, Links


class Way(StrEnum):
    """Which way bytes went, as seen from us."""

    SENT = "sent"
    RECEIVED = "received"


Heard = Callable[[Way, bytes], None]
"""Told of everything that crosses, as it is sent or as the driver takes it."""


class TapLink:
    """A link that is listened to; see `edge.ports.Link`. What a driver discards unread was not heard."""

    def __init__(self, link: Link, heard: Heard) -> None:
        """Listen to `link`."""
        self._link = link
        self._heard = heard

    async def open(self) -> None:
        """Take the line."""
        await self._link.open()

    async def close(self) -> None:
        """Give the line back."""
        await self._link.close()

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived."""
        data = await self._link.read(timeout_s)
        if data:
            self._heard(Way.RECEIVED, data)
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        await self._link.write(data)
        self._heard(Way.SENT, data)

    def discard(self) -> None:
        """Forget what has arrived."""
        self._link.discard()


class TapFeed:
    """A feed that is listened to; see `edge.ports.Feed`."""

    def __init__(self, feed: Feed, heard: Heard) -> None:
        """Listen to `feed`."""
        self._feed = feed
        self._heard = heard

    @property
    def whole(self) -> bool:
        """Whether each read is one whole message."""
        return self._feed.whole

    async def open(self) -> None:
        """Begin to listen."""
        await self._feed.open()

    async def close(self) -> None:
        """Listen no more."""
        await self._feed.close()

    async def read(self, timeout_s: float) -> bytes:
        """Return what has come."""
        data = await self._feed.read(timeout_s)
        if data:
            self._heard(Way.RECEIVED, data)
        return data


class TapBus:
    """A client of a broker that is listened to; see `coldport.bus.Bus`. Topic and payload are told as one text."""

    def __init__(self, bus: Bus, heard: Heard) -> None:
        """Listen to `bus`."""
        self._bus = bus
        self._heard = heard

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._bus.connected

    async def publish(self, message: Outgoing) -> None:
        """Send a message."""
        await self._bus.publish(message)
        self._heard(Way.SENT, message.topic.encode() + b" " + message.payload)

    async def receive(self, limit: int) -> Sequence[Received]:
        """Return what has arrived."""
        received = await self._bus.receive(limit)
        for one in received:
            self._heard(Way.RECEIVED, one.topic.encode() + b" " + one.payload)
        return received


class TapLinks:
    """Links of which each is listened to; see `edge.ports.Links`."""

    def __init__(self, links: Links, heard: Heard) -> None:
        """Listen to whatever `links` makes."""
        self._links = links
        self._heard = heard

    def serial(self, serial: Serial) -> Link:
        """Return a link over a serial port."""
        return TapLink(self._links.serial(serial), self._heard)

    def tcp(self, tcp: Tcp) -> Link:
        """Return a link over a TCP connection."""
        return TapLink(self._links.tcp(tcp), self._heard)

    def bus(self, line: LinkId, mqtt: Mqtt | None, filters: Sequence[str]) -> AbstractAsyncContextManager[Bus]:
        """Return a session on a broker."""
        return self._session(self._links.bus(line, mqtt, filters))

    @asynccontextmanager
    async def _session(self, connection: AbstractAsyncContextManager[Bus]) -> AsyncIterator[Bus]:
        async with connection as bus:
            yield TapBus(bus, self._heard)

    def http_stream(self, line: LinkId, http: HttpStream) -> Feed:
        """Return the endless answer of a reader."""
        return TapFeed(self._links.http_stream(line, http), self._heard)

    def http_posts(self, posts: HttpPosts) -> Feed:
        """Return what is posted to us."""
        return TapFeed(self._links.http_posts(posts), self._heard)
