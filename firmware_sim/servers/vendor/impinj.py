"""An Impinj R700 with its IoT device interface: what happens, as JSON events.

Source: Impinj IoT device interface, reader API 1.7. Events go to whoever listens: HTTP streams, or an MQTT topic.
"""

from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.llrp.capabilities import CHANNEL_KHZ, FIRST_KHZ

BUFFER_LIMIT = 1000
"""Events that wait while nobody can be told; past it the oldest are purged, which an overflow event tells."""

POWER_CDBM = 3000
GPOS = 3

DEFAULTS = frozenset({"epc", "tid", "antennaPort", "transmitPowerCdbm", "peakRssiCdbm", "frequency"})
"""What a reader tells of a tag unless it is told otherwise; `epcHex` is not among it."""

Listener = Callable[[bytes], None]
Event = dict[str, Any]


@dataclass(slots=True)
class Purged:
    """Events that had to be thrown away: the times of the first and the last one, and how many."""

    first: str
    last: str
    count: int = 0


class ImpinjReader:
    """One reader. It runs from the start, as one does that has been set up to; tags are read only while it runs.

    While the line is silent, events wait.
    """

    def __init__(
        self, name: str, antennas: int, faults: Faults, *, now: Callable[[], datetime], epoch: Callable[[], datetime]
    ) -> None:
        """Read with `antennas`; by the reader's clock it is `now`, and the simulation was at 0 s at `epoch`."""
        self.name = name
        self.antennas = antennas
        self.now = now
        self.running = True
        self.fields = DEFAULTS
        self.outputs = dict.fromkeys(range(1, GPOS + 1), False)
        self._faults = faults
        self._epoch = epoch
        self._listeners: list[Listener] = []
        self._waiting: deque[Event] = deque()
        self._purged: Purged | None = None
        faults.watch(self._repaired)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each event from now on, as bytes of JSON."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Call it no more."""
        self._listeners.remove(listener)

    def silent(self) -> bool:
        """Tell whether the line is dead."""
        return self._faults.find(FaultKind.SILENCE, self.name) is not None

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the antennas have read: an event for each read (reporting interval 0)."""
        del now_s
        if not self.running:
            return
        for read in reads:
            at = self._epoch() + timedelta(seconds=read.at_s)
            told = {name: value for name, value in _tag(read, at).items() if name in self.fields}
            self._emit("tagInventory", told, at)

    def gpi(self, port: int, *, high: bool) -> None:
        """Take the level of an input that has changed."""
        self._emit("gpiTransition", {"gpi": port, "transition": "low-to-high" if high else "high-to-low"})

    def antenna(self, number: int, *, connected: bool) -> None:
        """Pull an antenna off, or put it back."""
        kind = "antennaConnected" if connected else "antennaDisconnected"
        self._emit(kind, {"antennaPort": number, "antennaName": f"antenna{number}"})

    def run(self, *, running: bool) -> None:
        """Start the inventory, or stop it."""
        if self.running != running:
            self.running = running
            self._emit("inventoryStatus", {"inventoryStatus": "running" if running else "idle"})

    def _emit(self, kind: str, body: Event, at: datetime | None = None) -> None:
        event = self._event(kind, body, at or self.now())
        if not self.silent():
            self._tell(event)
            return
        if len(self._waiting) >= BUFFER_LIMIT:
            at_text = self._waiting.popleft()["timestamp"]
            self._purged = self._purged or Purged(at_text, at_text)
            self._purged.last = at_text
            self._purged.count += 1
        self._waiting.append(event)

    def _repaired(self, fault: Fault, active: bool) -> None:  # noqa: FBT001 - a Watcher
        """Send what has waited once the line is back. What had to be purged is told first."""
        if active or fault.target != self.name or self.silent():
            return
        if self._purged is not None:
            told = {
                "firstEventTimestamp": self._purged.first,
                "lastEventTimestamp": self._purged.last,
                "eventsPurged": self._purged.count,
                "eventsRemaining": len(self._waiting),
            }
            self._purged = None
            self._tell(self._event("overflow", told, self.now()))
        while self._waiting:
            self._tell(self._waiting.popleft())

    def _tell(self, event: Event) -> None:
        data = msgspec.json.encode(event)
        for listener in self._listeners:
            listener(data)

    def _event(self, kind: str, body: Event, at: datetime) -> Event:
        return {"timestamp": nanoseconds(at), "hostname": self.name, "eventType": kind, f"{kind}Event": body}


def _tag(read: TagRead, at: datetime) -> Event:
    """Return all that can be told of a read. Every tag here has a TID of the same chip, ending as its EPC does."""
    tid = bytes.fromhex("e2801160") + read.epc[-8:]
    return {
        "epc": _base64(read.epc),
        "epcHex": read.epc.hex().upper(),
        "tid": _base64(tid),
        "tidHex": tid.hex().upper(),
        "pc": _base64((len(read.epc) // 2 << 11).to_bytes(2, "big")),
        "antennaPort": read.antenna,
        "antennaName": f"antenna{read.antenna}",
        "peakRssiCdbm": read.rssi_dbm * 100,
        "frequency": FIRST_KHZ + CHANNEL_KHZ * (read.channel - 1),
        "transmitPowerCdbm": POWER_CDBM,
        "lastSeenTime": nanoseconds(at),
    }


def nanoseconds(at: datetime) -> str:
    """Return a moment with the nine decimals the reader writes.

    >>> from datetime import UTC
    >>> nanoseconds(datetime(2026, 11, 24, 2, 10, 11, 123456, tzinfo=UTC))
    '2026-11-24T02:10:11.123456000Z'
    """
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z"


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii")
