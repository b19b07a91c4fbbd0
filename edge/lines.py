"""What `edge.toml` says: the lines of one gateway, the devices on them, and the point of the site that each value is.

Whether it fits together, and with `site.toml`, is checked in `edge.settings`.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, LinkId
from coldport.site import Quantity
from edge.points import BitScale, RegisterScale
from edge.protocols.modbus import Function

Port = Annotated[int, Meta(ge=1, le=65_535)]
Address = Annotated[int, Meta(ge=0, le=65_535)]
Seconds = Annotated[float, Meta(gt=0, le=60)]

SPOOL = LinkId("spool")
"""The line, as others see it, whose state is that of the spool; no line of the site may have its name."""


class WhenFull(StrEnum):
    """What a full spool does."""

    STOP_READING = "stop-reading"
    """Nothing new is read until control has confirmed something: the oldest data count most."""
    DROP_OLDEST = "drop-oldest"
    """The oldest unconfirmed observations are given up and counted: the newest data count most."""


class SpoolSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The spool file, below `edge/` of the data folder. A million observations take about 170 MB."""

    path: str = "spool.sqlite"
    limit: Annotated[int, Meta(ge=1_000, le=100_000_000)] = 5_000_000
    when_full: WhenFull = WhenFull.DROP_OLDEST


class Parity(StrEnum):
    """Parity of a serial line."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class Serial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A serial port. A relative path is taken below the data folder; name a real one `/dev/serial/by-id/..`."""

    path: Annotated[str, Meta(min_length=1)]
    baud: Annotated[int, Meta(ge=300, le=921_600)] = 9_600
    data_bits: Annotated[int, Meta(ge=7, le=8)] = 8
    parity: Parity = Parity.NONE
    stop_bits: Annotated[int, Meta(ge=1, le=2)] = 1

    @property
    def silence_s(self) -> float:
        """Silence that ends a Modbus frame: 3.5 characters, 1.75 ms above 19,200 baud (serial line V1.02, 2.5.1.1)."""
        return 0.001_75 if self.baud > 19_200 else 3.5 * 11 / self.baud


class Tcp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TCP server: a device, or a serial server with a device behind it."""

    host: Annotated[str, Meta(min_length=1)]
    port: Port


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


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type of Modbus device: what its maker's manual says, written once. Values are named by the site."""

    function: ReadBy
    registers: dict[str, RegisterValue] = {}
    inputs: dict[str, InputValue] = {}

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


class SicsLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sics"):
    """One scale that speaks MT-SICS and is asked every `every_s`."""

    id: Id
    point: Id
    division_kg: Annotated[float, Meta(gt=0)]
    serial: Serial | None = None
    tcp: Tcp | None = None
    every_s: Seconds = 0.2


class ToledoLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="toledo"):
    """One scale that sends Toledo continuous frames, with or without the checksum byte."""

    id: Id
    point: Id
    division_kg: Annotated[float, Meta(gt=0)]
    checksum: bool = True
    serial: Serial | None = None
    tcp: Tcp | None = None


class LlrpLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="llrp"):
    """One RFID reader that speaks LLRP; all its antennas belong to one gate.

    A reader that is silent for one and a half `keepalive_s` is given up. Without `power_dbm` it keeps its own power.
    """

    id: Id
    point: Id
    tcp: Tcp
    antennas: Annotated[tuple[Annotated[int, Meta(ge=1, le=65_535)], ...], Meta(min_length=1)]
    keepalive_s: Annotated[float, Meta(ge=0.2, le=60)] = 2.0
    power_dbm: Annotated[float, Meta(ge=0, le=33)] | None = None


ModbusLine = ModbusRtuLine | ModbusTcpLine
Line = ModbusRtuLine | ModbusTcpLine | SicsLine | ToledoLine | LlrpLine


class EdgeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gateway as `edge.toml` says it."""

    gateway: Id
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    spool: SpoolSettings = SpoolSettings()
    profiles: dict[str, Profile] = {}
