"""TCP: a port on which a simulated device listens."""

import asyncio
import contextlib
import os

from coldport.errors import UnavailableError
from firmware_sim.lines.line import Serve

READ_BYTES = 4096
CLIENT_LIMIT = 16
"""Connections at one port; more are closed at once."""

SEND_LIMIT = 256 * 1024
"""Bytes that wait for a client that does not read; past it the connection is cut."""


class TcpLine:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use what `asyncio.start_server` made."""
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes:
        """Wait for bytes; empty when the client is gone."""
        try:
            return await self._reader.read(READ_BYTES)
        except ConnectionError:
            return b""

    async def send(self, data: bytes) -> None:
        """Queue bytes. A client that does not read is cut off when its queue is full."""
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > SEND_LIMIT:
            self._writer.transport.abort()


class TcpPort:
    """Listens, and serves each client with `serve` until that returns; then the connection is closed."""

    def __init__(self, host: str, port: int, serve: Serve) -> None:
        """Be closed; `open` listens. Port 0 stands for any free one."""
        self.host = host
        self.port = port
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen, unless it does already; `port` is the real one afterwards.

        Raises:
            UnavailableError: The port is in use, or the address is not one of this machine.
        """
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(self._connected, self.host, self.port)
        except OSError as error:
            raise UnavailableError(
                f"cannot listen on {self.host}:{self.port}: {os.strerror(error.errno or 0)}"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is None:
            return
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this in a task of its own
        try:
            if len(self._clients) < CLIENT_LIMIT:
                self._clients.add(task)
                await self._serve(TcpLine(reader, writer))
        except asyncio.CancelledError:
            pass  # `close` ends this task; a cancelled one would be reported as an error by asyncio's own callback
        finally:
            self._clients.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
