"""Back-tests a generated site, judges the same live, and compares both with a plain loop: `make bench-alarms`.

The plain loop is what a first sketch of an alarm does: a comparison, and a timer that runs on through gaps.
"""

import argparse
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np

from coldport.messages.observation import Reading
from coldport.settings import load
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile, Kind
from control.alarms.engine import Engine
from control.backtest import replay
from control.backtest.parallel import replay_all
from control.backtest.replay import Run, groups
from control.backtest.series import Series, moment
from control.entries import Acknowledged, Observed, Started

STEP_US = 60_000_000
START_US = 1_767_225_600_000_000
EXCURSIONS_A_POINT = 3
EXAMPLE = load(Path(__file__).parents[2] / "config/sites/recorded/alarms.toml", AlarmFile).alarms[0]


def definition(kind, limit, delay_s):
    return msgspec.structs.replace(
        EXAMPLE,
        id=kind.value.lower(),
        kind=kind,
        zones=(),
        zone_class=ZoneClass.CHILLED,
        limit=limit,
        unit="s" if kind is Kind.STALE else "°C",
        deadband=0.0 if kind is Kind.STALE else 0.5,
        on_delay_s=delay_s,
        off_delay_s=delay_s,
    )


ALARMS = AlarmFile(
    settle_s=0,
    alarms=(
        definition(Kind.HI, 8.0, 900),
        definition(Kind.HIHI, 12.0, 900),
        definition(Kind.LO, 2.0, 600),
        definition(Kind.STALE, 600.0, 0),
    ),
)


def site_of(count):
    points = tuple(Point(id=f"p{n}", quantity=Quantity.TEMPERATURE, every_s=60) for n in range(count))
    zone = Zone(id="z", name=Text(zh="库", en="Room"), zone_class=ZoneClass.CHILLED, points=points)
    return Site(id="bench", name=Text(zh="站", en="Bench"), timezone="UTC", zones=(zone,))


def series_of(dice, count):
    """A room at 5 °C with noise, three warm hours, a few readings that failed and a gap."""
    at = START_US + STEP_US * np.arange(count, dtype=np.int64)
    values = 5.0 + dice.normal(0, 0.3, count) + np.sin(np.arange(count) / 230.0)
    for start in dice.integers(0, max(1, count - 180), EXCURSIONS_A_POINT):
        values[start : start + 180] += dice.uniform(3, 9)
    values[dice.integers(0, count, max(1, count // 500))] = np.nan
    gap = int(dice.integers(0, max(1, count - 120)))
    kept = np.ones(count, dtype=bool)
    kept[gap : gap + 90] = False
    return Series(at[kept], values[kept])


LIMITS = ((8.0, 0.5, True, 900e6), (12.0, 0.5, True, 900e6), (2.0, 0.5, False, 600e6))


def plain_loop(points):
    """Judge every sample by HI, HIHI and LO as a first sketch would; return how often each raised."""
    raised = [0] * len(LIMITS)
    for series in points.values():
        states = [[False, False, 0] for _ in LIMITS]
        for at, value in zip(series.at.tolist(), series.values.tolist(), strict=True):
            for index, (limit, deadband, high, delay) in enumerate(LIMITS):
                state = states[index]
                breached, active, since = state
                if high:
                    now = value > (limit - deadband if breached else limit)
                else:
                    now = value < (limit + deadband if breached else limit)
                if now is not breached:
                    state[0], state[2] = now, at
                    since = at
                if now is not active and at - since >= delay:
                    state[1] = now
                    raised[index] += now
    return raised


def live(site, points, limit):
    """Judge the first `limit` readings as control does: batches of 500, all points in the order of time."""
    engine = Engine(site, ALARMS)
    names = list(points)
    rows = limit // len(names)
    start = moment(START_US)
    engine.apply(Started(at=start), start, 1)
    batches = []
    for row in range(rows):
        for first in range(0, len(names), 500):
            observations = tuple(
                Reading(seq=1, point=name, observed_at=moment(int(points[name].at[row])), spooled_at=start,
                        value=None if np.isnan(value) else float(value))
                for name in names[first : first + 500]
                for value in [points[name].values[row]]
            )  # fmt: skip
            batches.append(Observed(gateway="g", boot_id="0" * 32, observations=observations))
    before, count = time.perf_counter(), 0
    sizes = []
    for index, batch in enumerate(batches):
        at = batch.observations[-1].observed_at + timedelta(seconds=1)
        alarms = engine.apply(batch, at, 1)
        for alarm in alarms:
            if alarm.returned_at is not None:
                engine.apply(Acknowledged(alarm=alarm.id, at=at, by="bench"), at, 1)
        count += len(batch.observations)
        if index + 1 in (len(batches) // 4, len(batches) // 2, len(batches)):
            sizes.append(len(msgspec.msgpack.encode(engine.state)))
    return count / (time.perf_counter() - before), sizes


def engine_alone(parts):
    """Return which share of the readings a back-test shows to the engine, and how long it takes to show it all."""
    shown = 0
    for part in parts:
        run = Run(part)
        list(run.events())
        shown += run.shown
    before = time.perf_counter()
    replay.is_simple = lambda _: False
    for part in parts:
        list(Run(part).events())
    return shown / sum(part.readings for part in parts), time.perf_counter() - before


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=10_000_000)
    parser.add_argument("--points", type=int, default=2_000)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    dice = np.random.default_rng(4)
    site = site_of(chosen.points)
    points = {point: series_of(dice, chosen.readings // chosen.points) for point in site.points()}
    count = sum(len(series.at) for series in points.values())

    before = time.perf_counter()
    parts = groups(site, ALARMS, points)
    events = replay_all(parts, chosen.processes)
    fast_s = time.perf_counter() - before
    some = parts[:: max(1, len(parts) // 20)]
    share, whole_s = engine_alone(some)
    whole_s *= count / sum(part.readings for part in some)
    before = time.perf_counter()
    raised = plain_loop(points)
    plain_s = time.perf_counter() - before
    rate, sizes = live(site, points, min(count, 1_000_000))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mine = [sum(e.event == "occur" and e.definition == name for e in events) for name in ("hi", "hihi", "lo")]
    rows = [
        (
            f"back-test of {count:,} readings of {chosen.points:,} points, {chosen.processes} processes",
            f"{fast_s:.1f} s",
            "<= 60 s",
        ),
        ("readings shown to the engine; the rest lie in quiet runs", f"{share:.1%}", ""),
        ("the engine shown every reading, one process (from twenty of the points)", f"{whole_s:.1f} s", ""),
        ("a plain loop over every sample, one process", f"{plain_s:.1f} s", ""),
        ("plain loop : back-test", f"{plain_s / fast_s:.2f}", ""),
        ("HI, HIHI, LO raised by the back-test", ", ".join(f"{one:,}" for one in mine), ""),
        ("HI, HIHI, LO raised by the plain loop, which knows no gaps", ", ".join(f"{one:,}" for one in raised), ""),
        ("live engine, one core", f"{rate:,.0f} readings/s", ">= 100,000"),
        (
            "its state after a quarter, half and all of the readings",
            ", ".join(f"{size / 1e3:,.0f}" for size in sizes) + " kB",
            "flat",
        ),
        ("memory of the process that back-tests", f"{peak_mb:,.0f} MB", ""),
    ]
    sys.stdout.write("| | measured | must be |\n|---|--:|---|\n")
    sys.stdout.writelines(f"| {said} | {measured} | {wanted} |\n" for said, measured, wanted in rows)


if __name__ == "__main__":
    main(sys.argv[1:])
