"""`coldport sim history`: what happens on a simulated floor, written down without anybody looking.

A line is JSON, `[at_s, signal, value]`, for the start and for each change of a signal, in the order in which they
happen. The same site and seed give the same file, byte by byte; its SHA-256 is printed.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from coldport.clock import SystemClock
from firmware_sim.devices.device import Value
from firmware_sim.floor import Floor, build
from firmware_sim.scenario import load_scenario

STEP_S = 60.0
"""Lines are handed on after so much time on the floor: some thousands of them."""

LONGEST_H = 24.0 * 31


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `history` to `coldport sim`."""
    history = commands.add_parser(
        "history",
        help="write down what happens on a simulated floor",
        description="Lets time pass on the floor of SITE/simulation.toml, in virtual time and without lines or "
        "clients, and writes every change of every signal as a line of JSON: [seconds, signal, value].",
    )
    history.add_argument("site", type=Path, metavar="SITE", help="site folder, as config/sites/xiangtan")
    history.add_argument("--hours", type=_hours, default=24.0, help="how long (24)")
    history.add_argument("--seed", type=int, help="another history than the file's own seed gives")
    history.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write; without it, only the digest is printed"
    )
    history.set_defaults(run=_run)


def changes(floor: Floor, until_s: float) -> Iterator[bytes]:
    """Let time pass on a floor that has just been built, and yield the lines, many at once."""
    encode_into = msgspec.json.Encoder().encode_into
    lines = bytearray()

    def note(signal: str, now_s: float, value: Value) -> None:
        encode_into((now_s, signal, value), lines, -1)
        lines.extend(b"\n")

    floor.run_until(0.0)
    for signal in floor.world.signals:
        note(signal, 0.0, floor.world.value(signal))
        floor.world.watch(signal, partial(note, signal))
    now_s = 0.0
    while now_s < until_s:
        now_s = min(until_s, now_s + STEP_S)
        floor.run_until(now_s)
        yield bytes(lines)
        lines.clear()


def written(floor: Floor, until_s: float, write: Callable[[bytes], object]) -> tuple[int, str]:
    """Hand the lines of a history on; return how many they were, and their SHA-256."""
    digest, count = hashlib.sha256(), 0
    for lines in changes(floor, until_s):
        digest.update(lines)
        count += lines.count(b"\n")
        write(lines)
    return count, digest.hexdigest()


def _run(arguments: argparse.Namespace) -> int:
    scenario = load_scenario(arguments.site)
    floor = build(scenario, scenario.seed if arguments.seed is None else arguments.seed)
    clock = SystemClock()
    started_s = clock.monotonic_s()
    if arguments.out is None:
        count, digest = written(floor, arguments.hours * 3600, len)
    else:
        with arguments.out.open("wb") as out:
            count, digest = written(floor, arguments.hours * 3600, out.write)
    took_s = clock.monotonic_s() - started_s
    sys.stdout.write(f"{count} changes in {arguments.hours:g} h, written in {took_s:.1f} s\nsha256 {digest}\n")
    return 0


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= LONGEST_H:
        raise argparse.ArgumentTypeError(f"at most {LONGEST_H:g} hours, and more than none")
    return hours
