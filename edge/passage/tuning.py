"""What recorded reads say about a gate: how loud passages and strays are, and where its limits had better lie.

The gate's own verdicts divide the tags; nobody has to know the truth. A gate is tuned when the two heaps lie apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import floor

from coldport.messages.observation import Direction
from edge.passage.engine import Passages
from edge.passage.events import GateEvent, TagSeen
from edge.passage.neighbours import Neighbours
from edge.passage.settings import PassageSettings
from edge.passage.verdict import Verdict

BIN_DB = 3
"""Width of a bar of a histogram."""


@dataclass
class Heard:
    """What was heard of the tags of one kind: reads by antenna, and their levels in bins of `BIN_DB`."""

    reads: Counter[int] = field(default_factory=Counter)
    levels: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    peaks: list[float] = field(default_factory=list)

    def add(self, reads: Iterable[TagSeen]) -> None:
        """Take the reads of one tag."""
        levels = []
        for read in reads:
            self.reads[read.antenna] += 1
            if read.rssi_dbm is not None:
                levels.append(read.rssi_dbm)
                self.levels[read.antenna][floor(read.rssi_dbm / BIN_DB) * BIN_DB] += 1
        if levels:
            self.peaks.append(max(levels))

    def peak(self, share: float) -> float | None:
        """Return the level below which so large a share of the tags have their loudest read; None without a level."""
        ordered = sorted(self.peaks)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


@dataclass
class Tuning:
    """The report. `passed` and `strays` are what was heard of tags told as passages, and of all others."""

    passed: Heard = field(default_factory=Heard)
    strays: Heard = field(default_factory=Heard)
    told: int = 0
    undetermined: int = 0
    empty: int = 0

    @property
    def margin_db(self) -> float | None:
        """By how much the quietest passages but one in a hundred are louder than the loudest strays but one in twenty.

        Below 0 the heaps overlap: then it is the order of the sides alone that tells them apart.
        """
        quiet, loud = self.passed.peak(0.01), self.strays.peak(0.95)
        return None if quiet is None or loud is None else quiet - loud

    @property
    def peak_dbm(self) -> float | None:
        """What `peak_dbm` had better be: one dB below the quietest passage but one in a thousand."""
        quiet = self.passed.peak(0.001)
        return None if quiet is None else quiet - 1

    @property
    def one_side_dbm(self) -> float | None:
        """What `one_side_dbm` had better be: where one passage in two hundred is quieter, so that few are lost."""
        return self.passed.peak(0.005)


def tune(settings: PassageSettings, events: Iterable[GateEvent]) -> Tuning:
    """Run recorded events, in order, through the gate and report; a tag is one heap or the other for good."""
    gate = Passages("gate", settings, Neighbours())
    reads: dict[str, list[TagSeen]] = defaultdict(list)
    verdicts: list[Verdict] = []
    for event in events:
        if isinstance(event, TagSeen):
            reads[event.epc].append(event)
        verdicts += gate.take(event)
    verdicts += gate.finish()
    tuning = Tuning(
        told=sum(verdict.epc is not None for verdict in verdicts),
        undetermined=sum(
            verdict.epc is not None and verdict.direction is Direction.UNDETERMINED for verdict in verdicts
        ),
        empty=sum(verdict.epc is None for verdict in verdicts),
    )
    passed = {verdict.epc for verdict in verdicts}
    for epc, seen in reads.items():
        (tuning.passed if epc in passed else tuning.strays).add(seen)
    return tuning
