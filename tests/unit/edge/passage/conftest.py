"""Hand-made traffic through a gate with two antennas and a light barrier on either side, told as a reader would."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import log10

import pytest

from edge.passage.engine import Passages
from edge.passage.events import BeamChanged, GateEvent, TagSeen
from edge.passage.neighbours import Neighbours
from edge.passage.settings import PassageSettings

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
PLAIN = PassageSettings(outside=(1, 2), inside=(3, 4))
BARRIERS = PassageSettings(outside=(1, 2), inside=(3, 4), outer_beam=1, inner_beam=2)
EPC = "3034257BF7194E4000001A85"


def moment(seconds: float) -> datetime:
    return NOON + timedelta(milliseconds=round(seconds * 1000))


@dataclass(frozen=True)
class Floor:
    """What happens at a gate, in metres from its plane, positive inside; tags are read every 0.3 s."""

    every_s: float = 0.3

    def tag(self, epc: str, path, begin_s: float, end_s: float, loss_db: float = 0.0) -> list[GateEvent]:
        """A tag that is where `path(seconds)` says; the posts take turns, and no antenna hears behind its back."""
        events: list[GateEvent] = []
        for turn in range(int((end_s - begin_s) / self.every_s) + 1):
            seconds = begin_s + turn * self.every_s
            place = path(seconds)
            side = (1, 2) if place < 0 else (3, 4)
            level = -46 - 20 * log10(1 + ((abs(place) - 0.9) / 1.5) ** 2) - loss_db
            if level > -72:
                events.append(TagSeen(epc=epc, antenna=side[turn % 2], rssi_dbm=round(level), at=moment(seconds)))
        return events

    def beams(self, path, begin_s: float, end_s: float, half_m: float = 0.6) -> list[GateEvent]:
        """The barriers 0.4 m before and behind the plane, while something of twice `half_m` moves so."""
        events: list[GateEvent] = []
        broken = {1: False, 2: False}
        for step in range(int((end_s - begin_s) * 100)):
            seconds = begin_s + step / 100
            for beam, place in ((1, -0.4), (2, 0.4)):
                now = abs(path(seconds) - place) < half_m
                if now is not broken[beam]:
                    broken[beam] = now
                    events.append(BeamChanged(beam=beam, broken=now, at=moment(seconds)))
        return events

    def pallet(self, direction: int, cross_s: float, speed: float = 1.0, epcs=(EPC,), *, beams=True):
        """Boxes on a pallet that goes through at a steady speed, and its shadow; some hang back by a few decimetres."""
        events = []
        for number, epc in enumerate(epcs):
            back = 0.2 * (number % 4) - 0.3
            events += self.tag(
                epc,
                lambda s, back=back: direction * (speed * (s - cross_s) - back),
                cross_s - 5 / speed,
                cross_s + 5 / speed,
                loss_db=number % 5,
            )
        if beams:
            events += self.beams(lambda s: direction * speed * (s - cross_s), cross_s - 3 / speed, cross_s + 3 / speed)
        return in_order(events)


def in_order(events):
    return sorted(events, key=lambda event: event.at)


def decide(events, settings=BARRIERS, neighbours=None, gate="gate"):
    """Tell a gate the events, wait for a minute, and return what it said."""
    passages = Passages(gate, settings, neighbours or Neighbours())
    verdicts = [verdict for event in events for verdict in passages.take(event)]
    return verdicts + passages.advance(max(event.at for event in events) + timedelta(minutes=2))


@dataclass(frozen=True)
class Kit:
    floor = Floor()
    epc = EPC
    plain = PLAIN
    barriers = BARRIERS
    decide = staticmethod(decide)
    moment = staticmethod(moment)
    in_order = staticmethod(in_order)
    replace = staticmethod(replace)


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()
