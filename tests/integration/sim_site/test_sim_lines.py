import asyncio

import pytest
import serial

from coldport.errors import RefusedError, UnavailableError
from firmware_sim.lines.pty import ARRIVED_LIMIT, READ_BYTES, PtyLine
from firmware_sim.lines.tcp import CLIENT_LIMIT, TcpPort


@pytest.fixture
async def line(tmp_path):
    line = PtyLine(tmp_path / "lines" / "cold-a")
    line.plug()
    yield line
    line.unplug()


def open_port(line):
    return serial.Serial(str(line.path), 9600, timeout=2)


async def test_bytes_pass_both_ways_unchanged(line):
    every_byte = bytes(range(256))
    with open_port(line) as port:
        port.write(every_byte)
        heard = b""
        while len(heard) < 256:
            heard += await line.receive()
        await line.send(every_byte)
        assert await asyncio.to_thread(port.read, 256) == every_byte
    assert heard == every_byte


async def test_clients_come_and_go_and_the_line_stays(line):
    for _ in range(3):
        with open_port(line) as port:
            port.write(b"hello")
            assert await line.receive() == b"hello"
            await line.send(b"you too")
            assert await asyncio.to_thread(port.read, 7) == b"you too"


async def test_what_nobody_reads_is_lost_and_blocks_nobody(line):
    for _ in range(1000):
        await line.send(b"x" * 100)
    with open_port(line) as port:  # pyserial empties the buffer when it opens
        await line.send(b"now")
        assert await asyncio.to_thread(port.read, 3) == b"now"


async def test_a_pulled_line_hangs_up_and_has_no_name_and_comes_back(line):
    with open_port(line) as port:
        line.unplug()
        assert not list(line.path.parent.iterdir())
        with pytest.raises(serial.SerialException):
            await asyncio.to_thread(port.read, 1)
    await line.send(b"into the void")
    line.plug()
    with open_port(line) as port:
        port.write(b"again")
        assert await line.receive() == b"again"


async def test_a_name_left_by_a_killed_simulator_is_taken_over_and_a_real_file_is_not(tmp_path):
    (tmp_path / "stale").symlink_to("/dev/pts/no-such-terminal")
    line = PtyLine(tmp_path / "stale")
    line.plug()
    with open_port(line):
        line.unplug()
    (tmp_path / "file").write_text("precious")
    with pytest.raises(RefusedError, match="is not a serial line"):
        PtyLine(tmp_path / "file").plug()
    assert (tmp_path / "file").read_text() == "precious"


async def test_a_port_in_use_is_one_clear_error(free_port):
    async def serve(line):
        await line.receive()

    first = TcpPort("127.0.0.1", free_port(), serve)
    await first.open()
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{first.port}: .*in use"):
        await TcpPort("127.0.0.1", first.port, serve).open()
    await first.close()


async def test_a_port_serves_sixteen_clients_and_closes_the_next_one_at_once():
    async def serve(line):
        await line.send(b"!")
        await line.receive()

    port = TcpPort("127.0.0.1", 0, serve)
    await port.open()
    clients = [await asyncio.open_connection("127.0.0.1", port.port) for _ in range(CLIENT_LIMIT)]
    assert [await reader.read(1) for reader, _ in clients] == [b"!"] * CLIENT_LIMIT
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.read(1) == b""
    for _, open_writer in [*clients, (reader, writer)]:
        open_writer.close()
        await open_writer.wait_closed()
    await port.close()


async def test_what_a_client_sends_faster_than_anybody_listens_is_bounded(line, eventually):
    with open_port(line) as port:
        port.write_timeout = 0.5

        def flood():
            for _ in range(ARRIVED_LIMIT * 2):
                port.write(b"x" * READ_BYTES)

        await asyncio.to_thread(flood)
        await eventually(line._arrived.full)
    assert line._arrived.qsize() == ARRIVED_LIMIT


async def test_a_tcp_client_that_leaves_or_never_reads_breaks_nothing():
    cut = asyncio.Event()

    async def flood(line):
        assert await line.receive() == b"go"
        for _ in range(100):
            await line.send(b"x" * 65_536)
        assert await line.receive() == b""
        cut.set()

    port = TcpPort("127.0.0.1", 0, flood)
    await port.open()
    _, writer = await asyncio.open_connection("127.0.0.1", port.port)
    writer.write(b"go")
    await asyncio.wait_for(cut.wait(), 10)
    writer.close()
    await port.close()
