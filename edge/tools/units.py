"""Which units a Modbus line has, and which device types could be what answers. It only reads, whatever happens.

A unit is there when it answers anything, a refusal included. A device type fits when all it would be read for can be
read and is within its range; several can fit, because most transmitters keep two numbers at 0 and 1. Who knows what the
device shows, or has its maker's manual, decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coldport.ids import PointId
from coldport.messages.observation import Quality
from coldport.site import Point
from edge.drivers.modbus.units import Block, units_of
from edge.lines.base import Tcp
from edge.lines.gateway import Profile
from edge.lines.modbus import ModbusDevice, ModbusProfile, ModbusTcpLine
from edge.ports import Master
from edge.protocols.framing import FrameError
from edge.protocols.modbus import ExceptionReplyError, Function, ReadRequest

KNOCKS = (
    ReadRequest(Function.HOLDING_REGISTERS, 0, 1),
    ReadRequest(Function.INPUT_REGISTERS, 0, 1),
    ReadRequest(Function.COILS, 0, 1),
    ReadRequest(Function.DISCRETE_INPUTS, 0, 1),
)
"""What a unit is asked, until it answers: some are silent at a function they do not have, instead of refusing it."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A device type that a unit could be, and what would be read of it, by name."""

    profile: str
    title: str
    values: Mapping[str, float]
    ranged: int
    """How many of the values have a range that they are in: the more, the less of it is chance."""


async def answers(master: Master, unit: int) -> bool:
    """Return whether a unit says anything that can be read, be it a refusal.

    Raises:
        LinkDownError: The line is gone.
    """
    for request in KNOCKS:
        try:
            await master.ask(unit, request)
        except ExceptionReplyError as refusal:
            if refusal.unit_silent:
                continue
        except FrameError:
            continue
        return True
    return False


class UnitReader:
    """Reads one unit. The same request is not made twice: what device types ask for is much the same."""

    def __init__(self, master: Master, unit: int) -> None:
        """Read `unit` through `master`."""
        self._master = master
        self._unit = unit
        self._replies: dict[ReadRequest, Sequence[int] | None] = {}

    async def fits(self, profiles: Mapping[str, ModbusProfile]) -> list[Fit]:
        """Return which of the profiles fit, those with most values within a range first.

        Raises:
            LinkDownError: The line is gone.
        """
        found = [fit for name, profile in profiles.items() if (fit := await self._fit(name, profile)) is not None]
        return sorted(found, key=lambda fit: (-fit.ranged, fit.profile))

    async def _fit(self, name: str, profile: ModbusProfile) -> Fit | None:
        values: dict[str, float] = {}
        for block in blocks_of(profile):
            reply = await self._reply(block.request)
            if reply is None:
                return None
            for value in block.values:
                measured = value.measure(reply)
                if measured.value is None or measured.quality is Quality.BAD:
                    return None
                values[value.point] = measured.value
        ranged = sum(getattr(value, "minimum", None) is not None for value in profile.values.values())
        return Fit(name, profile.title, values, ranged)

    async def _reply(self, request: ReadRequest) -> Sequence[int] | None:
        if request not in self._replies:
            try:
                self._replies[request] = await self._master.ask(self._unit, request)
            except FrameError:
                self._replies[request] = None
        return self._replies[request]


def blocks_of(profile: ModbusProfile) -> Sequence[Block]:
    """Return what is asked to read all values of a device type; each value's point has the value's own name."""
    points = {
        PointId(name): Point(id=name, quantity=value.quantity, every_s=max(1.0, profile.fastest_s))
        for name, value in profile.values.items()
    }
    device = ModbusDevice(id="unit", unit=1, profile="type", points={name: name for name in points})
    line = ModbusTcpLine(id="line", devices=(device,), tcp=Tcp(host="nowhere", port=1))
    profiles: dict[str, Profile] = {"type": profile}
    return units_of(line, profiles, points)[0].blocks


def ranges(text: str) -> Iterator[int]:
    """Yield the numbers of a text such as `1-20,31`; raises ValueError for anything else."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def allowed(units: Iterable[int], highest: int) -> list[int]:
    """Return the units in order, each once; raises ValueError for none, and for one outside `1..highest`."""
    wanted = sorted(set(units))
    if not wanted or wanted[0] < 1 or wanted[-1] > highest:
        raise ValueError(f"units are 1 to {highest}")
    return wanted
