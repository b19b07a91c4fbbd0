"""Devices that Zigbee2MQTT carries; see `uplinks.Dialect`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from coldport.bus import Received
from edge.drivers.radio.devices import RadioDevice
from edge.drivers.radio.uplinks import Carrier, Heard, Trouble
from edge.protocols.zigbee2mqtt import BridgeThere, DeviceThere, read_message


class ZigbeeDialect:
    """What Zigbee2MQTT's messages mean. A state it published before is nothing new, whoever asked for it again."""

    def __init__(self, base: str, devices: Iterable[RadioDevice]) -> None:
        """Read topics that begin with `base`."""
        self._base = base
        self._devices = {device.address: device for device in devices}
        self._seen_at: dict[str, datetime] = {}

    @property
    def filters(self) -> Sequence[str]:
        """The devices of the line, whether they are there, and whether the bridge is."""
        names = [f"{self._base}/{name}" for name in self._devices]
        return [*names, *(f"{name}/availability" for name in names), f"{self._base}/bridge/state"]

    def hear(self, message: Received) -> Heard | Trouble | Carrier | None:
        """Return what a message says; see `uplinks.Dialect.hear`."""
        event = read_message(message.topic, message.payload, self._base)
        if isinstance(event, BridgeThere):
            return Carrier(None if event.online else "bridge-offline")
        if isinstance(event, DeviceThere):
            return None if event.online else Trouble(event.name, "offline", gone=True)
        device = self._devices.get(event.name) if event else None
        if event is None or device is None:
            return None
        if event.seen_at is None and message.retained:
            return None  # kept by the broker, and nobody knows since when
        if event.seen_at is not None:
            known = self._seen_at.get(event.name)
            if known is not None and event.seen_at <= known:
                return None
            self._seen_at[event.name] = event.seen_at
        sent = device.sent(0, b"", event.fields)
        return Heard(event.name, sent, event.seen_at, battery_percent=event.battery_percent)
