"""Modbus lines, the units on them, and the profiles of what the units are."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from coldport.ids import Id
from coldport.site import Quantity
from edge.lines.base import DeviceType, Seconds, Serial, Tcp
from edge.points import BitScale, RegisterScale
from edge.protocols.modbus import Function

Address = Annotated[int, Meta(ge=0, le=65_535)]


class RegisterValue(RegisterScale, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value in the registers of a device: where, what it measures, and how it is scaled."""

    address: Address
    quantity: Quantity


class InputValue(BitScale, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input of a device: 1 is open."""

    address: Address
    quantity: Quantity = Quantity.DOOR


class ReadBy(StrEnum):
    """The Modbus function that reads a device."""

    COILS = "coils"
    DISCRETE_INPUTS = "discrete-inputs"
    HOLDING_REGISTERS = "holding-registers"
    INPUT_REGISTERS = "input-registers"

    @property
    def function(self) -> Function:
        """The function code."""
        return Function[self.name]


class ModbusProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="modbus"):
    """A type of Modbus device. Its values are given to points by `edge.toml`."""

    function: ReadBy
    registers: dict[str, RegisterValue] = field(default_factory=dict)
    inputs: dict[str, InputValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, values that the function cannot read."""
        if not self.values or (self.registers and self.inputs):
            wanted = "inputs" if self.function.function.reads_bits else "registers"
            raise ValueError(f"a profile read by {self.function} has {wanted} only")

    @property
    def values(self) -> dict[str, RegisterValue] | dict[str, InputValue]:
        """The values of this kind of device by name."""
        return self.inputs if self.function.function.reads_bits else self.registers


class ModbusDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit on a Modbus line; `points` gives values of its profile to points of the site."""

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
