"""Every parcel of a corpus of loads gets one weight, one only, and a right one. `docs/reference/corpus.md`.

A thousand loads, or as many as COLDPORT_LOADS says (`make bench-loads`: ten thousand, and the table is printed).
"""

import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from coldport.ids import PointId
from coldport.messages.observation import Quality, Weighing
from edge.drivers.scales.load_cycle import LoadCycle
from edge.drivers.scales.report import WeightReport
from edge.drivers.scales.stability import StabilityRule
from edge.lines.scale import Load
from edge.protocols.shown import Shown, bad
from edge.sources.scale import load_rule
from firmware_sim.corpus.loads import LoadSettings, Run, loads

COUNT = int(os.environ.get("COLDPORT_LOADS", "1000"))
SEED = int(os.environ.get("COLDPORT_SEED", "1"))
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def weighings_of(run: Run) -> list[tuple[float, Weighing]]:
    """What is told of a run, with the second of each: the frames as a driver would report them."""
    rule = StabilityRule(division_kg=run.division_kg, hold_s=0.5, rate_hz=run.rate_hz)
    report = WeightReport(PointId("scale"), rule, LoadCycle(load_rule(Load(), run.division_kg)))
    told, last_kg = [], 0.0
    for frame in run.frames:
        if frame.gross_kg is not None:
            last_kg = frame.gross_kg
            shown = Shown(gross_kg=frame.gross_kg, device_stable=frame.stable)
        else:  # blank; a frame of a real scale says which of the two
            shown = bad("overload" if last_kg > run.capacity_kg / 2 else "underload")
        now = NOON + timedelta(seconds=frame.at_s)
        told += [(frame.at_s, one) for one in report.weigh(shown, now, frame.at_s) if isinstance(one, Weighing)]
    return told


def judge(run: Run, tally: Counter, off: list[float]) -> None:
    """Give each weighing to the load that lay on the platform at its moment, and count what came of each load."""
    told = weighings_of(run)
    for load in run.loads:
        # The later half of a ramp belongs to the load; what is told as it goes is told at the end of it.
        mine = [one for at_s, one in told if load.rests_s - 0.1 <= at_s <= load.leaves_s + 0.05]
        good = [one for one in mine if one.quality is not Quality.BAD]
        key = f"{load.kind}, {load.comes}{', again' if load.again else ''}"
        tally[key, "loads"] += 1
        tally[key, "weighed once" if len(good) == 1 else f"weighed {len(good)} times"] += 1
        if load.kind == "parcel" and good:
            off.append(max(abs(one.gross_kg - load.mass_kg) for one in good) / run.division_kg)
    for _, one in told:
        tally["told", one.reason or "good"] += 1


@pytest.fixture(scope="module")
def judged() -> tuple[Counter, list[float]]:
    tally, off = Counter(), []
    for run in loads(LoadSettings(), SEED, COUNT):
        judge(run, tally, off)
    for (key, what), count in sorted(tally.items()):
        sys.stdout.write(f"{key:28} {what:20} {count:6}\n")
    sys.stdout.write(f"farthest from the truth: {max(off):.3f} d\n")
    return tally, off


def test_each_parcel_is_weighed_once_and_only_once(judged) -> None:
    tally, _ = judged
    parcels = {what: 0 for _, what in tally}
    for (key, what), count in tally.items():
        if key.startswith("parcel"):
            parcels[what] += count
    assert parcels["weighed once"] == parcels["loads"]


def test_each_weight_is_within_one_division_of_the_truth(judged) -> None:
    _, off = judged
    assert max(off) <= 1.0


def test_no_more_weights_are_told_than_loads_came(judged) -> None:
    tally, _ = judged
    parcels = sum(count for (key, what), count in tally.items() if what == "loads" and key.startswith("parcel"))
    hasty = sum(count for (key, what), count in tally.items() if what == "loads" and key.startswith("hasty"))
    assert parcels <= tally["told", "good"] <= parcels + hasty


def test_loads_too_light_and_too_heavy_are_told_as_bad(judged) -> None:
    tally, _ = judged
    heavy = sum(count for (key, what), count in tally.items() if what == "loads" and key.startswith("heavy"))
    assert tally["told", "overload"] == heavy
    assert tally["told", "below-minimum"] > 0
