"""Devices of a LoRaWAN that ChirpStack carries; see `uplinks.Dialect`."""

from collections.abc import Iterable, Sequence

from coldport.bus import Received
from edge.drivers.radio.devices import RadioDevice
from edge.drivers.radio.uplinks import Heard, Trouble
from edge.protocols.chirpstack import Complaint, DeviceStatus, Joined, Uplink, read_event
from edge.protocols.frame_counter import FrameCounter
from edge.protocols.uplink import Sent

ID_LIMIT = 1_024
"""Uplinks whose id is remembered: what a broker brings twice after a cut, it brings within its window of messages."""

COMPLAINTS = {
    "UPLINK_CODEC": "codec",
    "OTAA": "join-refused",
    "UPLINK_MIC": "mic",
    "UPLINK_F_CNT_RESET": "counter-reset",
}
"""What the network finds wrong that somebody should know of; the others are about what it sends."""


class ChirpstackDialect:
    """What ChirpStack's events mean."""

    def __init__(self, prefix: str, devices: Iterable[RadioDevice]) -> None:
        """Read topics that begin with `prefix`."""
        self._prefix = prefix
        self._devices = {device.address: device for device in devices}
        self._counters = {address: FrameCounter() for address in self._devices}
        self._ids: dict[str, None] = {}

    @property
    def filters(self) -> Sequence[str]:
        """The events that say something of a device."""
        return [f"{self._prefix}/+/device/+/event/{kind}" for kind in ("up", "join", "status", "log")]

    def hear(self, message: Received) -> Heard | Trouble | None:
        """Return what an event says; see `uplinks.Dialect.hear`."""
        event = read_event(message.topic, message.payload, self._prefix)
        if event is None:
            return None
        device = self._devices.get(event.eui)
        if device is None:
            return Trouble(event.eui, "stranger")
        if isinstance(event, Uplink):
            return self._uplink(device, event)
        if isinstance(event, DeviceStatus):
            return Heard(event.eui, Sent({}), battery_percent=event.battery_percent)
        if isinstance(event, Complaint):
            reason = COMPLAINTS.get(event.code)
            return Trouble(event.eui, reason) if reason else None
        assert isinstance(event, Joined)  # noqa: S101 - the last of the four
        self._counters[event.eui].begin()
        return None

    def _uplink(self, device: RadioDevice, event: Uplink) -> Heard | None:
        if event.deduplication_id in self._ids:
            return None
        lost = self._counters[event.eui].take(event.f_cnt, event.data)
        if event.deduplication_id:
            self._ids[event.deduplication_id] = None
            while len(self._ids) > ID_LIMIT:
                del self._ids[next(iter(self._ids))]
        if lost is None:
            return None
        sent = device.sent(event.f_port, event.data, event.fields)
        return Heard(event.eui, sent, event.received_at, event.rssi_dbm, lost=lost)
