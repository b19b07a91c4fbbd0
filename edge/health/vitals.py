"""How the gateway itself does: its clock on the board each second, its spool and its clock as readings every ten."""

from coldport.clock import Clock
from coldport.ids import LinkId, PointId
from coldport.messages.observation import Observation
from edge.health.clock_watch import ClockState, ClockWatch
from edge.lines.gateway import CLOCK, GatewayPoints
from edge.observe import bad_reading, reading
from edge.points import Measured
from edge.ports import Board, Sink, Spool

LOOK_S = 1.0
"""How often the wall clock is held against the monotonic one."""

EVERY_S = 10.0
"""How often the readings are taken: a spool fills, and a clock drifts, more slowly."""


class Vitals:
    """The gateway's own points. It is their `Source`."""

    def __init__(
        self, points: GatewayPoints, spool: Spool, watch: ClockWatch, sink: Sink, board: Board, clock: Clock
    ) -> None:
        """Tell of `spool` and `watch`."""
        self.name = LinkId("gateway")
        self._points = points
        self._spool = spool
        self._watch = watch
        self._sink = sink
        self._board = board
        self._clock = clock

    async def run(self) -> None:
        """Look and tell for ever."""
        due_s = self._clock.monotonic_s()
        while True:
            now_s = self._clock.monotonic_s()
            self._watch.look(self._clock.now(), now_s)
            state = self._watch.state(now_s)
            self._show(state)
            if now_s >= due_s:
                due_s = now_s + EVERY_S
                readings = self._readings(state)
                if readings:
                    await self._sink.record(readings)
            await self._clock.sleep(LOOK_S)

    def _show(self, state: ClockState) -> None:
        if state is ClockState.TRUSTED:
            self._board.up(CLOCK)
        elif state is not ClockState.STARTING:
            self._board.down(CLOCK, state)

    def _readings(self, state: ClockState) -> list[Observation]:
        now = self._clock.now()
        found: list[Observation] = []
        if self._points.spool is not None:
            fill_percent = 100.0 * self._spool.held / self._spool.limit
            found.append(reading(PointId(self._points.spool), now, Measured(round(fill_percent, 3))))
        if self._points.clock is not None:
            point, offset_s = PointId(self._points.clock), self._watch.offset_s
            if offset_s is None:
                found.append(bad_reading(point, now, state))
            else:
                found.append(reading(point, now, Measured(round(offset_s, 3))))
        return found
