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


class HttpStream(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endless answer over HTTP.

    The password of `user` is the secret `COLDPORT_LINE_PASSWORD`, with the line's id in place of LINE. `certificate` is
    the file of the certificate that signed the reader's own, where the system does not know it; a relative path is
    taken below the data folder.
    """

    url: Annotated[str, Meta(pattern="^https?://")]
    user: str | None = None
    certificate: str | None = None


class HttpPosts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a reader posts to: an address of ours, and the path that tells this reader from others."""

    host: Annotated[str, Meta(min_length=1)]
    port: Port
    path: Annotated[str, Meta(pattern="^/")] = "/"


class DeviceType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type of device, written once from its maker's manual. The file's name is how `edge.toml` calls it.

    `title` is what people call it, `source` where the facts are from. Raise `version` when they change.
    """

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[int, Meta(ge=1)] = 1
