"""Recorded reads of a gate, as events: a corpus of the simulator, or batches of observations as they were on the bus.

Pure: lines in, events and problems out. The corpus is described in `docs/reference/corpus.md`; batches are what
`mosquitto_sub -t 'coldport/v1/SITE/observations/+'` prints, one a line. Batches have no light barriers.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from coldport.codec import decode
from coldport.errors import MalformedError
from coldport.ids import PointId
from coldport.messages.observation import Batch, TagRead
from edge.passage.events import BeamChanged, GateEvent, TagSeen
from edge.passage.settings import PassageSettings

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""The hour does not matter to a gate; a corpus counts seconds."""


def recorded(lines: Iterable[bytes], point: PointId, settings: PassageSettings) -> Iterator[GateEvent]:
    """Yield the events of the gate `point` in a recording, those of one line in order of time.

    Raises:
        MalformedError: A line is neither; the message names it.
    """
    corpus = False
    for number, line in enumerate(lines, 1):
        try:
            if number == 1 and line.startswith(b'{"corpus":"gate"'):
                corpus = True
            elif corpus:
                yield from _episode(msgspec.json.decode(line), settings)
            elif line.strip():
                yield from _batch(decode(Batch, line), point)
        except (msgspec.DecodeError, MalformedError, LookupError, TypeError, ValueError) as error:
            raise MalformedError(f"line {number}: {error}") from error


def _episode(episode: dict[str, Any], settings: PassageSettings) -> list[GateEvent]:
    beams = {"outer": settings.outer_beam, "inner": settings.inner_beam}
    events: list[GateEvent] = [
        BeamChanged(beam=cast("int", beams[name]), broken=broken, at=_at(seconds))
        for seconds, name, broken in episode["beams"]
        if beams[name] is not None
    ]
    events += [
        TagSeen(epc=episode["tags"][tag]["epc"], antenna=antenna, rssi_dbm=rssi_dbm, at=_at(seconds))
        for seconds, tag, antenna, rssi_dbm in episode["reads"]
    ]
    return sorted(events, key=lambda event: event.at)


def _at(seconds: float) -> datetime:
    return BEGIN + timedelta(milliseconds=round(seconds * 1000))


def _batch(batch: Batch, point: PointId) -> list[GateEvent]:
    events: list[GateEvent] = [
        TagSeen(epc=each.epc, antenna=each.antenna, rssi_dbm=each.rssi_dbm, at=each.observed_at, count=each.count)
        for each in batch.observations
        if isinstance(each, TagRead) and each.point == point
    ]
    return sorted(events, key=lambda event: event.at)
