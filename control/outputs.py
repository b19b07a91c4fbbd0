"""Outputs of the site: what each should be, by whoever has a say, and the commands that make it so.

The order goes to the edge with an expiry and is read back, so a lamp or a diverter that does not follow is seen (the
alarms of kind UNFOLLOWED judge that); and it is given again until it does. What an output should be follows from the
journal: after a restart it is what it was.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.command import Command
from control.inspection.floor import Floor
from control.inspection.lane.outputs import wanted
from control.ports import Latest

LOOK_S = 0.1
"""A parcel moves on: its diverter has to lie right within the blink of an eye."""
AGAIN_S = 15.0
"""After an order that was not followed it is given again; three of the longest time a device takes to follow."""
LIFE_S = 10.0
"""An order that comes later than this is not carried out: by then the next one says what holds."""


class Output(NamedTuple):
    """A point that can be put to a value, and the gateway it hangs on."""

    gateway: str
    point: str


class Say(NamedTuple):
    """Who has a say, and what it wants each of its outputs to be at a moment."""

    who: str
    wanted: Callable[[datetime], Mapping[Output, float]]


class Floors(Protocol):
    """Who has a floor."""

    @property
    def floor(self) -> Floor:
        """The inspection centre, which may be another one after a failed write: ask each time."""
        ...


def wanted_by_lanes(desk: Floors, now: datetime) -> Mapping[Output, float]:
    """Return what the lanes want of their lamps and diverters."""
    lanes = desk.floor.lanes
    if lanes is None:
        return {}
    return {
        Output(one.outputs.gateway, point): value
        for one in lanes.settings
        if one.outputs is not None
        for point, value in wanted(one.outputs, lanes.shown(one.id), now).items()
    }


class Commander:
    """Gives the orders. What an output is now it knows by what was read back, never by what it ordered."""

    def __init__(
        self,
        site: SiteId,
        says: Sequence[Say],
        latest: Callable[[], Mapping[PointId, Latest]],
        clock: Clock,
        make_id: Callable[[], str],
    ) -> None:
        """Make outputs of `site` be what `says` want; of two who want the same, the first. `make_id` makes UUIDs."""
        self._site = site
        self._says = says
        self._latest = latest
        self._clock = clock
        self._make_id = make_id
        self._ordered: dict[Output, tuple[float, float]] = {}

    async def step(self, bus: Bus) -> None:
        """Look once and rest: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The broker is away.
        """
        now, now_s, latest = self._clock.now(), self._clock.monotonic_s(), self._latest()
        for output, (value, who) in self._wanted(now).items():
            seen = latest.get(PointId(output.point))
            ordered, ordered_s = self._ordered.get(output, (-1.0, float("-inf")))
            if (seen is not None and seen.value == value) or (ordered == value and now_s - ordered_s < AGAIN_S):
                continue
            command = Command(
                id=self._make_id(),
                point=output.point,
                value=value,
                issued_at=now,
                expires_at=now + timedelta(seconds=LIFE_S),
                issued_by=f"control: {who}",
            )
            await bus.publish(Outgoing(topics.commands(self._site, GatewayId(output.gateway)), encode(command)))
            self._ordered[output] = (value, now_s)  # only now: what the broker did not take was not ordered
        await self._clock.sleep(LOOK_S)

    def _wanted(self, now: datetime) -> dict[Output, tuple[float, str]]:
        wanted: dict[Output, tuple[float, str]] = {}
        for say in self._says:
            for output, value in say.wanted(now).items():
                wanted.setdefault(output, (value, say.who))
        return wanted
