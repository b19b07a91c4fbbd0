"""Dragino LHT65N payloads: eleven bytes, most significant first, and the data log that the device keeps.

Source: Dragino LHT65N user manual, sections 2.4 (uplink) and 2.6 (data log). Some codecs hand the log on as one text.
"""

import re
import struct
from datetime import UTC, datetime

from edge.protocols.framing import FrameError
from edge.protocols.uplink import Past, Sent

PORT = 2
RECORD_BYTES = 11

PROBE_OPEN = 0x7FFF
"""327.67 °C: no external probe, or one whose cable is broken."""

EXTERNAL_PROBE = (1, 2)
STAMPED_PROBE = (9, 10)
"""External types by which byte 7 is a probe's temperature; and those with the probe in front and the time behind."""

FULL_MV, EMPTY_MV = 3_000, 2_450
"""The cell's nominal voltage and the least the device works at. Between them the charge is a rough guess only."""

NAMES = ("battery", "temperature", "humidity", "external-temperature")

LOG_EPOCHS = range(1_577_836_800, 2_524_608_000)
"""2020 to 2050: a log record has its time where a reading has its probe, and no probe measures 240 °C."""

_LOG = re.compile(r"\[([^,\[\]]{1,12}),([^,\[\]]{1,12}),([^,\[\]]{1,12}),(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\]")


def decode_lht65n(data: bytes) -> Sent:
    """Return what a message on port 2 holds: a reading, or records of the data log.

    Raises:
        FrameError: `wrong-length`: neither eleven bytes nor a multiple of them.

    >>> dict(decode_lht65n(bytes.fromhex("cbf60b0d0376010add7fff")).values)["external-temperature"]
    27.81
    """
    if not data or len(data) % RECORD_BYTES:
        raise FrameError("wrong-length", f"{len(data)} bytes are not made of records of {RECORD_BYTES}")
    records = [data[at : at + RECORD_BYTES] for at in range(0, len(data), RECORD_BYTES)]
    if data[6] & 0xC0 and all(_epoch(record) in LOG_EPOCHS for record in records):
        return Sent({}, tuple(_past(record) for record in records))
    if len(records) > 1:
        raise FrameError("wrong-length", f"{len(data)} bytes, and no data log")
    return Sent(_reading(data))


def decode_log_text(text: str) -> tuple[Past, ...]:
    """Return the records of a data log that a codec has made a text of: `[probe,temperature,humidity,time],`, UTC.

    >>> [past.values["temperature"] for past in decode_log_text("[0.00,21.53,55.1,2026-11-24 02:10:11],")]
    [21.53]
    """
    found = []
    for probe, temperature, humidity, time in _LOG.findall(text):
        try:
            taken_at = datetime.strptime(time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            values: dict[str, float | None] = {"temperature": float(temperature), "humidity": float(humidity)}
            values["external-temperature"] = float(probe)
        except ValueError:
            continue
        found.append(Past(int(taken_at.timestamp()), values))
    return tuple(found)


def _reading(record: bytes) -> dict[str, float | None]:
    external = record[6] & 0x3F
    values: dict[str, float | None] = {}
    if external in STAMPED_PROBE:
        values["external-temperature"] = _hundredths(record, 0)
    else:
        values["battery"] = _charge(struct.unpack_from(">H", record)[0] & 0x3FFF)
        if external in EXTERNAL_PROBE:
            values["external-temperature"] = _hundredths(record, 7)
    return {**values, "temperature": _hundredths(record, 2), "humidity": _humidity(record)}


def _past(record: bytes) -> Past:
    values: dict[str, float | None] = {"temperature": _hundredths(record, 2), "humidity": _humidity(record)}
    if record[6] & 0x0F in (*EXTERNAL_PROBE, *STAMPED_PROBE):
        values["external-temperature"] = _hundredths(record, 0)
    return Past(_epoch(record), values)


def _epoch(record: bytes) -> int:
    epoch_s: int = struct.unpack_from(">I", record, 7)[0]
    return epoch_s


def _hundredths(record: bytes, at: int) -> float | None:
    raw: int = struct.unpack_from(">h", record, at)[0]
    return None if raw == PROBE_OPEN else raw / 100


def _humidity(record: bytes) -> float:
    raw: int = struct.unpack_from(">H", record, 4)[0]
    return (raw & 0x0FFF) / 10


def _charge(millivolts: int) -> float:
    """Return the charge in percent, as far as a voltage tells it."""
    share = (millivolts - EMPTY_MV) / (FULL_MV - EMPTY_MV)
    return round(100 * min(1.0, max(0.0, share)))
