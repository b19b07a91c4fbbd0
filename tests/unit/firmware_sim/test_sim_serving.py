import asyncio
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.servers.serving import Pace, Serving


class MemoryLine:
    """A line whose client is the test."""

    def __init__(self):
        self.requests = asyncio.Queue()
        self.sent = []

    async def receive(self):
        return await self.requests.get()

    async def send(self, data):
        self.sent.append(data)


class Echo:
    """Says what it hears."""

    def __init__(self):
        self.heard = b""
        self.finished = False

    def receive(self, data, now_s):
        self.heard += data

    def send(self, now_s):
        heard, self.heard = self.heard, b""
        return heard


@pytest.fixture
def clock():
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def line():
    return MemoryLine()


async def test_an_answer_takes_as_long_as_its_bytes_both_ways_and_the_thinking(clock, line, faults):
    pace = Pace.of_baud(9600, think_s=0.01)
    task = asyncio.create_task(Serving("cold-a", line, Echo(), clock=clock, pace=pace, faults=faults).run())
    line.requests.put_nowait(b"12345678")
    expected_s = 0.01 + 2 * 8 * 10 / 9600
    await clock.advance(expected_s - 0.001)
    assert line.sent == []
    await clock.advance(0.002)
    assert line.sent == [b"12345678"]
    line.requests.put_nowait(b"")
    await task


async def test_a_split_line_sends_every_byte_by_itself(clock, line, faults):
    faults.begin(Fault(kind=FaultKind.SPLIT, target="io-1"))
    task = asyncio.create_task(Serving("io-1", line, Echo(), clock=clock, pace=Pace(), faults=faults).run())
    line.requests.put_nowait(b"abc")
    await clock.advance(0.1)
    assert line.sent == [b"a", b"b", b"c"]
    line.requests.put_nowait(b"")
    await task


async def test_a_line_with_an_echo_sends_everything_twice(clock, line, faults):
    faults.begin(Fault(kind=FaultKind.DUPLICATE, target="io-1"))
    task = asyncio.create_task(Serving("io-1", line, Echo(), clock=clock, pace=Pace(), faults=faults).run())
    line.requests.put_nowait(b"abc")
    await clock.advance(0.1)
    assert line.sent == [b"abcabc"]
    line.requests.put_nowait(b"")
    await task


async def test_a_core_that_has_finished_ends_the_serving_after_its_last_words(clock, line, faults):
    core = Echo()
    task = asyncio.create_task(Serving("g", line, core, clock=clock, pace=Pace(), faults=faults).run())
    await clock.advance(0.1)
    core.heard, core.finished = b"bye", True
    await clock.advance(0.1)
    await task
    assert line.sent == [b"bye"]


async def test_a_core_that_fails_is_not_hidden(clock, line, faults):
    class Broken(Echo):
        def receive(self, data, now_s):
            raise ZeroDivisionError

    task = asyncio.create_task(Serving("g", line, Broken(), clock=clock, pace=Pace(), faults=faults).run())
    line.requests.put_nowait(b"x")
    await clock.advance(0.1)
    with pytest.raises(ZeroDivisionError):
        await task
