"""Reads the units of one Modbus line at the periods of their points; a failed read is a reading of bad quality.

`turns` decides whose turn it is, `breaker` when a silent unit is asked again, `puts` keeps the outputs that are to be
moved; this module asks, and tells.
"""

import logging
from collections.abc import Mapping, Sequence

from coldport.ids import LinkId, PointId
from edge.drivers.modbus.breaker import Breaker
from edge.drivers.modbus.puts import Put, PutQueue
from edge.drivers.modbus.turns import Report, Turn, Wait, choose
from edge.drivers.modbus.units import Block, OutputPlace, Unit
from edge.observe import bad_reading, reading
from edge.ports import Limits, LinkDownError, Master, Outlet
from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.modbus import ExceptionReplyError

REOPEN_S = 1.0
"""A line that is gone is tried again this often, without back-off: it must come back within five seconds."""

ANEW_S = 10.0
"""A line on which nobody answers is taken anew this often at most, however many probes are made: serial servers have
few places for connections, and are slow to notice that one has become free."""

PUT_WAIT_S = 0.05
"""How long an output waits at most while the line has nothing to do; below what a person notices of a lamp."""

NO_ANSWER = "no-answer"
"""Reason of the readings of a unit that is taken to be dead and was not asked this time."""

LINK_DOWN = "link-down"
"""Reason of the readings of a line that is not there."""

log = logging.getLogger("edge.poller")


class Poller:
    """One Modbus line. It is the `Source` of its points, and the `Actuator` of its outputs."""

    def __init__(self, name: LinkId, units: Sequence[Unit], master: Master, timeout_s: float, outlet: Outlet) -> None:
        """Read `units` through `master`, which waits `timeout_s` for an answer."""
        self.name = name
        self._units = units
        self._master = master
        self._timeout_s = timeout_s
        self._sink = outlet.sink
        self._board = outlet.board
        self._clock = outlet.clock
        self._health = outlet.health
        self._reads = [(unit, block) for unit in units for block in unit.blocks]
        start_s = outlet.clock.monotonic_s()
        self._turns = [Turn(index, block.every_s, start_s) for index, (_, block) in enumerate(self._reads)]
        self._breakers = [Breaker() for _ in units]
        self._places: dict[PointId, tuple[int, OutputPlace]] = {
            place.point: (index, place) for index, unit in enumerate(units) for place in unit.outputs
        }
        self._puts = PutQueue()
        self._deaf = False
        """Whether the latest read brought nothing; a gateway that says that its unit is silent is something."""
        self._anew_s = start_s
        """Before this moment the line is not taken anew."""

    @property
    def outputs(self) -> Mapping[PointId, Limits]:
        """The points it can put to a value, and within which limits."""
        return {point: place.limits for point, (_, place) in self._places.items()}

    async def put(self, point: PointId, value: float) -> float:
        """Put an output to a value, and return what the device then says it holds; see `edge.ports.Actuator.put`."""
        index, place = self._places[point]
        return await self._puts.add(index, place, value)

    async def run(self) -> None:
        """Read for ever; when cancelled, give the line back."""
        try:
            while True:
                try:
                    await self._read_line()
                except LinkDownError as error:
                    self._puts.close(error)
                    self._board.down(self.name, error.reason)
                    await self._master.close()
                    await self._sit_out()
        finally:
            self._puts.close(LinkDownError(f"{self.name} is not read any more"))
            await self._master.close()

    async def _read_line(self) -> None:
        await self._master.open()
        self._board.up(self.name)
        self._puts.open()
        self._breakers = [Breaker() for _ in self._units]
        breakers = dict(zip((unit.device for unit in self._units), self._breakers, strict=True))
        for turn in self._turns:
            turn.owed = False
            turn.breaker = breakers[self._unit(turn).device]
        while True:
            await self._step()

    async def _step(self) -> None:
        """Move one output, if one waits, and make one read, if one is due: neither keeps the other waiting for long."""
        put = self._puts.take()
        if put is not None:
            await self._move(put)
        now_s = self._clock.monotonic_s()
        choice = choose(self._turns, now_s, self._timeout_s)
        if isinstance(choice, Wait):
            if put is None:
                await self._master.idle(min(choice.duration_s, PUT_WAIT_S) if self._places else choice.duration_s)
            return
        if choice.turn.due_s <= now_s:
            choice.turn.taken(now_s)
        if isinstance(choice, Report):
            await self._record_bad(choice.turn, NO_ANSWER)
        else:
            await self._ask(choice.turn)

    async def _ask(self, turn: Turn) -> None:
        unit, block = self._reads[turn.index]
        await self._begin_anew()
        try:
            reply = await self._master.ask(unit.address, block.request)
        except StreamLostError as error:
            await self._record_bad(turn, error.reason)
            raise LinkDownError(str(error), error.reason) from error
        except FrameError as error:
            self._deaf = not isinstance(error, ExceptionReplyError)
            self._health.error(self.name, unit.device, error.reason)
            await self._failed(turn, error)
            return
        self._deaf = turn.owed = False
        turn.breaker.answered()
        self._board.up(self.name, unit.device)
        self._health.frame(self.name, unit.device)
        await self._record(block, reply)

    async def _failed(self, turn: Turn, error: FrameError) -> None:
        """Tell of a failed read: at once when the unit refused, after the second miss when it was silent or garbled."""
        unit = self._unit(turn)
        if isinstance(error, ExceptionReplyError) and not error.unit_silent:
            turn.breaker.answered()
            self._board.up(self.name, unit.device)
            await self._record_bad(turn, error.reason)
            return
        turn.owed = not turn.breaker.is_open
        turn.breaker.missed(self._clock.monotonic_s())
        if turn.breaker.misses == 2:
            log.warning("%s on %s is left alone: %s", unit.device, self.name, error)
            self._board.down(self.name, error.reason, unit.device)
            for owed in [one for one in self._turns if one.breaker is turn.breaker and one.owed]:
                await self._record_bad(owed, error.reason)

    async def _begin_anew(self) -> None:
        """Take the line again before a probe, if nobody on it answers: the other side may have forgotten us."""
        now_s = self._clock.monotonic_s()
        if not self._deaf or now_s < self._anew_s or not all(breaker.is_open for breaker in self._breakers):
            return
        self._anew_s = now_s + ANEW_S
        await self._master.close()
        await self._master.open()

    async def _move(self, put: Put) -> None:
        """Write an output, read it back, and tell what it holds to whoever waits and as a reading."""
        try:
            put.succeed(await self._written(put))
        except StreamLostError as error:
            put.fail(error)
            raise LinkDownError(str(error), error.reason) from error
        except FrameError as error:
            put.fail(error)
        finally:
            put.fail(LinkDownError(f"{self.name} went while {put.place.point} was being moved"))

    async def _written(self, put: Put) -> float:
        """Return what an output holds after it was written. A unit taken to be dead is not tried: probes do that.

        An answer that was lost says nothing of what was written, so the device is asked all the same.
        """
        unit, back = self._units[put.unit], put.place.reading_back
        if self._breakers[put.unit].is_open:
            raise FrameError(NO_ANSWER, f"{unit.device} does not answer")
        try:
            await self._master.ask(unit.address, put.request)
        except (StreamLostError, ExceptionReplyError):
            raise
        except FrameError as error:
            log.info("%s on %s: %s; it is read back", unit.device, self.name, error)
        reply = await self._master.ask(unit.address, back.request)
        await self._record(back, reply)
        held = back.values[0].measure(reply)
        if held.value is None:
            raise FrameError(held.reason or "unreadable", f"{put.place.point} cannot be read back")
        return held.value

    async def _sit_out(self) -> None:
        """Tell of every read that falls due until the line is tried again."""
        again_s = self._clock.monotonic_s() + REOPEN_S
        while (now_s := self._clock.monotonic_s()) < again_s:
            for turn in self._turns:
                if turn.due_s <= now_s:
                    turn.taken(now_s)
                    await self._record_bad(turn, LINK_DOWN)
            await self._clock.sleep(min(again_s, *(turn.due_s for turn in self._turns)) - now_s)

    async def _record(self, block: Block, reply: Sequence[int]) -> None:
        now = self._clock.now()
        await self._sink.record([reading(value.point, now, value.measure(reply)) for value in block.values])

    async def _record_bad(self, turn: Turn, reason: str) -> None:
        turn.owed = False
        now = self._clock.now()
        _, block = self._reads[turn.index]
        await self._sink.record([bad_reading(value.point, now, reason) for value in block.values])

    def _unit(self, turn: Turn) -> Unit:
        return self._reads[turn.index][0]
