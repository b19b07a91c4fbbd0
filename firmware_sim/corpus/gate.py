"""The corpus of a dock gate: passages with their truth. `docs/reference/corpus.md` says what stands in the file."""

import itertools
from collections.abc import Iterator
from random import Random

import msgspec
from msgspec import Struct

from firmware_sim.devices.dock.episode import Episode, History
from firmware_sim.devices.dock.settings import Dock

VERSION = 1


class GateHeader(Struct, frozen=True, kw_only=True, tag_field="corpus", tag="gate"):
    """The first line: how the rest was made."""

    version: int
    seed: int
    count: int
    settings: Dock


def passages(dock: Dock, seed: int, count: int) -> Iterator[Episode]:
    """Yield `count` episodes at a gate. The same settings and seed give the same ones."""
    dice = Random(f"{seed}/gate")  # noqa: S311 - a simulation must be repeatable, not unguessable
    return itertools.islice(History(dock, dice), count)


def gate_lines(dock: Dock, seed: int, count: int) -> Iterator[bytes]:
    """Yield the lines of a corpus file, without their ends."""
    yield msgspec.json.encode(GateHeader(version=VERSION, seed=seed, count=count, settings=dock))
    yield from map(msgspec.json.encode, passages(dock, seed, count))
