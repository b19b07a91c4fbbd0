"""Lamps, sirens and diverters of the site: what each should be, who says so, and the commands that make it so.

The order goes to the edge with an expiry and is read back, so an output that does not follow is seen (the alarms of
kind UNFOLLOWED judge that); and it is given again until it does. What is wanted is asked anew at each look, of what the
journal says, so a restart changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.command import Command
from control.inspection.lane.engine import Lanes
from control.inspection.lane.outputs import wanted
from control.inspection.lane.settings import InspectionFile
from control.ports import Latest

LOOK_S = 0.5
AGAIN_S = 15.0
"""After an order that was not followed it is given again; three of the longest time a device takes to follow."""
LIFE_S = 10.0
"""An order that comes later than this is not carried out: by then the next one says what holds."""


class Wish(NamedTuple):
    """An output of a gateway should have a value; `by` says so."""

    point: str
    gateway: str
    value: float
    by: str


Wishes = Callable[[datetime], Iterable[Wish]]
"""All that somebody wants of outputs at a moment."""


def lane_wishes(lanes: Lanes, file: InspectionFile) -> Wishes:
    """Return what the verdicts of lanes want of their lamps and diverters."""

    def wishes(now: datetime) -> Iterable[Wish]:
        for lane in file.lanes:
            if lane.outputs is not None:
                for point, value in wanted(lane.outputs, lanes.shown(lane.id), now).items():
                    yield Wish(point, lane.outputs.gateway, value, "control: lanes")

    return wishes


class Orders:
    """Gives the orders. What an output is now it knows by what was read back, never by what it ordered."""

    def __init__(
        self,
        site: SiteId,
        wishes: Sequence[Wishes],
        latest: Callable[[], Mapping[PointId, Latest]],
        clock: Clock,
        make_id: Callable[[], str],
    ) -> None:
        """Make outputs of `site` follow `wishes`; of two for one output the first counts. `make_id` makes UUIDs."""
        self._site = site
        self._wishes = wishes
        self._latest = latest
        self._clock = clock
        self._make_id = make_id
        self._ordered: dict[str, tuple[float, float]] = {}

    async def step(self, bus: Bus) -> None:
        """Look once and rest: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The broker is away.
        """
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        latest, looked_at = self._latest(), set[str]()
        for wish in (wish for wishes in self._wishes for wish in wishes(now)):
            if wish.point in looked_at:
                continue
            looked_at.add(wish.point)
            seen = latest.get(PointId(wish.point))
            ordered, ordered_s = self._ordered.get(wish.point, (-1.0, float("-inf")))
            if (seen is not None and seen.value == wish.value) or (
                ordered == wish.value and now_s - ordered_s < AGAIN_S
            ):
                continue
            self._ordered[wish.point] = (wish.value, now_s)
            command = Command(
                id=self._make_id(),
                point=wish.point,
                value=wish.value,
                issued_at=now,
                expires_at=now + timedelta(seconds=LIFE_S),
                issued_by=wish.by,
            )
            await bus.publish(Outgoing(topics.commands(self._site, GatewayId(wish.gateway)), encode(command)))
        await self._clock.sleep(LOOK_S)
