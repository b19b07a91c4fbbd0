"""One line, read as an agent would, without one: no spool, no bus, and everything that happens is told.

The drivers are the agent's own, so what a visit shows is what an agent would record. A serial port is taken for this
process alone, and only lines of the site's file can be visited.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec

from coldport.clock import Clock
from coldport.errors import NotFoundError, RefusedError
from coldport.ids import LinkId
from coldport.messages.observation import Observation
from coldport.site import Site
from edge.lines.gateway import Line, Profile
from edge.lines.modbus import ModbusDevice, ModbusLine, ModbusRtuLine, ModbusTcpLine
from edge.lines.vendor import UplinkDevice, UplinkLine
from edge.ports import Links, Outlet, Source
from edge.settings import Wiring
from edge.sources.around import Around
from edge.sources.build import source_of
from edge.tools.tap import TapLinks, Way

AWAY = "the line is held by another program, most likely the site's own agent: stop that first, or look at its readings"
"""What a technician is told when a port or a reader is occupied."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """Bytes on the line."""

    at: datetime
    way: Way
    data: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What a driver made of them."""

    observation: Observation


@dataclass(frozen=True, slots=True)
class Stands:
    """A line, or a device on it, is up, or down for a reason."""

    at: datetime
    name: str
    reason: str | None


Event = Crossed | Seen | Stands
Tell = Callable[[Event], None]


class _Outlet:
    """Sink, board and health of a visit: all of it is told. A state is told when it changes."""

    def __init__(self, clock: Clock, tell: Tell) -> None:
        self._clock = clock
        self._tell = tell
        self._states: dict[str, str | None] = {}

    async def record(self, observations: Sequence[Observation]) -> None:
        for observation in observations:
            self._tell(Seen(observation))

    def up(self, link: LinkId, device: str | None = None) -> None:
        self._stand(device or link, None)

    def down(self, link: LinkId, reason: str, device: str | None = None) -> None:
        self._stand(device or link, reason)

    def _stand(self, name: str, reason: str | None) -> None:
        if name not in self._states or self._states[name] != reason:
            self._states[name] = reason
            self._tell(Stands(self._clock.now(), name, reason))

    def frame(
        self, link: LinkId, device: str, *, rssi_dbm: int | None = None, battery_percent: float | None = None
    ) -> None:
        """Do nothing: what was heard is told as bytes."""

    def error(self, link: LinkId, device: str, reason: str) -> None:
        """Do nothing: what was spoiled is told as a bad reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The site whose lines may be visited, and what they are reached by."""

    site: Site
    wiring: Wiring
    links: Links
    clock: Clock

    def line(self, name: str) -> Line:
        """Return a line by its own name or by that of a device on it, then with this device alone.

        Raises:
            NotFoundError: `edge.toml` has neither.
        """
        for line in self.wiring.settings.lines:
            if line.id == name:
                return line
            if isinstance(line, ModbusRtuLine | ModbusTcpLine | UplinkLine):
                for device in line.devices:
                    if device.id == name:
                        return _alone(line, device)
        names = ", ".join(line.id for line in self.wiring.settings.lines)
        raise NotFoundError(f"edge.toml has no line or device {name!r}; its lines are {names}")

    def line_of(self, point: str) -> Line:
        """Return the line that feeds a point, with the device and the value of that point alone.

        Raises:
            NotFoundError: No line feeds it.
        """
        for line in self.wiring.settings.lines:
            if isinstance(line, ModbusRtuLine | ModbusTcpLine | UplinkLine):
                for device in line.devices:
                    for name, fed in device.points.items():
                        if fed == point:
                            return _alone(line, msgspec.structs.replace(device, points={name: fed}))
            elif line.point == point:
                return line
        raise NotFoundError(f"no line of edge.toml feeds a point {point!r}")

    def modbus_line(self, name: str) -> ModbusLine:
        """Return a Modbus line by its name.

        Raises:
            NotFoundError: There is no such line.
            RefusedError: It is of another kind.
        """
        line = self.line(name)
        if not isinstance(line, ModbusRtuLine | ModbusTcpLine) or line.id != name:
            raise RefusedError(f"{name!r} is no Modbus line")
        return line

    def profile_of(self, line: Line) -> Profile | None:
        """Return the profile of a line with one device, None for a line with several."""
        if isinstance(line, ModbusRtuLine | ModbusTcpLine | UplinkLine):
            return None
        return self.wiring.profiles[line.profile]

    def around(self, tell: Tell) -> Around:
        """Return what a source is built out of, so that all that happens is told."""
        told = _Outlet(self.clock, tell)
        return Around(
            points=self.site.points(),
            profiles=self.wiring.profiles,
            links=TapLinks(self.links, lambda way, data: tell(Crossed(self.clock.now(), way, data))),
            outlet=Outlet(told, told, self.clock, told),
        )

    def source(self, line: Line, tell: Tell) -> Source:
        """Return the source of a line; `tell` hears everything while it runs."""
        return source_of(line, self.around(tell))


def _alone(line: ModbusLine | UplinkLine, device: ModbusDevice | UplinkDevice) -> Line:
    return msgspec.structs.replace(line, devices=(device,))


async def visit(source: Source, until: asyncio.Event, clock: Clock, within_s: float) -> bool:
    """Run a source until `until` or for `within_s`; return whether `until` came. The line is given back first.

    Raises:
        Exception: Whatever ended the source; a driver does not end by itself.
    """
    running = asyncio.create_task(source.run())
    wanted = asyncio.create_task(until.wait())
    alarm = asyncio.ensure_future(clock.sleep(within_s))
    try:
        await asyncio.wait({running, wanted, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        return until.is_set()
    finally:
        wanted.cancel()
        alarm.cancel()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def fields(observation: Observation) -> Iterator[tuple[str, object]]:
    """Yield what an observation says beside its point and its times; what is absent is left out."""
    for name, value in msgspec.structs.asdict(observation).items():
        if name not in ("seq", "point", "observed_at", "spooled_at") and value not in (None, ()):
            yield name, value
