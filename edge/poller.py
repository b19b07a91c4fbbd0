"""Reads the units of one Modbus line at the periods of their points; a failed read is a reading of bad quality.

`turns` decides whose turn it is, `breaker` when a silent unit is asked again; this module asks, and tells.
"""

import logging
from collections.abc import Sequence

from coldport.ids import LinkId
from edge.breaker import Breaker
from edge.modbus_units import Unit
from edge.observe import bad_reading, reading
from edge.ports import LinkDownError, Master, Outlet
from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.modbus import ExceptionReplyError
from edge.turns import Report, Turn, Wait, choose

REOPEN_S = 1.0
"""A line that is gone is tried again this often, without back-off: it must come back within five seconds."""

NO_ANSWER = "no-answer"
"""Reason of the readings of a unit that is taken to be dead and was not asked this time."""

LINK_DOWN = "link-down"
"""Reason of the readings of a line that is not there."""

log = logging.getLogger("edge.poller")


class Poller:
    """One Modbus line. It is the `Source` of its points."""

    def __init__(self, name: LinkId, units: Sequence[Unit], master: Master, timeout_s: float, outlet: Outlet) -> None:
        """Read `units` through `master`, which waits `timeout_s` for an answer."""
        self.name = name
        self._units = units
        self._master = master
        self._timeout_s = timeout_s
        self._sink = outlet.sink
        self._board = outlet.board
        self._clock = outlet.clock
        start_s = outlet.clock.monotonic_s()
        self._turns = [Turn(index, unit.every_s, start_s) for index, unit in enumerate(units)]

    async def run(self) -> None:
        """Read for ever; when cancelled, give the line back."""
        try:
            while True:
                try:
                    await self._read_line()
                except LinkDownError as error:
                    self._board.down(self.name, error.reason)
                    await self._master.close()
                    await self._sit_out()
        finally:
            await self._master.close()

    async def _read_line(self) -> None:
        await self._master.open()
        self._board.up(self.name)
        for turn in self._turns:
            turn.breaker = Breaker()
        while True:
            await self._step()

    async def _step(self) -> None:
        now_s = self._clock.monotonic_s()
        choice = choose(self._turns, now_s, self._timeout_s)
        if isinstance(choice, Wait):
            await self._master.idle(choice.duration_s)
            return
        if choice.turn.due_s <= now_s:
            choice.turn.taken(now_s)
        if isinstance(choice, Report):
            await self._record_bad(choice.turn, NO_ANSWER)
        else:
            await self._ask(choice.turn)

    async def _ask(self, turn: Turn) -> None:
        unit = self._units[turn.index]
        try:
            reply = await self._master.read(unit.address, unit.request)
        except StreamLostError as error:
            await self._record_bad(turn, error.reason)
            raise LinkDownError(str(error), error.reason) from error
        except FrameError as error:
            await self._failed(turn, error)
            return
        turn.breaker.answered()
        self._board.up(self.name, unit.device)
        now = self._clock.now()
        await self._sink.record([reading(value.point, now, value.measure(reply)) for value in unit.values])

    async def _failed(self, turn: Turn, error: FrameError) -> None:
        """Tell of a failed read: at once when the unit refused, after the second miss when it was silent or garbled."""
        unit = self._units[turn.index]
        if isinstance(error, ExceptionReplyError) and not error.unit_silent:
            turn.breaker.answered()
            self._board.up(self.name, unit.device)
            await self._record_bad(turn, error.reason)
            return
        turn.breaker.missed(self._clock.monotonic_s())
        if turn.breaker.misses == 2:
            log.warning("%s on %s is left alone: %s", unit.device, self.name, error)
            self._board.down(self.name, error.reason, unit.device)
            await self._record_bad(turn, error.reason)

    async def _sit_out(self) -> None:
        """Tell of every read that falls due until the line is tried again."""
        again_s = self._clock.monotonic_s() + REOPEN_S
        while (now_s := self._clock.monotonic_s()) < again_s:
            for turn in self._turns:
                if turn.due_s <= now_s:
                    turn.taken(now_s)
                    await self._record_bad(turn, LINK_DOWN)
            await self._clock.sleep(min(again_s, *(turn.due_s for turn in self._turns)) - now_s)

    async def _record_bad(self, turn: Turn, reason: str) -> None:
        now = self._clock.now()
        await self._sink.record([bad_reading(value.point, now, reason) for value in self._units[turn.index].values])
