"""Outputs of a Modbus line: written in the line's own turn, read back, and never at the cost of the readings."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from coldport.clock import ManualClock
from coldport.ids import LinkId, PointId
from edge.drivers.modbus.master import ModbusMaster
from edge.drivers.modbus.poller import Poller
from edge.drivers.modbus.puts import WAITING_LIMIT
from edge.drivers.modbus.units import Block, OutputPlace, Unit, Value
from edge.lines.modbus import CoilOutput, RegisterOutput
from edge.links.memory_link import MemoryLink, null_modem
from edge.points import RegisterScale
from edge.ports import Limits, LinkDownError, Outlet
from edge.protocols.framing import FrameError
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange, crc16, frame

TIMEOUT_S = 0.35
LAMP = OutputPlace(PointId("lamp"), CoilOutput(address=2, quantity="lamp"))
SETPOINT = OutputPlace(
    PointId("setpoint"), RegisterOutput(address=1, quantity="setpoint", scale=0.1, minimum=-30, maximum=15)
)


class Relays:
    """Unit 1, which holds coils and registers, and unit 2, a probe that is asked once a second."""

    def __init__(self, link: MemoryLink, clock: ManualClock) -> None:
        self._link = link
        self._clock = clock
        self.coils: dict[int, int] = {}
        self.registers: dict[int, int] = {}
        self.dead = False
        self.stuck = False
        self.swallows = False
        self.refuses: int | None = None
        self.asked: list[bytes] = []

    async def run(self) -> None:
        while True:
            request = await self._link.read(3600)
            if not request:
                continue
            assert crc16(request) == 0
            self.asked.append(request)
            if request[0] == 1 and self.dead:
                continue
            answer = self._answer(request[1:-2])
            if self.swallows and request[1] in (5, 6):
                continue
            await self._clock.sleep(0.03)
            await self._link.write(frame(request[0], answer))

    def _answer(self, pdu: bytes) -> bytes:
        function, address, value = struct.unpack(">BHH", pdu[:5])
        if function in (5, 6):
            if self.refuses:
                return bytes([function | 0x80, self.refuses])
            if not self.stuck:
                (self.coils if function == 5 else self.registers)[address] = value
            return pdu
        if function == 1:
            return bytes([1, 1, int(self.coils.get(address, 0) == 0xFF00)])
        return struct.pack(">BBH", function, 2, self.registers.get(address, 0))


@asynccontextmanager
async def running(outlet: Outlet, clock: ManualClock) -> AsyncIterator[tuple[Poller, Relays, MemoryLink]]:
    near, far = null_modem(clock)
    relays = Relays(far, clock)
    polled = tuple(
        Block(place.reading_back.request, place.reading_back.values, every_s)
        for place, every_s in ((LAMP, 10.0), (SETPOINT, 10.0))
    )
    probe = Block(ReadRequest(Function.HOLDING_REGISTERS, 7, 1), (Value(PointId("probe"), 0, RegisterScale()),), 1.0)
    units = [Unit("relays", 1, polled, (LAMP, SETPOINT)), Unit("probe", 2, (probe,))]
    poller = Poller(LinkId("lane"), units, ModbusMaster(near, RtuExchange, TIMEOUT_S, clock), TIMEOUT_S, outlet)
    tasks = [asyncio.create_task(relays.run()), asyncio.create_task(poller.run())]
    await clock.advance(0.5)
    yield poller, relays, near
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def outcome(clock: ManualClock, putting, within_s: float = 1.0):
    """Return what a put came to, a value or an error, in so much time."""
    task = asyncio.ensure_future(putting)
    await clock.advance(within_s)
    assert task.done()
    return task.exception() or task.result()


async def test_a_lamp_is_lit_read_back_and_told_within_a_tenth_of_a_second(outlet, clock, sink) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        assert await outcome(clock, poller.put(PointId("lamp"), 1.0), within_s=0.12) == 1.0
        assert relays.coils == {2: 0xFF00}
        assert sink.of("lamp")[-1].value == 1.0


async def test_a_set_point_is_written_in_the_controller_s_tenths(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        assert await outcome(clock, poller.put(PointId("setpoint"), -18.5)) == -18.5
        assert relays.registers == {1: 0x10000 - 185}
        assert poller.outputs == {"lamp": Limits(0, 1, 1), "setpoint": Limits(-30, 15, 0.1)}


async def test_a_device_that_confirms_and_does_nothing_is_told_by_what_it_holds(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        relays.stuck = True
        assert await outcome(clock, poller.put(PointId("lamp"), 1.0)) == 0.0


async def test_a_refusal_is_an_error_with_the_device_s_reason(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        relays.refuses = 3
        refused = await outcome(clock, poller.put(PointId("setpoint"), 5.0))
        assert isinstance(refused, FrameError)
        assert refused.reason == "exception-3"


async def test_an_output_whose_confirmation_was_lost_is_known_by_what_is_read_back(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        relays.swallows = True
        assert await outcome(clock, poller.put(PointId("lamp"), 1.0)) == 1.0


async def test_a_silent_module_costs_two_time_outs_and_a_dead_one_none(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        relays.dead = True
        silent = await outcome(clock, poller.put(PointId("lamp"), 1.0))
        assert silent.reason == "timeout"
        await clock.advance(20.0)
        asked = len(relays.asked)
        dead = await outcome(clock, poller.put(PointId("lamp"), 1.0), within_s=0.06)
        assert dead.reason == "no-answer"
        assert len([one for one in relays.asked[asked:] if one[1] == 5]) == 0


async def test_outputs_moved_all_the_time_keep_no_reading_waiting(outlet, clock, sink) -> None:
    async with running(outlet, clock) as (poller, _, _):
        for turn in range(30):
            puts = [asyncio.create_task(poller.put(PointId("lamp"), turn % 2)) for _ in range(WAITING_LIMIT)]
            await clock.advance(1.0)
            for put in puts:
                put.cancel()
    times = sink.times_of("probe")
    # One put, two exchanges of 30 ms, goes before each of the three reads that fall due together every ten seconds.
    assert max(later - earlier for earlier, later in pairwise(times)) <= 1.25


async def test_one_put_more_than_the_line_holds_is_refused(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, _, _):
        puts = [asyncio.create_task(poller.put(PointId("lamp"), 1.0)) for _ in range(WAITING_LIMIT + 1)]
        await clock.advance(5.0)
        outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert outcomes[:-1] == [1.0] * WAITING_LIMIT
    assert outcomes[-1].reason == "queue-full"


async def test_a_line_that_is_gone_moves_nothing_and_says_so_at_once(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, near):
        near.unplug()
        await clock.advance(0.1)
        assert isinstance(await outcome(clock, poller.put(PointId("lamp"), 1.0), within_s=0.0), LinkDownError)
        assert relays.coils == {}


async def test_a_plug_pulled_in_the_middle_of_a_put_is_told(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, near):
        relays.dead = True
        put = asyncio.create_task(poller.put(PointId("lamp"), 1.0))
        await clock.advance(0.1)
        near.unplug()
        assert isinstance(await outcome(clock, put, within_s=0.1), LinkDownError)


async def test_stopping_the_line_leaves_nobody_waiting(outlet, clock) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        relays.dead = True
        puts = [asyncio.create_task(poller.put(PointId("lamp"), 1.0)) for _ in range(2)]
        await clock.advance(0.1)
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert all(isinstance(one, LinkDownError) for one in outcomes)


@pytest.mark.parametrize(("point", "value"), [("setpoint", 40.0), ("setpoint", float("nan")), ("lamp", 0.5)])
async def test_a_value_that_the_output_cannot_take_is_never_written(outlet, clock, point, value) -> None:
    async with running(outlet, clock) as (poller, relays, _):
        with pytest.raises(FrameError) as refused:
            await poller.put(PointId(point), value)
        assert refused.value.reason == "out-of-range"
        assert (relays.registers, relays.coils) == ({}, {})


async def test_a_unit_with_several_requests_tells_of_every_point_once_a_period(outlet, clock, sink, board) -> None:
    async with running(outlet, clock) as (_, relays, _):
        relays.dead = True
        await clock.advance(35.0)
        assert board.states["relays"] == "timeout"
        relays.dead = False
        await clock.advance(65.0)
        assert board.states["relays"] is None
    for point in ("lamp", "setpoint"):
        assert [seen.quality for seen in sink.of(point)[:4]] == ["good", "bad", "bad", "bad"]
        steps = [later - earlier for earlier, later in pairwise(sink.times_of(point))]
        assert max(steps) <= 10.8, steps


async def test_a_single_miss_of_one_request_is_made_good_though_another_was_answered(outlet, clock, sink) -> None:
    async with running(outlet, clock) as (_, relays, _):
        await clock.advance(9.4)
        relays.dead = True
        await clock.advance(0.3)
        relays.dead = False
        await clock.advance(5.0)
    for point in ("lamp", "setpoint"):
        assert [seen.quality for seen in sink.of(point)] == ["good", "good"]
