"""A gate's driver on a null modem: refusals, silence, and how long it waits before it tries again."""

import asyncio
from random import Random

import pytest

from coldport.ids import LinkId, PointId
from edge.drivers.gates.llrp_gate import Gate
from edge.drivers.gates.report import GateSettings
from edge.links.memory_link import null_modem
from edge.protocols.llrp.requests import Setup

OCCUPIED = bytes.fromhex("043f00000020000000000 0f600160080000c0005a9e4bef862e0010000060002".replace(" ", ""))


class Bench:
    """A gate, and the reader's end of its line."""

    def __init__(self, clock, outlet) -> None:
        self.near, self.far = null_modem(clock)
        self.attempts: list[float] = []
        self._clock = clock
        opening = self.near.open

        async def counted_open() -> None:
            self.attempts.append(clock.monotonic_s())
            await opening()

        self.near.open = counted_open  # type: ignore[method-assign] - counts what the gate does with its line
        setup = Setup(antennas=(1, 2), keepalive_s=2.0)
        settings = GateSettings(name=LinkId("lane-1-reader"), point=PointId("lane-1-gate"))
        self.gate = Gate(settings, self.near, setup, outlet, Random(7))
        self.running = asyncio.create_task(self.gate.run())

    async def end(self) -> None:
        self.running.cancel()
        await asyncio.wait([self.running])


@pytest.fixture
async def bench(clock, outlet):
    bench = Bench(clock, outlet)
    yield bench
    await bench.end()


async def test_a_reader_that_serves_another_client_is_occupied(bench, clock, board) -> None:
    await clock.advance(0.0)
    await bench.far.write(OCCUPIED)
    await clock.advance(0.0)
    assert board.states == {"lane-1-reader": "occupied"}


async def test_attempts_come_ever_more_seldom_up_to_a_minute_and_a_fifth(bench, clock) -> None:
    bench.near.plugged = False
    bench.near.unplug()
    await clock.advance(600.0)
    waits = [later - earlier for earlier, later in zip(bench.attempts, bench.attempts[1:], strict=False)]
    for wait, least in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60], strict=False):
        assert least <= wait <= 1.2 * least + 0.001


async def test_a_reader_that_never_greets_is_given_up(bench, clock, board) -> None:
    await clock.advance(5.1)
    assert board.states == {"lane-1-reader": "timeout"}


async def test_bytes_that_are_no_llrp_end_the_session_and_another_is_begun(bench, clock, board) -> None:
    await clock.advance(0.0)
    await bench.far.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await clock.advance(2.0)
    assert board.changes[0][2] == "stream-lost"
    assert len(bench.attempts) == 2


async def test_a_gate_that_is_cancelled_before_the_reader_greets_ends_at_once(bench, clock) -> None:
    await clock.advance(0.0)
    await bench.end()
    assert bench.running.cancelled()
