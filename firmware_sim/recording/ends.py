"""The two ends of a recording, by how they are written: `HOST:PORT` is TCP, anything else is a path of a serial line.

Towards the device an end is opened or called; towards the agent it is made, or listened at.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from coldport.errors import UnavailableError
from firmware_sim.lines.line import Address, Line, Serve
from firmware_sim.lines.pty import PtyLine
from firmware_sim.lines.serial_port import SerialPort
from firmware_sim.lines.tcp import TcpLine, TcpPort
from firmware_sim.recording.recorder import Open

CONNECT_S = 5.0


def address(text: str) -> Address | None:
    """Return the address that a text names; None when it is a path.

    >>> address("192.168.1.7:5084"), address("/dev/ttyUSB0"), address("lines/cold-a")
    (Address(host='192.168.1.7', port=5084), None, None)
    """
    host, _, port = text.rpartition(":")
    return Address(host, int(port)) if host and "/" not in text and port.isdecimal() else None


def device_end(text: str, baud: int, shape: str) -> Open:
    """Return the way to reach a device."""
    where = address(text)

    @asynccontextmanager
    async def over_serial() -> AsyncIterator[Line]:
        port = SerialPort(text, baud, shape)
        port.open()
        try:
            yield port
        finally:
            port.close()

    @asynccontextmanager
    async def over_tcp() -> AsyncIterator[Line]:
        assert where is not None  # noqa: S101 - else the other one is returned
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(where.host, where.port)
        except TimeoutError as error:
            raise UnavailableError(f"{text} does not answer") from error
        except OSError as error:
            raise UnavailableError(f"cannot connect to {text}: {os.strerror(error.errno or 0)}") from error
        try:
            yield TcpLine(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    return over_serial if where is None else over_tcp


@asynccontextmanager
async def agent_end(text: str, serve: Serve) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Be the device for whoever comes to the end; yield what to wait for, which returns when nobody can come any more.

    A serial line is served once and for all its clients, a TCP port each client by itself.

    Raises:
        UnavailableError: The address is in use.
        RefusedError: The name of the line is taken by something else.
    """
    where = address(text)
    if where is None:
        line = PtyLine(Path(text))
        line.plug()
        try:
            yield lambda: serve(line)
        finally:
            line.unplug()
    else:
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def served(client: Line) -> None:
            try:
                await serve(client)
            except UnavailableError as error:
                if not failed.done():
                    failed.set_exception(error)

        port = TcpPort(where.host, where.port, served)
        await port.open()
        try:
            yield lambda: failed
        finally:
            failed.cancel()
            await port.close()
