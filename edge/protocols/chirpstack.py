"""What ChirpStack v4 publishes of LoRaWAN devices: `PREFIX/APPLICATION/device/DEVEUI/event/KIND`, JSON.

The JSON is that of Protocol Buffers (proto3): a key whose value is 0, false or empty is left out, so every key has a
default here. Source: ChirpStack v4 documentation, MQTT integration and event types; `integration.proto`.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from edge.protocols.framing import FrameError
from edge.protocols.uplink import decode, moment

Count = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]


class _Device(Struct, rename="camel"):
    dev_eui: str


class _Heard(Struct, rename="camel"):
    rssi: int = 0


class _Up(Struct, rename="camel"):
    device_info: _Device
    deduplication_id: Annotated[str, Meta(max_length=64)] = ""
    time: Any = None
    f_cnt: Count = 0
    f_port: Count = 0
    data: str = ""
    object: dict[str, Any] | None = None
    rx_info: tuple[_Heard, ...] = ()


class _Status(Struct, rename="camel"):
    device_info: _Device
    battery_level: float = 0.0
    battery_level_unavailable: bool = False
    external_power_source: bool = False


class _Log(Struct, rename="camel"):
    device_info: _Device
    level: str = "INFO"
    code: str = ""


class _Event(Struct, rename="camel"):
    device_info: _Device


_SHAPES: dict[str, type[_Up] | type[_Status] | type[_Log] | type[_Event]] = {
    "up": _Up,
    "join": _Event,
    "status": _Status,
    "log": _Log,
}


@dataclass(frozen=True, slots=True)
class Uplink:
    """A device sent something. `fields` is what the network's own codec made of `data`, empty without one.

    `rssi_dbm` is that of the gateway that heard it best; None when none says so: 0 is left out, and nobody hears 0 dBm.
    """

    eui: str
    deduplication_id: str
    f_cnt: int
    f_port: int
    data: bytes
    fields: Mapping[str, Any]
    received_at: datetime | None
    rssi_dbm: int | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A device joined: its counter begins anew."""

    eui: str


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What a device answered when the network asked how it does; None: on mains, or it cannot tell."""

    eui: str
    battery_percent: float | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """The network found something wrong with a device: `UPLINK_MIC`, `UPLINK_F_CNT_RETRANSMISSION`, `OTAA` .."""

    eui: str
    code: str
    level: str


Event = Uplink | Joined | DeviceStatus | Complaint


def device_of(topic: str, prefix: str) -> tuple[str, str] | None:
    """Return the device and the kind of event of a topic, None when it is no event of a device.

    >>> device_of("application/7/device/24E124136B000001/event/up", "application")
    ('24e124136b000001', 'up')
    """
    levels = topic.removeprefix(f"{prefix}/").split("/")
    if not topic.startswith(f"{prefix}/") or len(levels) != 5 or (levels[1], levels[3]) != ("device", "event"):
        return None
    return levels[2].lower(), levels[4]


def read_event(topic: str, payload: bytes, prefix: str = "application") -> Event | None:
    """Return what an event says, None when it is of a kind that says nothing of the device.

    Raises:
        FrameError: `json`, `shape`, `too-long`, `base64`, or `wrong-device`: topic and payload name two devices.
    """
    found = device_of(topic, prefix)
    if found is None or found[1] not in _SHAPES:
        return None
    eui, kind = found
    told = decode(payload, _SHAPES[kind])
    if told.device_info.dev_eui.lower() != eui:
        raise FrameError("wrong-device", f"{topic} carries an event of {told.device_info.dev_eui[:16]!r}")
    if isinstance(told, _Up):
        return _uplink(eui, told)
    if isinstance(told, _Status):
        known = not (told.battery_level_unavailable or told.external_power_source)
        return DeviceStatus(eui, told.battery_level if known else None)
    if isinstance(told, _Log):
        return Complaint(eui, told.code, told.level)
    return Joined(eui)


def _uplink(eui: str, told: _Up) -> Uplink:
    try:
        data = base64.b64decode(told.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FrameError("base64", f"data {told.data[:32]!r}: {error}") from error
    return Uplink(
        eui=eui,
        deduplication_id=told.deduplication_id,
        f_cnt=told.f_cnt,
        f_port=told.f_port,
        data=data,
        fields=told.object or {},
        received_at=moment(told.time),
        rssi_dbm=max((heard.rssi for heard in told.rx_info if heard.rssi), default=None),
    )
