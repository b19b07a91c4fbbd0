"""What was seen in a rehearsal, in the order in which it was recorded. Pure."""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

import msgspec

from coldport.messages.alarm import Alarm

Message = TypeVar("Message", bound=msgspec.Struct)


class AlarmEvent(StrEnum):
    """What can happen to an alarm."""

    OCCUR = "occur"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"


class Moved(NamedTuple):
    """An alarm moved: when, in event time, and when control had it on record; both in seconds since the start."""

    at_s: float
    recorded_s: float
    event: AlarmEvent
    alarm: Alarm


class Crossing(NamedTuple):
    """A tag really went through a gate, `in` or `out`; `answers` is false for one that is dead."""

    at_s: float
    epc: str
    direction: str
    answers: bool


class Told(NamedTuple):
    """Something that was told, and when that was."""

    at_s: float
    kind: str
    message: msgspec.Struct


class Record:
    """Everything that was told, and the truth to hold it against.

    `loads` are what stood on the platforms, `(since_s, kg)` in order, by scale; `crossings` what went through a gate.
    """

    def __init__(self, epoch: datetime, *, whole: bool = True) -> None:
        """Begin at `epoch`, with nothing. Unless a site is played `whole`, alarms of what is not read do not count."""
        self._epoch = epoch
        self._whole = whole
        self._points: set[str] = set()
        self._told: list[Told] = []
        self._alarms: dict[str, Alarm] = {}
        self._encoder = msgspec.json.Encoder()
        self.moved: list[Moved] = []
        self.loads: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        self.crossings: defaultdict[str, list[Crossing]] = defaultdict(list)

    def add(self, at_s: float, kind: str, message: msgspec.Struct) -> None:
        """Take in what was told."""
        self._told.append(Told(at_s, kind, message))
        if kind == "observation":
            self._points.add(getattr(message, "point", ""))
        if isinstance(message, Alarm) and (self._whole or message.point in self._points):
            before = self._alarms.get(message.id)
            self.moved += (
                Moved(self.seconds(at), at_s, event, message)
                for event, at in _moments(message)
                if before is None or dict(_moments(before)).get(event) != at
            )
            self._alarms[message.id] = message

    def seconds(self, moment: datetime) -> float:
        """Return a moment in seconds since the start."""
        return (moment - self._epoch).total_seconds()

    def of(self, kind: type[Message]) -> Iterator[Message]:
        """Yield every message of one kind."""
        return (told.message for told in self._told if isinstance(told.message, kind))

    def load_kg(self, scale: str, at_s: float) -> float:
        """Return what really stood on a scale at a moment."""
        loads = self.loads[scale]
        index = bisect_right(loads, at_s, key=lambda load: load[0])
        return loads[index - 1][1] if index else 0.0

    def lines(self) -> Iterator[bytes]:
        """Yield the record as lines of JSON, `{"at_s": .., "told": kind, "message": ..}`."""
        for at_s, kind, message in self._told:
            yield self._encoder.encode({"at_s": round(at_s, 6), "told": kind, "message": message}) + b"\n"

    def digest(self) -> str:
        """Return the SHA-256 of `lines`."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line)
        return digest.hexdigest()


def _moments(alarm: Alarm) -> Iterator[tuple[AlarmEvent, datetime]]:
    yield AlarmEvent.OCCUR, alarm.occurred_at
    if alarm.returned_at is not None:
        yield AlarmEvent.RETURN, alarm.returned_at
    if alarm.acknowledged_at is not None:
        yield AlarmEvent.ACKNOWLEDGE, alarm.acknowledged_at
