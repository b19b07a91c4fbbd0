"""Prints how well passages are told from a corpus file, by kind of traffic. The generator is known by its file alone.

`make bench-gate` makes the file (10,000 episodes, a seed that nothing was tuned on) and reads it. What it holds is in
docs/reference/corpus.md. Exit code 1 when a limit is missed.
"""

import argparse
import json
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from edge.passage.engine import Passages
from edge.passage.events import BeamChanged, GateEvent, TagSeen
from edge.passage.neighbours import Neighbours
from edge.passage.settings import PassageSettings
from edge.passage.verdict import Verdict

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BEAMS = {"outer": 1, "inner": 2}

RIGHT_OF_DECIDED, UNDECIDED, STRAYS_TOLD = 0.99, 0.01, 0.001
"""What must hold: directions that are right, passages without one or not told at all, and strays told as passages."""

Tally = Counter[str]


@dataclass
class Truth:
    """One episode: its traffic, when it began, and of each tag its EPC, role, direction and whether it was heard."""

    traffic: str
    start_at: datetime
    tags: list[tuple[str, str, str, bool]]


@dataclass
class Results:
    """What became of each tag, by traffic and role; `empty` counts passages without a tag."""

    by_kind: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Counter))
    empty: int = 0
    seconds: float = 0.0
    reads: int = 0

    def sum(self, *roles: str) -> Tally:
        """Return the sum over all traffic of some roles."""
        return sum((tally for (_, role), tally in self.by_kind.items() if role in roles), Counter())

    @property
    def right_of_decided(self) -> float:
        """Tags that went through, told with their direction, of all told with any; one that turned back is wrong."""
        passed, turned = self.sum("passage"), self.sum("reversal")
        return passed["right"] / max(1, passed["right"] + passed["wrong"] + passed["twice"] + turned["told"])

    @property
    def undecided(self) -> float:
        """Tags that went through and were heard, told without a direction."""
        passed = self.sum("passage")
        return passed["undetermined"] / max(1, passed.total() - passed["unheard"])

    @property
    def missed(self) -> float:
        """Tags that went through and were heard, and are not told at all."""
        passed = self.sum("passage")
        return passed["missed"] / max(1, passed.total() - passed["unheard"])

    @property
    def strays_told(self) -> float:
        """Tags that did not go through and did not turn in the gate, told as gone in or out."""
        strays = self.sum("shelf", "along", "parked")
        return strays["told"] / max(1, strays.total() - strays["unheard"])


def gate_of(header: dict) -> PassageSettings:
    """Return the gate of a corpus: antennas before its plane are outside, as its header says where they stand."""
    antennas = header["settings"]["portal"]["antennas"]
    outside = tuple(number for number, antenna in enumerate(antennas, 1) if antenna["x_m"] < 0)
    inside = tuple(number for number, antenna in enumerate(antennas, 1) if antenna["x_m"] >= 0)
    return PassageSettings(outside=outside, inside=inside, outer_beam=BEAMS["outer"], inner_beam=BEAMS["inner"])


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(milliseconds=round(seconds * 1000))


def events_of(episode: dict) -> list[GateEvent]:
    events: list[GateEvent] = [
        BeamChanged(beam=BEAMS[beam], broken=broken, at=at(seconds)) for seconds, beam, broken in episode["beams"]
    ]
    events += [
        TagSeen(epc=episode["tags"][tag]["epc"], antenna=antenna, rssi_dbm=rssi_dbm, at=at(seconds))
        for seconds, tag, antenna, rssi_dbm in episode["reads"]
    ]
    return sorted(events, key=lambda event: event.at)


def measure(path: Path) -> Results:
    """Run a corpus through one gate, as one history, and hold every verdict against the truth."""
    results = Results()
    with path.open(encoding="utf-8") as lines:
        gate = Passages("gate", gate_of(json.loads(next(lines))), Neighbours())
        truths: list[Truth] = []
        verdicts: list[Verdict] = []
        for line in lines:
            episode = json.loads(line)
            began_s = perf_counter()
            for event in events_of(episode):
                verdicts += gate.take(event)
            results.seconds += perf_counter() - began_s
            results.reads += len(episode["reads"])
            heard = {tag for _, tag, _, _ in episode["reads"]}
            tags = [
                (tag["epc"], tag["role"], tag["direction"], number in heard)
                for number, tag in enumerate(episode["tags"])
            ]
            truths.append(Truth(episode["traffic"], at(episode["start_s"]), tags))
        verdicts += gate.advance(at(episode["end_s"] + 600))
    results.empty = sum(verdict.epc is None for verdict in verdicts)
    _compare(results, truths, verdicts)
    return results


def _compare(results: Results, truths: list[Truth], verdicts: list[Verdict]) -> None:
    starts = [truth.start_at for truth in truths]
    told: dict[tuple[int, str], list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.epc is not None:
            told[bisect_right(starts, verdict.at) - 1, verdict.epc].append(verdict.direction.value)
    for index, truth in enumerate(truths):
        for epc, role, direction, heard in truth.tags:
            directions = told.pop((index, epc), [])
            outcome = _outcome(direction, directions) if heard else "unheard"
            results.by_kind[truth.traffic, role][outcome] += 1
    for directions in told.values():  # told of a tag in an episode in which it was not: a stray of the one before
        results.by_kind["between", "shelf"][_outcome("none", directions)] += 1


def _outcome(truth: str, told: list[str]) -> str:
    ways = set(told)
    if truth == "none":
        return "told" if ways - {"undetermined"} else "undetermined" if ways else "quiet"
    if not ways:
        return "missed"
    if ways == {"undetermined"}:
        return "undetermined"
    if truth not in ways:
        return "wrong"
    return "right" if told == [truth] else "twice"


def table(results: Results) -> Iterator[str]:
    columns = ("right", "wrong", "twice", "undetermined", "missed", "quiet", "told", "unheard")
    yield "| traffic | tags | " + " | ".join(columns) + " |"
    yield "|---|---|" + "--:|" * len(columns)
    for (traffic, role), tally in sorted(results.by_kind.items()):
        yield f"| {traffic} | {role} | " + " | ".join(str(tally[column] or "") for column in columns) + " |"
    yield ""
    limits = (
        ("direction right, of all told with one", results.right_of_decided, f">= {RIGHT_OF_DECIDED:.1%}"),
        ("gone through and heard, told without a direction", results.undecided, f"<= {UNDECIDED:.1%}"),
        ("gone through and heard, not told", results.missed, ""),
        ("strays told as passages", results.strays_told, f"<= {STRAYS_TOLD:.1%}"),
    )
    yield "| | measured | must be |"
    yield "|---|--:|---|"
    for name, share, limit in limits:
        yield f"| {name} | {share:.3%} | {limit} |"
    yield ""
    yield f"{results.empty} passages without a tag; {results.reads} reads in {results.seconds:.0f} s"


def holds(results: Results) -> bool:
    """Whether the corpus is told as well as it must be."""
    return (
        results.right_of_decided >= RIGHT_OF_DECIDED
        and results.undecided <= UNDECIDED
        and results.strays_told <= STRAYS_TOLD
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="made by `coldport sim corpus gate`")
    results = measure(parser.parse_args().corpus)
    sys.stdout.write("\n".join(table(results)) + "\n")
    return 0 if holds(results) else 1


if __name__ == "__main__":
    sys.exit(main())
