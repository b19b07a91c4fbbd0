"""The events of Zebra readers (FX7500, FX9600) with the IoT Connector: JSON over MQTT, or posted over HTTP.

Source: Zebra IoT Connector, tag data event and management event schemas; that of a GPI event is recalled, check it on
the device. The fields of a tag are those that the operating mode was told to report. `eventNum` counts the events of an
endpoint, so that a number that is missing is a read that was lost.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from edge.protocols.framing import FrameError
from edge.protocols.impinj import EPC, Port, stamp_of
from edge.protocols.json_stream import decode
from edge.protocols.reader_clock import ReaderClock
from edge.protocols.reader_events import GpiEvent, LostEvent, ReaderEvent, ReaderProblem, TagRead

GAP_LIMIT = 1_000_000
"""A number that leaps further ahead is of a counter that was set anew: nobody knows what is lost."""

_EPC_WORDS = "epc"


class _Data(Struct, frozen=True, rename="camel"):
    id_hex: str | None = None
    format: str = _EPC_WORDS
    antenna: Port | None = None
    peak_rssi: float | None = None
    reads: Annotated[int, Meta(ge=1)] = 1
    event_num: int | None = None
    pin: Port | None = None
    state: str | None = None


class _Event(Struct, rename="camel"):
    type: str | None = None
    event_type: str | None = None
    timestamp: str | None = None
    data: _Data = _Data()


_DECODER = msgspec.json.Decoder(_Event)


class ZebraReader:
    """Reads the events of one reader, follows its clock, and counts what is missing between their numbers."""

    def __init__(self) -> None:
        """Know nothing of its clock, nor of its numbers."""
        self._clock = ReaderClock()
        self._last: int | None = None

    def read(self, text: bytes, now_s: float) -> list[ReaderEvent]:
        """Read one JSON object that came at `now_s` (monotonic). Of an event we do not know nothing is said.

        Raises:
            FrameError: `malformed`.
        """
        event = decode(text, _DECODER)
        stamp = stamp_of(event.timestamp)
        if stamp:
            self._clock.observe(stamp, now_s)
        age_s = self._clock.age_s(stamp, now_s) if stamp else 0.0
        if event.data.id_hex is not None:
            if event.data.event_num is not None and event.data.event_num == self._last:
                return []  # the broker has sent it again
            return [*self._missing(event.data.event_num), _tag_read(event.data, age_s)]
        if event.event_type is not None and event.event_type.lower() == "gpi":
            return [_gpi(event.data, age_s)]
        return []

    def _missing(self, number: int | None) -> list[ReaderEvent]:
        """Count the numbers between the last event and this one. One that goes back is a reader that began anew."""
        if number is None:
            return []
        last, self._last = self._last, number
        if last is None or number <= last + 1:
            return []
        count = number - last - 1
        problem = ReaderProblem(reason="reads-missing", text=f"events {last + 1} to {number - 1} have not come")
        return [problem, LostEvent(count=count if count <= GAP_LIMIT else None)]


def _tag_read(data: _Data, age_s: float) -> TagRead:
    epc = (data.id_hex or "").upper()
    if data.format.lower() != _EPC_WORDS or not EPC.match(epc):
        raise FrameError("malformed", f"{data.format[:20]} {epc[:80]!r} is no EPC in hex")
    if data.antenna is None:
        raise FrameError("malformed", "a tag without antenna: let the operating mode report it")
    return TagRead(epc=epc, antenna=data.antenna, rssi_dbm=data.peak_rssi, age_s=age_s, count=data.reads)


def _gpi(data: _Data, age_s: float) -> GpiEvent:
    if data.pin is None or data.state is None or data.state.upper() not in ("HIGH", "LOW"):
        raise FrameError("malformed", f"a GPI event of pin {data.pin} with state {data.state!r}")
    return GpiEvent(port=data.pin, high=data.state.upper() == "HIGH", age_s=age_s)
