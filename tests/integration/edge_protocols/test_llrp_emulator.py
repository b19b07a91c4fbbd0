"""Our LLRP session against a reader we did not write, over a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from llrpkit.emulator import LLRPEmulator

from coldport.clock import SystemClock
from edge.protocols.llrp.events import Closed, Connected, Event, RefusedBusy
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.reader_events import ReaderProblem, TagRead

pytestmark = pytest.mark.thirdparty

CLOCK = SystemClock()


@pytest.fixture
async def emulator() -> AsyncIterator[LLRPEmulator]:
    async with LLRPEmulator(port=0) as running:
        yield running


class Driver:
    """The loop that a driver runs, in fifteen lines; a test reads `events` and says when to stop."""

    def __init__(self, setup: Setup) -> None:
        self.session = Session(setup, CLOCK.monotonic_s())
        self.events: list[Event] = []
        self.writer: asyncio.StreamWriter | None = None

    def told(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    async def run(self, port: int) -> None:
        incoming, self.writer = await asyncio.open_connection("127.0.0.1", port)
        while not self.session.closed:
            self.writer.write(self.session.take_outgoing())
            try:
                async with asyncio.timeout(max(0.0, self.session.deadline_s - CLOCK.monotonic_s())):
                    chunk = await incoming.read(4096)
            except TimeoutError:
                self.events += self.session.tick(CLOCK.monotonic_s())
                continue
            self.events += self.session.receive(chunk, CLOCK.monotonic_s()) if chunk else self.session.hang_up()
        self.writer.close()

    def stop(self) -> None:
        self.events += self.session.stop(CLOCK.monotonic_s())
        self.writer.write(self.session.take_outgoing())


async def test_a_foreign_reader_is_set_up_read_kept_alive_and_left_with_a_good_bye(emulator, eventually) -> None:
    driver = Driver(Setup(antennas=(1, 2), power_dbm=27.0, keepalive_s=0.3))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(driver.run(emulator.port))
        await eventually(lambda: len(driver.told(TagRead)) >= 20)
        await emulator.wait_keepalive_ack()
        driver.stop()

    (connected,) = driver.told(Connected)
    assert connected.capabilities.antennas == emulator.antenna_count
    assert connected.capabilities.has_utc_clock
    assert {read.antenna for read in driver.told(TagRead)} <= {1, 2}
    assert {problem.reason for problem in driver.told(ReaderProblem)} <= {"setting-refused"}
    assert driver.events[-1] == Closed(reason="stopped", text="the reader has closed the session")


async def test_a_foreign_reader_that_serves_somebody_else_is_told_as_busy(emulator, eventually) -> None:
    first, second = Driver(Setup(antennas=(1,), keepalive_s=1.0)), Driver(Setup(antennas=(1,), keepalive_s=1.0))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(first.run(emulator.port))
        await eventually(lambda: first.told(Connected))
        await second.run(emulator.port)
        first.stop()

    assert second.told(RefusedBusy)
    assert [closed.reason for closed in second.told(Closed)] == ["occupied"]
    assert [closed.reason for closed in first.told(Closed)] == ["stopped"]


async def test_a_foreign_reader_whose_keepalives_stop_is_lost_within_one_and_a_half_periods(
    emulator, eventually
) -> None:
    driver = Driver(Setup(antennas=(1,), keepalive_s=2.0))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(driver.run(emulator.port))
        await eventually(lambda: driver.told(Connected))
        emulator._stop_keepalive()
        emulator._stop_reporting()
        stalled_s = CLOCK.monotonic_s()
        await running

    assert [closed.reason for closed in driver.told(Closed)] == ["silent"]
    assert CLOCK.monotonic_s() - stalled_s <= 1.5 * 2.0
