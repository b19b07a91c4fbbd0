"""The events of Impinj readers (R700 and others) with the IoT device interface: JSON over MQTT, or a stream over HTTP.

Source: Impinj IoT device interface API 1.7, event schemas. A reader as it comes from the factory tells an EPC in base64
only (`epcHex` is off), RSSI in 1/100 dBm, and the moment of the event. Properties that are not read here may be there.
"""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from edge.protocols.framing import FrameError
from edge.protocols.json_stream import decode
from edge.protocols.reader_clock import ReaderClock, Timescale, Timestamp
from edge.protocols.reader_events import (
    AntennaEvent,
    GpiEvent,
    InventoryEvent,
    LostEvent,
    ReaderEvent,
    ReaderProblem,
    TagRead,
)

EPC = re.compile(r"^(?:[0-9A-F]{4}){1,31}$")
"""Hex of whole words; 31 is what the length field of a tag can say (Gen2, section 6.3.2.1.2.2)."""


Port = Annotated[int, Meta(ge=1, le=0xFFFF)]


class _Tag(Struct, rename="camel"):
    epc: str | None = None
    epc_hex: str | None = None
    antenna_port: Port | None = None
    peak_rssi_cdbm: int | None = None
    last_seen_time: str | None = None


class _Antenna(Struct, rename="camel"):
    antenna_port: Port


class _Status(Struct, rename="camel"):
    inventory_status: str


class _Gpi(Struct, rename="camel"):
    gpi: Port
    transition: str


class _Overflow(Struct, rename="camel"):
    events_purged: Annotated[int, Meta(ge=0)] | None = None


class _Event(Struct, rename="camel"):
    event_type: str | None = None
    timestamp: str | None = None
    tag_inventory_event: _Tag | None = None
    antenna_connected_event: _Antenna | None = None
    antenna_disconnected_event: _Antenna | None = None
    inventory_status_event: _Status | None = None
    gpi_transition_event: _Gpi | None = None
    overflow_event: _Overflow | None = None


_DECODER = msgspec.json.Decoder(_Event)


class ImpinjReader:
    """Reads the events of one reader, and follows its clock."""

    def __init__(self) -> None:
        """Know nothing of its clock."""
        self._clock = ReaderClock()

    def read(self, text: bytes, now_s: float) -> list[ReaderEvent]:
        """Read one JSON object that came at `now_s` (monotonic). Of an event we do not know nothing is said.

        Raises:
            FrameError: `malformed`.
        """
        event = decode(text, _DECODER)
        tag = event.tag_inventory_event
        stamp = stamp_of(tag.last_seen_time if tag and tag.last_seen_time else event.timestamp)
        if stamp:
            self._clock.observe(stamp, now_s)
        age_s = self._clock.age_s(stamp, now_s) if stamp else 0.0
        if tag:
            return [_tag_read(tag, age_s)]
        return _other(event, age_s)


def _tag_read(tag: _Tag, age_s: float) -> TagRead:
    if tag.antenna_port is None:
        raise FrameError("malformed", "a tag without antennaPort: let the reader report it")
    if tag.epc_hex:
        epc = tag.epc_hex.upper()
    elif tag.epc:
        epc = hex_of_base64(tag.epc)
    else:
        raise FrameError("malformed", "a tag without EPC")
    if not EPC.match(epc):
        raise FrameError("malformed", f"{epc[:80]!r} is no EPC")
    rssi_dbm = None if tag.peak_rssi_cdbm is None else tag.peak_rssi_cdbm / 100
    return TagRead(epc=epc, antenna=tag.antenna_port, rssi_dbm=rssi_dbm, age_s=age_s, count=1)


def _other(event: _Event, age_s: float) -> list[ReaderEvent]:
    if gpi := event.gpi_transition_event:
        if gpi.transition not in ("low-to-high", "high-to-low"):
            raise FrameError("malformed", f"{gpi.transition[:40]!r} is no transition")
        return [GpiEvent(port=gpi.gpi, high=gpi.transition == "low-to-high", age_s=age_s)]
    if lost := event.overflow_event:
        problem = ReaderProblem(reason="buffer-overflow", text="the reader's event buffer ran over: tag reads are lost")
        return [problem, LostEvent(count=lost.events_purged)]
    if status := event.inventory_status_event:
        # `armed` waits for its start trigger: the reader does what it was told.
        return [InventoryEvent(running=status.inventory_status != "idle")]
    if antenna := event.antenna_connected_event:
        return [AntennaEvent(antenna=antenna.antenna_port, connected=True)]
    if antenna := event.antenna_disconnected_event:
        return [AntennaEvent(antenna=antenna.antenna_port, connected=False)]
    return []


def hex_of_base64(text: str) -> str:
    """Return bytes written in base64, of the ordinary or the URL-safe alphabet, padded or not, as upper-case hex.

    Raises:
        FrameError: `malformed`.
    """
    ordinary = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(ordinary + "=" * (-len(ordinary) % 4), validate=True).hex().upper()
    except (binascii.Error, ValueError) as error:
        raise FrameError("malformed", f"{text[:80]!r} is no base64") from error


def stamp_of(text: str | None) -> Timestamp | None:
    """Return a moment of RFC 3339 or with a zone as `+0800`, nanoseconds cut off; None if it has none or no zone."""
    try:
        moment = datetime.fromisoformat(text or "")
        if moment.tzinfo is None:
            return None
        return Timestamp(Timescale.UTC, round(moment.timestamp() * 1e6))
    except (ValueError, OverflowError):
        return None
