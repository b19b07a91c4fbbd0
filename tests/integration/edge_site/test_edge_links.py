"""Serial and TCP links on a real pty and real sockets: what arrives, what is gone, and who has the line."""

import asyncio
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldport.clock import SystemClock
from edge.lines.base import Serial
from edge.links.serial_link import SerialLink
from edge.links.tcp_link import TcpLink
from edge.ports import LinkDownError


class Pty:
    """A line whose far end the test holds; it can be pulled out and put back under the same name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.far = -1

    def plug(self) -> None:
        self.far, near = os.openpty()
        tty.setraw(near)
        self.path.symlink_to(os.ttyname(near))
        self._near = near

    def unplug(self) -> None:
        if self.far >= 0:
            self.path.unlink()
            os.close(self.far)
            os.close(self._near)
            self.far = -1


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    line = Pty(tmp_path / "line")
    line.plug()
    yield line
    line.unplug()


@pytest.fixture
async def serial_link(pty: Pty):
    link = SerialLink(pty.path, Serial(path="line"), SystemClock())
    yield link
    await link.close()


async def test_bytes_go_both_ways_over_a_serial_line(pty, serial_link) -> None:
    await serial_link.open()
    await serial_link.write(b"SI\r\n")
    assert os.read(pty.far, 100) == b"SI\r\n"
    os.write(pty.far, bytes(range(256)))
    got = b""
    while len(got) < 256:
        got += await serial_link.read(5.0)
    assert got == bytes(range(256))


async def test_a_quiet_serial_line_is_not_gone(serial_link) -> None:
    await serial_link.open()
    for _ in range(3):
        serial_link.discard()
        assert await serial_link.read(0.01) == b""


async def test_what_arrived_late_is_discarded(pty, serial_link) -> None:
    await serial_link.open()
    os.write(pty.far, b"late")
    serial_link.discard()
    assert await serial_link.read(0.01) == b""


async def test_a_pulled_plug_is_told_to_who_reads_at_once(pty, serial_link) -> None:
    await serial_link.open()
    reading = asyncio.create_task(serial_link.read(60.0))
    await asyncio.wait([reading], timeout=0.05)
    pty.unplug()
    async with asyncio.timeout(2):
        with pytest.raises(LinkDownError):
            await reading


async def test_a_line_that_is_not_there_says_so_and_opens_once_it_is(pty, serial_link) -> None:
    pty.unplug()
    with pytest.raises(LinkDownError, match="No such file") as caught:
        await serial_link.open()
    assert caught.value.reason == "missing"
    pty.plug()
    await serial_link.open()
    await serial_link.write(b"x")
    assert os.read(pty.far, 10) == b"x"


async def test_a_line_that_another_program_has_is_occupied(pty, serial_link) -> None:
    await serial_link.open()
    second = SerialLink(pty.path, Serial(path="line"), SystemClock())
    with pytest.raises(LinkDownError) as caught:
        await second.open()
    assert caught.value.reason == "occupied"


async def test_writing_to_a_line_that_was_pulled_out_says_so(pty, serial_link, eventually) -> None:
    await serial_link.open()
    pty.unplug()

    async def write() -> None:
        while True:
            await serial_link.write(b"x" * 100)

    async with asyncio.timeout(5):
        with pytest.raises(LinkDownError):
            await write()


@pytest.fixture
async def server():
    """A TCP server that keeps its connections: (port, connections)."""
    connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    server = await asyncio.start_server(lambda *streams: connections.append(streams), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], connections
    server.close()
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()


async def test_bytes_go_both_ways_over_tcp_and_its_end_is_told(server, eventually) -> None:
    port, connections = server
    link = TcpLink("127.0.0.1", port, SystemClock())
    await link.open()
    await link.write(b"hello")
    await eventually(lambda: connections)
    reader, writer = connections[0]
    assert await reader.readexactly(5) == b"hello"
    writer.write(b"world")
    assert await link.read(5.0) == b"world"
    writer.close()
    with pytest.raises(LinkDownError) as caught:
        await link.read(5.0)
    assert caught.value.reason == "closed"
    with pytest.raises(LinkDownError):
        await link.write(b"more")
    await link.close()


async def test_a_tcp_port_that_nobody_listens_on_refuses(free_port) -> None:
    link = TcpLink("127.0.0.1", free_port(), SystemClock())
    with pytest.raises(LinkDownError) as caught:
        await link.open()
    assert caught.value.reason == "refused"


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    link = TcpLink("no-such-host.invalid", 502, SystemClock())
    with pytest.raises(LinkDownError) as caught:
        await link.open()
    assert caught.value.reason == "unreachable"


async def test_a_peer_that_stops_reading_is_given_up_instead_of_filling_the_memory(server, eventually) -> None:
    port, _ = server
    link = TcpLink("127.0.0.1", port, SystemClock())
    await link.open()

    async def flood() -> None:
        while True:
            await link.write(b"x" * 10_000)

    async with asyncio.timeout(10):
        with pytest.raises(LinkDownError) as caught:
            await flood()
    assert caught.value.reason == "stalled"
    await link.close()


async def test_a_connection_that_we_closed_does_not_end_the_next_one(server) -> None:
    port, _ = server
    link = TcpLink("127.0.0.1", port, SystemClock())
    await link.open()
    await link.close()
    await link.open()
    assert await link.read(0.1) == b""
    await link.close()


async def test_a_tcp_link_can_be_opened_again_after_its_end(server, eventually) -> None:
    port, connections = server
    link = TcpLink("127.0.0.1", port, SystemClock())
    await link.open()
    await eventually(lambda: connections)
    connections[0][1].close()
    with pytest.raises(LinkDownError):
        await link.read(5.0)
    await link.open()
    await link.write(b"again")
    await eventually(lambda: len(connections) == 2)
    assert await connections[1][0].readexactly(5) == b"again"
    await link.close()
