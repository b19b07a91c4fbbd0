"""One episode at a dock gate: what the reader and the light barriers told, and what really happened."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from msgspec import Struct

from firmware_sim.devices.dock.field import Field, Heard, Placed, placed
from firmware_sim.devices.dock.movers import Mover, Serials
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.devices.dock.shelf import Shelves
from firmware_sim.devices.dock.traffic import KINDS, Comer, walker
from firmware_sim.physics.motion import union

_STIRS_M = 4.0
"""A truck this near changes the echoes of the shelves."""

PAUSE_S = (5.0, 60.0)
"""From the end of an episode to the beginning of the next."""


class Seen(Struct, frozen=True, array_like=True):
    """A tag seen by an antenna (from 1): `[at_s, tag, antenna, rssi_dbm]`, `tag` an index into `Episode.tags`."""

    at_s: float
    tag: int
    antenna: int
    rssi_dbm: int


class BeamEdge(Struct, frozen=True, array_like=True):
    """A light barrier, `outer` or `inner`, is broken or free again: `[at_s, beam, broken]`."""

    at_s: float
    beam: str
    broken: bool


class TagTruth(Struct, frozen=True, kw_only=True):
    """What a tag really did.

    `kind`: box, pallet, or shelf. `role`: passage, reversal, parked, along, or shelf. `direction`: in, out, or none.
    `crossed_s`: when the tag itself went through the plane of the gate. `mover`: an index into `Episode.movers`.
    `answers`: false for a tag that is dead.
    """

    epc: str
    kind: str
    role: str
    direction: str
    crossed_s: float | None
    mover: int | None
    answers: bool


class MoverTruth(Struct, frozen=True, kw_only=True):
    """What a mover (pallet, truck, person) really did; `crossed_s` is that of its middle."""

    kind: str
    role: str
    direction: str
    crossed_s: float | None


class Episode(Struct, frozen=True, kw_only=True):
    """What happened at the gate between two quiet moments. Seconds since the history began.

    `reads` and `beams` are in order of time.
    """

    number: int
    traffic: str
    start_s: float
    end_s: float
    tags: tuple[TagTruth, ...]
    movers: tuple[MoverTruth, ...]
    beams: tuple[BeamEdge, ...]
    reads: tuple[Seen, ...]


class History:
    """What happens at one gate, episode by episode. The same seeded dice give the same history."""

    def __init__(self, dock: Dock, dice: Random) -> None:
        """Begin at 0 s."""
        self._dock = dock
        self._dice = dice
        self._comer = Comer(dock, dice, Serials())
        self._shelves = Shelves(dock, dice, self._comer.serials)
        self._field = Field(dock, dice)
        self._kinds = list(KINDS)
        self._weights = [getattr(dock.traffic, kind) for kind in self._kinds]
        self._number = 0
        self._free_s = 0.0

    def __iter__(self) -> Iterator[Episode]:
        """Yield episodes for ever."""
        while True:
            yield self._next()

    def _next(self) -> Episode:
        dice, traffic = self._dice, self._dock.traffic
        kind = dice.choices(self._kinds, self._weights)[0]
        start_s = round(self._free_s + dice.uniform(*PAUSE_S), 3)
        movers = KINDS[kind](self._comer)
        if dice.random() < traffic.walker:
            movers.append(walker(self._comer, dice.uniform(0, 10)))
        movers = _beginning(movers, start_s + dice.uniform(*traffic.quiet_s))
        end_s = max(mover.track.moments[-1] for mover in movers) + dice.uniform(*traffic.quiet_s)
        self._number += 1
        self._free_s = end_s
        tags = (*_tag_truths(movers), *(_shelf_truth(tag.epc) for tag in self._shelves.tags))
        index = {tag.epc: number for number, tag in enumerate(tags)}
        episode = Episode(
            number=self._number,
            traffic=kind,
            start_s=start_s,
            end_s=round(end_s, 3),
            tags=tags,
            movers=tuple(map(_mover_truth, movers)),
            beams=beam_edges(self._dock, movers),
            reads=tuple(self._reads(movers, index, start_s, end_s)),
        )
        self._shelves.restock()
        return episode

    def _reads(self, movers: list[Mover], index: dict[str, int], start_s: float, end_s: float) -> Iterator[Seen]:
        """Yield what the reader reports: the antennas in turn, each tag once in a turn."""
        dice, reader = self._dice, self._dock.reader
        loads = [placed(mover) for mover in movers]
        most = int((reader.longest_s - reader.round_s) / reader.singulation_s)
        now_s, turn = start_s, 0
        while now_s < end_s:
            antenna = turn % len(self._dock.portal.antennas)
            answers = self._answers(antenna, loads, now_s)
            taken = dice.sample(answers, min(len(answers), most))
            needed_s = reader.round_s + reader.singulation_s * len(taken)
            lasts_s = min(max(needed_s, reader.shortest_s), reader.longest_s)
            for place, heard in enumerate(taken, start=1):
                at_s = round(now_s + lasts_s * place / (len(taken) + 1), 3)
                if dice.random() >= reader.collision:
                    yield Seen(at_s, index[heard.epc], antenna + 1, heard.rssi_dbm)
            now_s, turn = now_s + lasts_s, turn + 1

    def _answers(self, antenna: int, loads: Sequence[Placed], now_s: float) -> list[Heard]:
        stirred = any(
            load.mover.kind != "person" and not load.mover.along and abs(load.mover.track.at(now_s)) < _STIRS_M
            for load in loads
        )
        return [
            *self._field.heard(antenna, loads, now_s, self._dice),
            *self._shelves.heard(antenna, now_s, stirred=stirred),
        ]


def beam_edges(dock: Dock, movers: Sequence[Mover]) -> tuple[BeamEdge, ...]:
    """Return every change of the two light barriers, in order of time."""
    edges = []
    for name, place_m in (("outer", dock.portal.outer_beam_m), ("inner", dock.portal.inner_beam_m)):
        for from_s, to_s in union(interval for mover in movers for interval in mover.covers(place_m)):
            edges += [BeamEdge(round(from_s, 3), name, broken=True), BeamEdge(round(to_s, 3), name, broken=False)]
    return tuple(sorted(edges, key=lambda edge: (edge.at_s, edge.beam, edge.broken)))


def _beginning(movers: Sequence[Mover], start_s: float) -> list[Mover]:
    """Return movers with the first of them setting out at `start_s`."""
    first_s = min(mover.track.moments[0] for mover in movers)
    return [replace(mover, track=mover.track.later(start_s - first_s)) for mover in movers]


def _crossing(mover: Mover, ahead_m: float) -> tuple[str, float | None]:
    """Return which way what rides `ahead_m` before the middle of a mover went through the gate, and when."""
    crossed_s = None if mover.along else mover.track.crossed_s(-ahead_m)
    if crossed_s is None:
        return "none", None
    return ("in" if mover.track.places[-1] > 0 else "out"), round(crossed_s, 3)


def _mover_truth(mover: Mover) -> MoverTruth:
    direction, crossed_s = _crossing(mover, 0.0)
    return MoverTruth(kind=mover.kind, role=mover.role, direction=direction, crossed_s=crossed_s)


def _tag_truths(movers: Sequence[Mover]) -> Iterator[TagTruth]:
    for number, mover in enumerate(movers):
        for tag in mover.tags:
            direction, crossed_s = _crossing(mover, tag.dx_m)
            yield TagTruth(
                epc=tag.epc,
                kind=tag.kind,
                role=mover.role,
                direction=direction,
                crossed_s=crossed_s,
                mover=number,
                answers=tag.answers,
            )


def _shelf_truth(epc: str) -> TagTruth:
    return TagTruth(epc=epc, kind="shelf", role="shelf", direction="none", crossed_s=None, mover=None, answers=True)
