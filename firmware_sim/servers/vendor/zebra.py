"""A Zebra FX reader with the IoT Connector: tag data and management events as JSON.

Source: Zebra IoT Connector documentation, chapters on data and management events; `pin` and `state` of light barriers
from the vendor's examples. What stands around them, and heartbeats, are recalled, not captured.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import msgspec

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.servers.llrp.capabilities import CHANNEL_KHZ, FIRST_KHZ

HEARTBEAT_S = 60.0
"""Seconds between heartbeats; the vendor's default."""

Listener = Callable[[bytes], None]
Event = dict[str, Any]


class Mode(StrEnum):
    """Operating modes. SIMPLE tells a tag and nothing else, CUSTOM also where and how loudly it was heard."""

    SIMPLE = "SIMPLE"
    CUSTOM = "CUSTOM"


@dataclass(slots=True, kw_only=True)
class ZebraReader:
    """One reader. All reads of a round go into one chunk, the objects glued together without anything between.

    Data go to `on_data`, light barriers and heartbeats to `on_management`. Events are numbered; what happens while
    the line is silent is lost, and its numbers with it.
    """

    name: str
    faults: Faults
    mode: Mode
    offset: timedelta
    epoch: Callable[[], datetime]
    now: Callable[[], datetime]
    on_data: Listener
    on_management: Listener
    _number: int = 0
    _management_number: int = 0

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the antennas have read."""
        del now_s
        chunk = b"".join(msgspec.json.encode(self._data(read)) for read in reads)
        if chunk and not self._silent():
            self.on_data(chunk)

    def gpi(self, port: int, *, high: bool) -> None:
        """Take the level of an input that has changed."""
        self._manage("gpi", {"pin": port, "state": "HIGH" if high else "LOW"})

    def antenna(self, number: int, *, connected: bool) -> None:
        """Pull an antenna off, or put it back."""
        state = "connected" if connected else "disconnected"
        self._manage("alerts", {"antenna": number, "state": state})

    def beat(self) -> None:
        """Send a heartbeat; to be called every `HEARTBEAT_S`."""
        self._manage("heartbeat", {"radio_control": {"status": "running"}, "system": {"hostname": self.name}})

    def _data(self, read: TagRead) -> Event:
        self._number += 1
        data: Event = {"eventNum": self._number, "format": "epc", "idHex": read.epc.hex()}
        if self.mode is Mode.CUSTOM:
            data |= {
                "MAC": "84:24:8D:EE:01:02",
                "antenna": read.antenna,
                "channel": (FIRST_KHZ + CHANNEL_KHZ * (read.channel - 1)) / 1000,
                "peakRssi": read.rssi_dbm,
                "reads": 1,
            }
        return {"type": self.mode, "timestamp": self._local(self.epoch() + timedelta(seconds=read.at_s)), "data": data}

    def _manage(self, kind: str, data: Event) -> None:
        self._management_number += 1
        if self._silent():
            return
        told = {"component": "RC", "data": data, "eventNum": self._management_number, "eventType": kind}
        self.on_management(msgspec.json.encode({**told, "timestamp": self._local(self.now())}))

    def _local(self, at: datetime) -> str:
        return local_time(at, self.offset)

    def _silent(self) -> bool:
        return self.faults.find(FaultKind.SILENCE, self.name) is not None


def local_time(at: datetime, offset: timedelta) -> str:
    """Return a moment as the reader writes it: milliseconds, and the offset without a colon.

    >>> from datetime import UTC
    >>> local_time(datetime(2026, 11, 24, 2, 10, 11, 123456, tzinfo=UTC), timedelta(hours=8))
    '2026-11-24T10:10:11.123+0800'
    """
    local = at.astimezone(timezone(offset))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03}{local:%z}"
