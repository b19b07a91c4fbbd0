"""Stands in for control: looks every second, and moves lamps and sirens of this gateway while nobody else does."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from coldport.clock import Clock
from coldport.ids import PointId
from coldport.messages.observation import Observation, Reading
from coldport.site import Point, Quantity
from coldport.supervise import for_ever
from edge.lines.gateway import STAND_IN
from edge.lines.stand_in import StandIn
from edge.ports import Actuator, Board, LinkDownError, Spool
from edge.protocols.framing import FrameError
from edge.stand_in.watch import Call, Watch

LOOK_S = 1.0
"""How often it is looked whether something is to be done; a put that failed is tried again as often."""

log = logging.getLogger("edge.stand_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a deputy works with: the site's points, who moves each output at the moment, the spool, board and clock."""

    points: Mapping[PointId, Point]
    actuators: Callable[[], Mapping[PointId, Actuator]]
    spool: Spool
    board: Board
    clock: Clock


class Deputy:
    """Does what `[stand_in]` says.

    Control is heard when it confirms what was spooled: then it has recorded it, and judged it. Its birth counts only
    while nothing waits to be confirmed, because a control that is there and takes nothing judges nothing.
    """

    def __init__(self, settings: StandIn, post: Post) -> None:
        """Begin now."""
        self.name = STAND_IN
        self._settings = settings
        self._post = post
        self._clock = post.clock
        self._watch = Watch(settings, self._clock.monotonic_s())
        self._confirmed = self._count_confirmed()
        self._call = Call(silent=False)
        self._put: dict[PointId, float] = {}
        self._failed: dict[PointId, str | None] = {}

    async def run(self) -> None:
        """Look for ever."""
        await for_ever("the stand-in", self._look, self._clock)

    def control_is_there(self, _session: str) -> None:
        """Take in a birth of control."""
        if self._post.spool.held == 0:
            self._watch.heard(self._clock.monotonic_s())

    def see(self, observations: Iterable[Observation]) -> None:
        """Look at what is being recorded. What was kept in a device for a while is as old as it says."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        for observation in observations:
            if isinstance(observation, Reading):
                age_s = (now - observation.observed_at).total_seconds()
                self._watch.see(observation.point, observation.value, age_s, now_s)

    async def _look(self) -> None:
        confirmed = self._count_confirmed()
        if confirmed > self._confirmed:
            self._watch.heard(self._clock.monotonic_s())
        self._confirmed = confirmed
        call = self._watch.decide(self._clock.monotonic_s())
        self._tell(call)
        await self._move(call)
        await self._clock.sleep(LOOK_S)

    def _count_confirmed(self) -> int:
        spool = self._post.spool
        return spool.last - spool.held - spool.dropped

    def _tell(self, call: Call) -> None:
        if call.out != self._call.out and call.out:
            log.warning("control is silent, and these are out: %s", ", ".join(call.out))
        self._call = call
        if not call.silent:
            self._post.board.up(STAND_IN)
        else:
            self._post.board.down(STAND_IN, "calling" if call.out else "control-silent")

    async def _move(self, call: Call) -> None:
        """Move the outputs that are not as they should be. What this gateway did not put on it does not put off."""
        actuators = self._post.actuators()
        for point in map(PointId, self._settings.outputs):
            is_siren = self._post.points[point].quantity is Quantity.SIREN
            value = float(call.siren if is_siren else bool(call.out))
            if self._put.get(point, 0.0) == value:
                continue
            reason = await _put(actuators.get(point), point, value)
            if reason is None:
                self._put[point] = value
                because = "is silent" if call.silent else "is back"
                log.warning("%s was put to %g, because control %s", point, value, because)
            elif self._failed.get(point) != reason:
                log.error("%s could not be put to %g: %s", point, value, reason)
            self._failed[point] = reason


async def _put(actuator: Actuator | None, point: PointId, value: float) -> str | None:
    """Move an output; return the reason why it was not moved, or None."""
    if actuator is None:
        return "no-line-moves-it"
    try:
        await actuator.put(point, value)
    except (FrameError, LinkDownError) as error:
        return error.reason
    return None
