"""A line over TCP: a device with a socket of its own, or a serial server with a line behind it."""

import asyncio
import socket
import sys

from coldport.clock import Clock
from edge.links.inbox import Inbox
from edge.ports import LinkDownError

CONNECT_TIMEOUT_S = 3.0
UNACKNOWLEDGED_S = 4.0
"""Bytes that the other side does not acknowledge for so long mean that it is gone, although nobody said so."""
SILENCE_OPTIONS = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
"""Let the system notice a peer that vanished without a word, also while nothing is sent."""
if sys.platform == "linux":
    SILENCE_OPTIONS += [
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNACKNOWLEDGED_S * 1000)),
    ]
WRITE_LIMIT = 64 * 1024
"""Bytes written and not yet sent; requests are tens of bytes, so more mean a peer that has stopped reading."""


class TcpLink:
    """A TCP connection; see `edge.ports.Link`."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        """Name the server; `open` connects."""
        self._address = (host, port)
        self._clock = clock
        self._inbox = Inbox(clock)
        self._transport: asyncio.Transport | None = None

    async def open(self) -> None:
        """Connect."""
        await self.close()
        self._inbox = Inbox(self._clock)
        host, port = self._address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                inbox = self._inbox
                connection = asyncio.get_running_loop().create_connection(lambda: _Connection(inbox), host, port)
                self._transport, _ = await connection
        except ConnectionRefusedError as error:
            raise LinkDownError(f"{host}:{port} refuses connections", "refused") from error
        except TimeoutError as error:
            raise LinkDownError(f"{host}:{port} did not answer in {CONNECT_TIMEOUT_S:.0f} s", "unreachable") from error
        except OSError as error:
            raise LinkDownError(f"{host}:{port}: {error.strerror or error}", "unreachable") from error
        for option in SILENCE_OPTIONS:
            self._transport.get_extra_info("socket").setsockopt(*option)

    async def close(self) -> None:
        """Close the connection; what was written is sent first."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived."""
        return await self._inbox.take(timeout_s)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._inbox.check()
        if self._transport is None:
            raise LinkDownError("the connection is not open")
        if self._transport.get_write_buffer_size() > WRITE_LIMIT:
            self._transport.abort()
            raise LinkDownError("the other side has stopped reading", "stalled")
        self._transport.write(data)

    def discard(self) -> None:
        """Forget what has arrived."""
        self._inbox.discard()


class _Connection(asyncio.Protocol):
    """What asyncio tells of one connection. The end of an old one may be told after the next began."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def data_received(self, data: bytes) -> None:
        self._inbox.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inbox.fail(LinkDownError(f"the connection was closed: {exc or 'by the other side'}", "closed"))
