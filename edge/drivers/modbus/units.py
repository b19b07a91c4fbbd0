"""The units of a Modbus line, out of the site's words: what is asked of each, how often, and where its values stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coldport.ids import PointId
from coldport.site import Point
from edge.lines.gateway import Profile
from edge.lines.modbus import CoilOutput, ModbusDevice, ModbusLine, ModbusProfile, Output, longest_read, width
from edge.lines.modbus import Value as ProfileValue
from edge.points import BitScale, Measured, RegisterScale
from edge.ports import Limits
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_write import WriteFunction, WriteRequest


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a unit: its place in the reply, how it is scaled, and the point it is."""

    point: PointId
    offset: int
    scale: RegisterScale | BitScale

    def measure(self, reply: Sequence[int]) -> Measured:
        """Return the value out of the reply."""
        if isinstance(self.scale, BitScale):
            return self.scale.measure(reply[self.offset])
        return self.scale.measure(reply[self.offset : self.offset + self.scale.type.registers])


@dataclass(frozen=True, slots=True)
class Block:
    """What one request reads of a unit, and how often."""

    request: ReadRequest
    values: tuple[Value, ...]
    every_s: float


@dataclass(frozen=True, slots=True)
class OutputPlace:
    """Where an output of a unit is: how a value is written there, and how it is read back."""

    point: PointId
    output: Output

    @property
    def limits(self) -> Limits:
        """What it may be put to."""
        if isinstance(self.output, CoilOutput):
            return Limits(0.0, 1.0, 1.0)
        low, high = self.output.minimum, self.output.maximum
        if low is None or high is None:
            raise AssertionError("a profile lets no such output through")
        return Limits(low, high, abs(self.output.scale))

    def writing(self, value: float) -> WriteRequest:
        """Return the request that puts it to `value`, which is within its limits; else a ValueError."""
        output = self.output
        if isinstance(output, CoilOutput):
            return WriteRequest(WriteFunction.COIL, output.address, (output.bit_of(value),))
        registers = output.registers_of(value)
        several = output.multiple or len(registers) > 1
        return WriteRequest(WriteFunction.REGISTERS if several else WriteFunction.REGISTER, output.address, registers)

    @property
    def reading_back(self) -> Block:
        """What is asked to know where it is; it has no period."""
        request = ReadRequest(self.output.function.function, self.output.address, width(self.output))
        return Block(request, (Value(self.point, 0, self.output),), 0.0)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the line: its address, what is asked of it, and the outputs it has."""

    device: str
    address: int
    blocks: tuple[Block, ...]
    outputs: tuple[OutputPlace, ...] = ()


def units_of(line: ModbusLine, profiles: Mapping[str, Profile], points: Mapping[PointId, Point]) -> tuple[Unit, ...]:
    """Return the units of a line that `edge.settings` has found whole."""
    return tuple(
        _unit(device, profile, points)
        for device in line.devices
        if isinstance(profile := profiles[device.profile], ModbusProfile)
    )


def _unit(device: ModbusDevice, profile: ModbusProfile, points: Mapping[PointId, Point]) -> Unit:
    wanted = [(PointId(point), profile.values[name]) for name, point in device.points.items()]
    together: dict[tuple[Function, float], list[tuple[PointId, ProfileValue]]] = {}
    for point, value in wanted:
        together.setdefault((profile.function_of(value), points[point].every_s), []).append((point, value))
    blocks = [
        _block(function, every_s, part)
        for (function, every_s), values in together.items()
        for part in _parts(values, profile.merge_gap, longest_read(function))
    ]
    outputs = tuple(OutputPlace(point, value) for point, value in wanted if isinstance(value, Output))
    return Unit(device.id, device.unit, tuple(blocks), outputs)


def _parts(
    values: list[tuple[PointId, ProfileValue]], gap: int, longest: int
) -> Iterator[list[tuple[PointId, ProfileValue]]]:
    """Yield the values in runs that one request reads: no hole wider than `gap`, no run longer than `longest`."""
    part: list[tuple[PointId, ProfileValue]] = []
    for point, value in sorted(values, key=lambda one: one[1].address):
        if part:
            first, last = part[0][1], part[-1][1]
            hole = value.address - last.address - width(last)
            if hole > gap or value.address + width(value) - first.address > longest:
                yield part
                part = []
        part.append((point, value))
    yield part


def _block(function: Function, every_s: float, values: list[tuple[PointId, ProfileValue]]) -> Block:
    first, last = values[0][1], values[-1][1]
    return Block(
        ReadRequest(function, first.address, last.address + width(last) - first.address),
        tuple(Value(point, value.address - first.address, value) for point, value in values),
        every_s,
    )
