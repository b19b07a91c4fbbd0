"""Lines of devices by radio, heard through the broker of whoever carries them, and the profiles of those devices."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.site import Quantity
from edge.lines.base import DeviceType, Port
from edge.points import Measured, bad
from edge.protocols import dragino, milesight

NEVER_BY_RADIO = (Quantity.TAGS, Quantity.MASS, Quantity.FILL, Quantity.CLOCK_OFFSET)
"""Seen by readers and scales, or by the gateway of itself."""


class Network(StrEnum):
    """Who carries the devices."""

    CHIRPSTACK = "chirpstack"
    """LoRaWAN by ChirpStack v4, its MQTT integration with JSON."""
    ZIGBEE2MQTT = "zigbee2mqtt"

    @property
    def prefix(self) -> str:
        """What its topics begin with, unless it was set up otherwise."""
        return "application" if self is Network.CHIRPSTACK else "zigbee2mqtt"


class Payload(StrEnum):
    """How a device's bytes are read."""

    MILESIGHT = "milesight"
    LHT65N = "dragino-lht65n"
    FIELDS = "fields"
    """Not here: the network says what they mean, in the keys that `fields` names."""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be read out of the bytes, by name."""
        return {Payload.MILESIGHT: milesight.NAMES, Payload.LHT65N: dragino.NAMES}.get(self, ())


class UplinkValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value of a device by radio. `fields` are the keys it may have where the network decoded it, first to last.

    `minimum` and `maximum` are the ends of what the device can measure, both included. `inverted` is for what is only 0
    or 1 and told the other way: Zigbee says of a contact that it is closed, the point is 1 when open.
    """

    quantity: Quantity
    fields: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    inverted: bool = False

    def measure(self, told: float | None) -> Measured:
        """Return the value of what the device told. Reasons of bad quality: `sentinel`, `out-of-range`."""
        if told is None:
            return bad("sentinel")
        value = 1.0 - told if self.inverted else told
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            return bad("out-of-range")
        return Measured(value)


class UplinkProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="uplink"):
    """A type of device by radio. Its values are given to points by `edge.toml`."""

    payload: Payload
    values: Annotated[dict[str, UplinkValue], Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, a value that nothing could ever fill."""
        for name, value in self.values.items():
            if name not in self.payload.names and not value.fields:
                raise ValueError(f"{name}: {self.payload} has no value of that name, and `fields` names no key")
            if value.quantity.is_output or value.quantity in NEVER_BY_RADIO:
                raise ValueError(f"{name}: {value.quantity} does not come by radio")


class UplinkDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device. `address` is its DevEUI (16 hexadecimal digits), or its name at Zigbee2MQTT.

    It is expected as often as its most eager point says; what is missing for two and a half periods is not there.
    """

    id: Id
    address: Annotated[str, Meta(min_length=1, max_length=100)]
    profile: str
    points: Annotated[dict[str, Id], Meta(min_length=1)]


class Mqtt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A broker that is not the site's own.

    The password of `username` is the secret `COLDPORT_LINE_PASSWORD`, with the line's id in place of LINE.
    """

    host: Annotated[str, Meta(min_length=1)]
    port: Port = 1_883
    tls: bool = False
    username: str | None = None


class UplinkLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="uplink"):
    """Devices by radio that one network carries, heard on the site's broker or on that of `mqtt`.

    `prefix` is what the network's topics begin with, where that was set up otherwise than usual.
    """

    id: Id
    network: Network
    devices: Annotated[tuple[UplinkDevice, ...], Meta(min_length=1)]
    mqtt: Mqtt | None = None
    prefix: Annotated[str, Meta(pattern="^[^+#]{1,100}$")] | None = None
