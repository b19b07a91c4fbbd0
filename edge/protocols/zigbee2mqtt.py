"""What Zigbee2MQTT publishes: the state of a device on `BASE/NAME`, whether it is there on `BASE/NAME/availability`.

A state is published when the device speaks, but also when somebody asks for it, and brokers may keep it: `last_seen`
alone says when it was true. Source: Zigbee2MQTT documentation, "MQTT topics and messages" and "Availability".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from edge.protocols.uplink import decode, moment, number


class _Availability(Struct):
    state: str


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What Zigbee2MQTT holds of a device. `seen_at` is absent unless `advanced.last_seen` is set there."""

    name: str
    fields: Mapping[str, Any]
    seen_at: datetime | None
    battery_percent: float | None


@dataclass(frozen=True, slots=True)
class DeviceThere:
    """Whether a device is there, as far as Zigbee2MQTT knows."""

    name: str
    online: bool


@dataclass(frozen=True, slots=True)
class BridgeThere:
    """Whether Zigbee2MQTT itself is there: retained, and its will."""

    online: bool


Event = DeviceState | DeviceThere | BridgeThere


def read_message(topic: str, payload: bytes, base: str = "zigbee2mqtt") -> Event | None:
    """Return what a message says; None for those that say nothing of a device (groups, logs, answers of the bridge).

    The payload of a state that is not there `{}` or of an old bridge (`online` as plain text) is understood.

    Raises:
        FrameError: `json`, `shape`, `too-long`.
    """
    name = topic.removeprefix(f"{base}/")
    if not topic.startswith(f"{base}/") or not name:
        return None
    if name == "bridge/state":
        return BridgeThere(_is_online(payload))
    if name.startswith("bridge/") or name.endswith(("/set", "/get")):
        return None
    if name.endswith("/availability"):
        return DeviceThere(name.removesuffix("/availability"), _is_online(payload))
    fields = decode(payload, dict[str, Any])
    return DeviceState(name, fields, moment(fields.get("last_seen")), number(fields.get("battery")))


def _is_online(payload: bytes) -> bool:
    if payload in (b"online", b"offline"):  # before Zigbee2MQTT 1.29
        return payload == b"online"
    return decode(payload, _Availability).state == "online"
