"""What every kind of line is made of, a serial port or a TCP address, and what every profile says."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=1, le=65_535)]
Seconds = Annotated[float, Meta(gt=0, le=60)]


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


class DeviceType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type of device, written once from its maker's manual. The file's name is how `edge.toml` calls it.

    `title` is what people call it, `source` where the facts are from. Raise `version` when they change.
    """

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[int, Meta(ge=1)] = 1
