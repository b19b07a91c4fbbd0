"""What a reader sends: statuses, notifications and tag reports, read from message bodies."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edge.protocols.framing import FrameError
from edge.protocols.llrp.names import ParameterType as P
from edge.protocols.llrp.wire import parameters, unpack
from edge.protocols.reader_clock import Timescale, Timestamp

EPC_BITS_LIMIT = 496
"""31 words: what the length field of a tag's protocol-control word can say (Gen2, section 6.3.2.1.2.2)."""

TEXT_LIMIT = 200
"""Characters kept of a text for people: it goes into a log line."""

_U8 = struct.Struct(">B")
_U16 = struct.Struct(">H")
_U64 = struct.Struct(">Q")
_ROSPEC_EVENT = struct.Struct(">BII")
_U8_U16 = struct.Struct(">BH")
_U16_U8 = struct.Struct(">HB")
_REMEMBERED = {
    P.ANTENNA_ID,
    P.FIRST_SEEN_UTC,
    P.FIRST_SEEN_UPTIME,
    P.LAST_SEEN_UTC,
    P.LAST_SEEN_UPTIME,
    P.PEAK_RSSI,
    P.TAG_SEEN_COUNT,
}
_HEX = frozenset(b"0123456789ABCDEFabcdef")


@dataclass(frozen=True, slots=True)
class Status:
    """LLRPStatus: 0 is success, anything else says what was wrong."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One event in a notification: `kind` is its parameter, `values` its numbers, `text` its text."""

    kind: P
    values: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagReport:
    """One TagReportData. What a reader leaves out is as in the last one (see `ReportReader`)."""

    epc: str
    antenna: int
    rssi_dbm: int | None
    first_seen: Timestamp | None
    last_seen: Timestamp | None
    count: int


def _text(contents: bytes) -> str:
    """Read u16 length and UTF-8. Wrong bytes are replaced: a text is for people, not worth a message."""
    (length,) = unpack(_U16, contents)
    return contents[2 : 2 + length].decode("utf-8", "replace")[:TEXT_LIMIT]


def read_status(body: bytes, start: int = 0) -> Status:
    """Read the LLRPStatus of a reply or an ERROR_MESSAGE, whose parameters begin at `start`.

    Raises:
        FrameError: `malformed`, also when there is none.
    """
    for kind, contents in parameters(body, start):
        if kind == P.LLRP_STATUS:
            (code,) = unpack(_U16, contents)
            return Status(code, _text(contents[2:]))
    raise FrameError("malformed", "a reply without LLRPStatus")


_NOTICES: dict[int, struct.Struct] = {
    P.GPI_EVENT: _U16_U8,  # port; the state in the highest bit
    P.ROSPEC_EVENT: _ROSPEC_EVENT,  # what, ROSpec, preempting ROSpec
    P.REPORT_BUFFER_LEVEL_WARNING: _U8,  # percent
    P.ANTENNA_EVENT: _U8_U16,  # connected, antenna
    P.CONNECTION_ATTEMPT: _U16,  # status
}
_EMPTY_NOTICES = {P.REPORT_BUFFER_OVERFLOW, P.CONNECTION_CLOSE}


def read_notification(body: bytes) -> tuple[Timestamp | None, list[Notice]]:
    """Read READER_EVENT_NOTIFICATION: the reader's moment, and the events we know, in order.

    Raises:
        FrameError: `malformed`.
    """
    stamp: Timestamp | None = None
    notices = []
    for outer, data in parameters(body):
        if outer != P.READER_EVENT_NOTIFICATION_DATA:
            continue
        for kind, contents in parameters(data):
            if kind == P.UTC_TIMESTAMP:
                stamp = Timestamp(Timescale.UTC, unpack(_U64, contents)[0])
            elif kind == P.UPTIME:
                stamp = Timestamp(Timescale.UPTIME, unpack(_U64, contents)[0])
            elif kind in _NOTICES:
                notices.append(Notice(P(kind), unpack(_NOTICES[kind], contents)))
            elif kind in _EMPTY_NOTICES:
                notices.append(Notice(P(kind)))
            elif kind == P.READER_EXCEPTION:
                notices.append(Notice(P(kind), text=_text(contents)))
    return stamp, notices


class ReportReader:
    """Reads the tag reports of one session.

    It remembers: "If an optional parameter is enabled, and is absent in the report, the Client SHALL assume that the
    value is identical to the last parameter of the same type received" (LLRP 1.1, TagReportData).
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._remembered: dict[int, bytes] = {}

    def read(self, body: bytes) -> Iterator[TagReport | FrameError]:
        """Walk RO_ACCESS_REPORT. A report that cannot be read is an error among the others, which stand."""
        try:
            for kind, contents in parameters(body):
                if kind == P.TAG_REPORT_DATA:
                    yield self._try(contents)
        except FrameError as error:
            yield error

    def _try(self, contents: bytes) -> TagReport | FrameError:
        try:
            return self._report(contents)
        except FrameError as error:
            return error

    def _report(self, contents: bytes) -> TagReport:
        fields = dict(self._remembered)
        epc = b""
        for kind, value in parameters(contents):
            if kind == P.EPC_DATA:
                epc = _epc_data(value)
            elif kind == P.EPC_96:
                epc = value
            elif kind in _REMEMBERED:
                fields[kind] = value
        antenna = int.from_bytes(fields.get(P.ANTENNA_ID, b""), "big")
        if not epc or not antenna:
            raise FrameError("malformed", f"a tag report without {'antenna' if epc else 'EPC'}")
        self._remembered = fields
        return TagReport(
            epc=epc.hex().upper(),
            antenna=antenna,
            rssi_dbm=int.from_bytes(fields[P.PEAK_RSSI], "big", signed=True) if P.PEAK_RSSI in fields else None,
            first_seen=_stamp(fields.get(P.FIRST_SEEN_UTC), fields.get(P.FIRST_SEEN_UPTIME)),
            last_seen=_stamp(fields.get(P.LAST_SEEN_UTC), fields.get(P.LAST_SEEN_UPTIME)),
            count=max(1, int.from_bytes(fields.get(P.TAG_SEEN_COUNT, b""), "big")),
        )


def _stamp(utc: bytes | None, uptime: bytes | None) -> Timestamp | None:
    """A reader with a UTC clock sends no uptime, one without sends nothing else (LLRP 1.1, section on timestamps)."""
    if utc is not None:
        return Timestamp(Timescale.UTC, int.from_bytes(utc, "big"))
    return None if uptime is None else Timestamp(Timescale.UPTIME, int.from_bytes(uptime, "big"))


def _epc_data(contents: bytes) -> bytes:
    """Read EPCData: u16 bits, then the bytes. Whole words only; Zebra FX readers write a 96-bit EPC as its hex text."""
    (bits,) = unpack(_U16, contents)
    epc = contents[2 : 2 + bits // 8]
    if bits % 16 or not 0 < bits <= EPC_BITS_LIMIT or len(epc) * 8 != bits:
        raise FrameError("malformed", f"an EPC of {bits} bits in {len(contents) - 2} bytes")
    if len(epc) == 24 and _HEX.issuperset(epc):
        return bytes.fromhex(epc.decode("ascii"))
    return epc
