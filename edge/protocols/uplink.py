"""What devices by radio say, whoever carries it: values now, and values of before that were kept while nobody heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import TypeVar

import msgspec

from edge.protocols.framing import FrameError

PAYLOAD_LIMIT = 64 * 1024
"""Bytes of one message of a vendor's broker. An uplink heard by fifty gateways has 20 kB."""

SPOKEN = {"open": 1.0, "opened": 1.0, "on": 1.0, "true": 1.0, "close": 0.0, "closed": 0.0, "off": 0.0, "false": 0.0}
"""Words that codecs put where a number could stand."""

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Past:
    """Values that a device took down earlier: seconds since 1970 by its own clock, and what it then measured."""

    epoch_s: int
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one message of a device holds, by the name of the value. None says that the device's own probe is broken.

    `unread` counts the bytes at its end of which nothing is known.
    """

    values: Mapping[str, float | None]
    history: tuple[Past, ...] = ()
    unread: int = 0


def decode(payload: bytes, shape: type[Shape]) -> Shape:
    """Return a JSON message as `shape`; keys it does not know are passed over, for vendors add some.

    Raises:
        FrameError: `too-long`, `json` (no JSON, or nested beyond use), `shape` (a key is missing or of another kind).
    """
    if len(payload) > PAYLOAD_LIMIT:
        raise FrameError("too-long", f"{len(payload)} bytes, at most {PAYLOAD_LIMIT} are read")
    try:
        return msgspec.json.decode(payload, type=shape)
    except msgspec.ValidationError as error:
        raise FrameError("shape", str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FrameError("json", str(error)) from error


def number(told: object) -> float | None:
    """Return what a decoded key holds as a number, None when it is none. Some codecs write numbers as text.

    >>> number("21.50"), number(True), number("closed"), number("NULL")
    (21.5, 1.0, 0.0, None)
    """
    if isinstance(told, str):
        word = told.strip().lower()
        if word in SPOKEN:
            return SPOKEN[word]
        try:
            told = float(word)
        except ValueError:
            return None
    if isinstance(told, bool | int | float):
        try:
            value = float(told)
        except OverflowError:
            return None
        return value if isfinite(value) else None
    return None


def moment(told: object) -> datetime | None:
    """Return a time as vendors write it: RFC 3339 with any zone, or milliseconds since 1970. None when it is neither.

    >>> moment("2026-11-24T10:10:11.123+08:00").isoformat(), moment(1_795_486_211_123).isoformat()
    ('2026-11-24T02:10:11.123000+00:00', '2026-11-24T02:10:11.123000+00:00')
    """
    try:
        if isinstance(told, str):
            found = msgspec.convert(told, datetime)
            return found.astimezone(UTC) if found.tzinfo is not None else None
        if isinstance(told, int | float) and not isinstance(told, bool):
            return datetime.fromtimestamp(told / 1000, UTC)
    except (msgspec.ValidationError, OverflowError, ValueError, OSError):
        return None
    return None
