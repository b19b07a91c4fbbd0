"""Modbus lines, the units on them, and the profiles of what the units are."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct, field

from coldport.ids import Id
from coldport.site import Quantity
from edge.lines.base import DeviceType, Seconds, Serial, Tcp
from edge.points import BitScale, RegisterScale
from edge.protocols.modbus import BIT_LIMIT, REGISTER_LIMIT, Function

Address = Annotated[int, Meta(ge=0, le=65_535)]

MERGE_GAP = 16
"""Addresses read in vain before a second request is cheaper: 16 registers take 37 ms at 9600 baud, a request 40 ms."""

SWITCHED = (Quantity.DOOR, Quantity.RUNNING, Quantity.DEFROST, Quantity.BEAM)
"""What one input can say: 0 or 1."""

NEVER_MODBUS = (Quantity.TAGS, Quantity.MASS, Quantity.FILL, Quantity.CLOCK_OFFSET)
"""Seen by readers and scales, or by the gateway of itself."""


class ReadBy(StrEnum):
    """The Modbus function that reads a value."""

    COILS = "coils"
    DISCRETE_INPUTS = "discrete-inputs"
    HOLDING_REGISTERS = "holding-registers"
    INPUT_REGISTERS = "input-registers"

    @property
    def function(self) -> Function:
        """The function code."""
        return Function[self.name]


class RegisterValue(RegisterScale, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value in the registers of a device: where, what it measures, and how it is scaled.

    `function` is how it is read where that is not how the profile's others are.
    """

    address: Address
    quantity: Quantity
    function: ReadBy | None = None


class InputValue(BitScale, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input of a device: 1 is open, running, broken."""

    address: Address
    quantity: Quantity = Quantity.DOOR
    function: ReadBy | None = None


class CoilOutput(BitScale, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="at", tag="coil"):
    """An output that is a coil: 1 is on."""

    address: Address
    quantity: Quantity

    @property
    def function(self) -> ReadBy:
        """How it is read back."""
        return ReadBy.COILS


class RegisterOutput(
    RegisterScale, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="at", tag="register"
):
    """An output that is a holding register. `minimum` and `maximum` are the ends of what it may be put to.

    `multiple` is for a device that takes function 16 only; two registers are always written by it, together.
    """

    address: Address
    quantity: Quantity
    multiple: bool = False

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, an output that could be put to anything."""
        super().__post_init__()
        if self.minimum is None or self.maximum is None:
            raise ValueError("an output needs `minimum` and `maximum`: what it may be put to")

    @property
    def function(self) -> ReadBy:
        """How it is read back."""
        return ReadBy.HOLDING_REGISTERS


Output = CoilOutput | RegisterOutput
Value = RegisterValue | InputValue | Output


def width(value: Value) -> int:
    """Return how many addresses a value takes."""
    return value.type.registers if isinstance(value, RegisterScale) else 1


class ModbusProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="modbus"):
    """A type of Modbus device. Its values and outputs are given to points by `edge.toml`.

    `function` reads the values that name none of their own. `merge_gap` is how many addresses between two values are
    read in vain rather than asked around; 0 for a device that refuses addresses it does not have. `fastest_s` is the
    shortest period the device bears.
    """

    function: ReadBy | None = None
    registers: dict[str, RegisterValue] = field(default_factory=dict)
    inputs: dict[str, InputValue] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    merge_gap: Annotated[int, Meta(ge=0, le=120)] = MERGE_GAP
    fastest_s: Annotated[float, Meta(ge=0, le=60)] = 0.0

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, values that cannot be read, or lie over one another, or measure the impossible."""
        for problem in (*self._twice(), *self._unreadable(), *self._overlaps()):
            raise ValueError(problem)

    @property
    def values(self) -> dict[str, Value]:
        """All that can be read of this type of device, by name; outputs are read back."""
        return {**self.registers, **self.inputs, **self.outputs}

    def function_of(self, value: Value) -> Function:
        """Return how a value of this profile is read."""
        read_by = value.function or self.function
        if read_by is None:
            raise ValueError("neither the profile nor the value says which `function` reads it")
        return read_by.function

    def _twice(self) -> Iterator[str]:
        if not self.values:
            yield "a profile has at least one of registers, inputs, outputs"
        if len(self.values) < len(self.registers) + len(self.inputs) + len(self.outputs):
            yield "one name stands for two of its registers, inputs, outputs"

    def _unreadable(self) -> Iterator[str]:
        for name, value in self.values.items():
            reads_bits = self.function_of(value).reads_bits
            if reads_bits is isinstance(value, RegisterScale):
                yield f"{name}: {value.function or self.function} reads {'inputs' if reads_bits else 'registers'} only"
            if value.address + width(value) > 0x1_0000:
                yield f"{name}: address {value.address} leaves no room for its {width(value)} registers"
            if value.quantity.is_output is not isinstance(value, Output):
                yield f"{name}: {value.quantity} is {'an output' if value.quantity.is_output else 'no output'}"
            if value.quantity in NEVER_MODBUS:
                yield f"{name}: {value.quantity} does not come over Modbus"
            if isinstance(value, InputValue) and value.quantity not in SWITCHED:
                yield f"{name}: an input says 0 or 1, it does not measure {value.quantity}"

    def _overlaps(self) -> Iterator[str]:
        for function in Function:
            here = sorted(
                (value.address, width(value), name)
                for name, value in self.values.items()
                if self.function_of(value) is function
            )
            for (first, taken, name), (second, _, other) in pairwise(here):
                if first + taken > second:
                    yield f"{name} and {other} lie over one another at address {second}"


class ModbusDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit on a Modbus line; `points` gives values and outputs of its profile to points of the site."""

    id: Id
    unit: Annotated[int, Meta(ge=0, le=255)]
    profile: str
    points: Annotated[dict[str, Id], Meta(min_length=1)]


class ModbusRtuLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="modbus-rtu"):
    """Modbus with CRC frames: on a serial line, or unchanged over TCP through a serial server."""

    id: Id
    devices: Annotated[tuple[ModbusDevice, ...], Meta(min_length=1)]
    serial: Serial | None = None
    tcp: Tcp | None = None
    timeout_s: Seconds = 0.35


class ModbusTcpLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="modbus-tcp"):
    """Modbus over TCP with its own header."""

    id: Id
    devices: Annotated[tuple[ModbusDevice, ...], Meta(min_length=1)]
    tcp: Tcp
    timeout_s: Seconds = 0.4


ModbusLine = ModbusRtuLine | ModbusTcpLine


def longest_read(function: Function) -> int:
    """Return how many values one request may ask for."""
    return BIT_LIMIT if function.reads_bits else REGISTER_LIMIT
