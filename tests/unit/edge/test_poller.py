"""A Modbus line of twelve units on a null modem: what a dead unit, a refusing one and a pulled plug do to the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from coldport.clock import ManualClock
from coldport.ids import LinkId, PointId
from edge.drivers.modbus.breaker import LONGEST_WAIT_S
from edge.drivers.modbus.master import ModbusMaster
from edge.drivers.modbus.poller import ANEW_S, Poller
from edge.drivers.modbus.units import Block, Unit, Value
from edge.links.memory_link import MemoryLink, null_modem
from edge.points import RegisterScale
from edge.ports import LinkDownError, Outlet
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange, frame

UNITS = range(1, 13)
TIMEOUT_S = 0.35
ANSWER_S = 0.03
"""What one exchange takes at 9600 baud: 17 bytes and the unit's own thinking."""


class Field:
    """Twelve probes at the far end of the line, each of which shows its own number as degrees."""

    def __init__(self, link: MemoryLink, clock: ManualClock) -> None:
        self._link = link
        self._clock = clock
        self.dead: set[int] = set()
        self.refusing: set[int] = set()
        self.garbled: set[int] = set()
        self.exception = 6
        self.forgot = False
        self.asked: list[tuple[float, int]] = []

    async def run(self) -> None:
        while True:
            request = await self._link.read(3600)
            if not request:
                continue
            unit = request[0]
            self.asked.append((self._clock.monotonic_s(), unit))
            if unit in self.dead or self.forgot:
                continue
            await self._clock.sleep(ANSWER_S)
            reply = frame(unit, bytes([0x83, self.exception]) if unit in self.refusing else bytes([3, 2, 0, unit * 10]))
            await self._link.write(reply[:-1] + b"\x00" if unit in self.garbled else reply)


class Bench:
    """A running poller and the field it reads, and when the line was taken since it began."""

    def __init__(self, near: MemoryLink, field: Field) -> None:
        self.near = near
        self.field = field
        self.taken: list[float] = []

    async def open(self) -> None:
        """Take the line as `MemoryLink` does; the field knows a new connection."""
        await MemoryLink.open(self.near)
        self.field.forgot = False
        self.taken.append(self.near._clock.monotonic_s())


@asynccontextmanager
async def running(outlet: Outlet, clock: ManualClock, every_s: float = 1.0) -> AsyncIterator[Bench]:
    near, far = null_modem(clock)
    request = ReadRequest(Function.HOLDING_REGISTERS, 1, 1)
    units = [
        Unit(
            f"probe-{unit}",
            unit,
            (Block(request, (Value(PointId(f"p{unit}"), 0, RegisterScale(scale=0.1)),), every_s),),
        )
        for unit in UNITS
    ]
    master = ModbusMaster(near, RtuExchange, TIMEOUT_S, clock, silence_s=0.004)
    field = Field(far, clock)
    bench = Bench(near, field)
    near.open = bench.open
    tasks = [
        asyncio.create_task(field.run()),
        asyncio.create_task(Poller(LinkId("cold-a"), units, master, TIMEOUT_S, outlet).run()),
    ]
    yield bench
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes


async def test_every_unit_is_read_once_a_period(outlet, clock, sink) -> None:
    async with running(outlet, clock):
        await clock.advance(9.99)
    for unit in UNITS:
        assert [seen.value for seen in sink.of(f"p{unit}")] == [unit] * 10


async def test_one_dead_unit_of_twelve_delays_the_others_by_at_most_five_percent(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        await clock.advance(10.0)
        bench.field.dead.add(4)
        await clock.advance(120.0)
    for unit in set(UNITS) - {4}:
        times = sink.times_of(f"p{unit}")
        assert len(times) >= 0.95 * 130
        mean_period_s = (times[-1] - times[0]) / (len(times) - 1)
        assert mean_period_s <= 1.05


async def test_a_dead_unit_costs_at_most_one_time_out_in_each_of_its_waits(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.add(4)
        await clock.advance(130.0)
        asked = [at_s for at_s, unit in bench.field.asked if unit == 4]
    waits = [later - earlier for earlier, later in pairwise(asked[1:])]
    assert all(wait >= least for wait, least in zip(waits, [1, 2, 4, 8, 16, 32, 60], strict=False))
    assert len(asked) == 8


async def test_probes_of_a_dead_unit_keep_no_other_unit_waiting(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.add(4)
        await clock.advance(5.0)
        settled_s = clock.monotonic_s()
        await clock.advance(115.0)
    for unit in set(UNITS) - {4}:
        times = [at_s for at_s in sink.times_of(f"p{unit}") if at_s > settled_s]
        steps = [later - earlier for earlier, later in pairwise(times)]
        assert max(steps) <= 1.05


async def test_a_dead_unit_has_one_bad_reading_a_period_and_says_why(outlet, clock, sink, board) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.add(4)
        await clock.advance(30.0)
    readings = sink.of("p4")
    assert 28 <= len(readings) <= 30
    assert {(seen.value, seen.quality) for seen in readings} == {(None, "bad")}
    assert [seen.reason for seen in readings[:2]] == ["timeout", "no-answer"]
    assert board.states["probe-4"] == "timeout"
    assert board.states["cold-a"] is None


async def test_a_unit_that_answers_again_is_read_every_period_again(outlet, clock, sink, board) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.add(4)
        await clock.advance(10.0)
        bench.field.dead.clear()
        await clock.advance(20.0)
        assert board.states["probe-4"] is None
    assert [seen.value for seen in sink.of("p4", since_s=25.0)] == [4.0] * 5


async def test_a_single_miss_is_asked_again_and_leaves_no_bad_reading(outlet, clock, sink) -> None:
    async with running(outlet, clock, every_s=5.0) as bench:
        bench.field.dead.add(4)
        await clock.advance(0.3)
        bench.field.dead.clear()
        await clock.advance(4.0)
    assert [seen.value for seen in sink.of("p4")] == [4.0]


async def test_a_unit_that_refuses_is_told_at_once_and_asked_every_period(outlet, clock, sink, board) -> None:
    async with running(outlet, clock) as bench:
        bench.field.refusing.add(4)
        await clock.advance(4.9)
    assert [(seen.value, seen.reason) for seen in sink.of("p4")] == [(None, "exception-6")] * 5
    assert board.states["probe-4"] is None


async def test_a_reply_with_a_wrong_checksum_is_never_a_value(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        bench.field.garbled.add(4)
        await clock.advance(10.0)
    assert {seen.value for seen in sink.of("p4")} == {None}
    assert sink.of("p4")[0].reason == "crc"


async def test_a_pulled_plug_makes_every_point_bad_and_is_reported_at_once(outlet, clock, sink, board) -> None:
    async with running(outlet, clock, every_s=10.0) as bench:
        await clock.advance(3.0)
        bench.near.unplug()
        await clock.advance(0.1)
        assert board.states["cold-a"] == "link-down"
        await clock.advance(10.0)
    for unit in UNITS:
        assert [seen.reason for seen in sink.of(f"p{unit}", since_s=3.0)] == ["link-down"]


async def test_a_line_that_is_plugged_in_again_is_read_within_five_seconds(outlet, clock, sink, board) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.add(4)
        await clock.advance(40.0)
        bench.near.unplug()
        await clock.advance(100.0)
        bench.field.dead.clear()
        bench.near.plugged = True
        await clock.advance(5.0)
    assert board.states == {"cold-a": None} | {f"probe-{unit}": None for unit in UNITS}
    for unit in UNITS:
        assert sink.of(f"p{unit}")[-1].value == unit


async def test_a_connection_that_the_other_side_has_forgotten_is_taken_anew_and_the_line_stays_up(
    outlet, clock, sink, board
) -> None:
    async with running(outlet, clock) as bench:
        await clock.advance(20.0)
        bench.field.forgot = True
        await clock.advance(20.0)
        assert len(bench.taken) == 2
        for unit in UNITS:
            assert sink.of(f"p{unit}")[-1].value == unit
    assert [reason for _, key, reason in board.changes if key == "cold-a"] == [None]
    assert board.states == {"cold-a": None} | {f"probe-{unit}": None for unit in UNITS}


async def test_a_line_on_which_nobody_answers_is_taken_anew_every_ten_seconds_at_most(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.update(UNITS)
        await clock.advance(600.0)
    between = [later - earlier for earlier, later in pairwise(bench.taken[1:])]
    assert between
    assert all(ANEW_S <= wait < LONGEST_WAIT_S + 1.0 for wait in between)
    for unit in UNITS:
        assert len(sink.of(f"p{unit}", since_s=60.0)) in {540, 541}  # one a period, whether it was probed or not


async def test_a_device_that_comes_back_without_a_word_is_read_at_the_next_probe(outlet, clock, sink) -> None:
    async with running(outlet, clock) as bench:
        bench.field.dead.update(UNITS)
        await clock.advance(600.0)
        bench.field.dead.clear()
        bench.field.forgot = True
        await clock.advance(LONGEST_WAIT_S + ANEW_S)
    for unit in UNITS:
        assert sink.of(f"p{unit}")[-1].value == unit


@pytest.mark.parametrize("living", [True, False], ids=["a-unit-answers", "a-gateway-answers-for-them"])
async def test_a_line_on_which_anybody_answers_is_never_taken_anew(living, outlet, clock) -> None:
    async with running(outlet, clock) as bench:
        if living:
            bench.field.dead.update(set(UNITS) - {4})
        else:
            bench.field.refusing.update(UNITS)
            bench.field.exception = 0x0B
        await clock.advance(300.0)
    assert len(bench.taken) == 1


async def test_a_line_that_cannot_be_taken_anew_is_told_and_tried_each_second(outlet, clock, board) -> None:
    async with running(outlet, clock) as bench:
        await clock.advance(3.0)
        bench.field.dead.update(UNITS)
        bench.near.plugged = False
        await clock.advance(30.0)
        assert board.states["cold-a"] == "link-down"
        bench.near.plugged = True
        bench.field.dead.clear()
        await clock.advance(2.0)
    assert board.states == {"cold-a": None} | {f"probe-{unit}": None for unit in UNITS}


async def test_a_master_tells_that_the_line_is_gone_while_it_is_idle(clock) -> None:
    near, _ = null_modem(clock)
    master = ModbusMaster(near, RtuExchange, TIMEOUT_S, clock)
    await master.open()
    idle = asyncio.create_task(master.idle(60.0))
    await clock.advance(1.0)
    near.unplug()
    await clock.advance(0.0)
    with pytest.raises(LinkDownError):
        await idle
