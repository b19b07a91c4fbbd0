"""The units of a Modbus line, out of the site's words: one request each, and where its values stand in the reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coldport.ids import PointId
from coldport.site import Point
from edge.lines.gateway import Profile
from edge.lines.modbus import ModbusDevice, ModbusLine, ModbusProfile, RegisterValue
from edge.points import BitScale, Measured, RegisterScale
from edge.protocols.modbus import ReadRequest


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a unit: its place in the reply, how it is scaled, and the point it is."""

    point: PointId
    offset: int
    scale: RegisterScale | BitScale

    def measure(self, reply: Sequence[int]) -> Measured:
        """Return the value out of the unit's reply."""
        if isinstance(self.scale, BitScale):
            return self.scale.measure(reply[self.offset])
        return self.scale.measure(reply[self.offset : self.offset + self.scale.type.registers])


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the line: its address, the one request that reads it, its values, and how often it is read."""

    device: str
    address: int
    request: ReadRequest
    values: tuple[Value, ...]
    every_s: float


def units_of(line: ModbusLine, profiles: Mapping[str, Profile], points: Mapping[PointId, Point]) -> tuple[Unit, ...]:
    """Return the units of a line that `edge.settings` has found whole.

    A unit is read as often as its most eager point wants, in one request from its first value to its last.
    """
    return tuple(
        _unit(device, profile, points)
        for device in line.devices
        if isinstance(profile := profiles[device.profile], ModbusProfile)
    )


def _unit(device: ModbusDevice, profile: ModbusProfile, points: Mapping[PointId, Point]) -> Unit:
    wanted = [(profile.values[name], PointId(point)) for name, point in device.points.items()]
    first = min(value.address for value, _ in wanted)
    end = max(value.address + (value.type.registers if isinstance(value, RegisterValue) else 1) for value, _ in wanted)
    return Unit(
        device=device.id,
        address=device.unit,
        request=ReadRequest(profile.function.function, first, end - first),
        values=tuple(Value(point, value.address - first, value) for value, point in wanted),
        every_s=min(points[point].every_s for _, point in wanted),
    )
