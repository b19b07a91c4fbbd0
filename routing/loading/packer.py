"""Fills one room with boxes: beam search over blocks, ever wider, until the time is over.

A partial load is judged by what the greedy rest makes of it. The first round is the greedy rest alone; each further one
keeps twice as many partial loads, and from the widest on tries other tastes, drawn from the seed.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np

from routing.loading.blocks import ANY_PRESSURE, PRESSURE, Blocks, boxes_of, make_blocks
from routing.loading.kernel import PUTS, VOLUME_USED, Case, Floats, Ints, Load, copy_load, expand, new_load
from routing.loading.model import Box

MOST_BLOCKS = 5_000
WIDEST = 256
"""Partial loads kept side by side; each takes some 60 kB."""

TASTE = (1.0, 0.2)
"""How much unused room and many boxes in a block are disliked at first; fitted on no instance."""

Elapsed = Callable[[], float]
Stowed = tuple[int, int, int, int, int, int, int]
"""Number of the kind of box, corner, lengths."""


class Task(NamedTuple):
    """Boxes of some kinds, how many of each, and a room with what it may weigh."""

    boxes: tuple[Box, ...]
    many: tuple[int, ...]
    room: tuple[int, int, int]
    mass_g: int


class Effort(NamedTuple):
    """How long to search: until `elapsed` says `end_s`, or until `widest` loads side by side have been tried."""

    end_s: float
    elapsed: Elapsed
    seed: int
    widest: int | None = None


def oriented(task: Task) -> Ints:
    """Return one row for each kind of box and way of turning it, as `make_blocks` wants them."""
    rows = []
    for kind, (box, many) in enumerate(zip(task.boxes, task.many, strict=True)):
        sides = {"x": box.x_mm, "y": box.y_mm, "z": box.z_mm}
        ways = sorted({(sides[turn[0]], sides[turn[1]], sides[turn[2]]) for turn in box.turns})
        for x, y, z in ways if many else []:
            if x <= task.room[0] and y <= task.room[1] and z <= task.room[2] and box.mass_g <= task.mass_g:
                bears = ANY_PRESSURE if box.bears_g is None else box.bears_g * PRESSURE // (x * y)
                rows.append((kind, x, y, z, many, box.mass_g, bears))
    return np.array(rows, np.int64).reshape(-1, 7)


def _reach(kinds: Ints, room: tuple[int, int, int]) -> Ints:
    """Return for each axis and length the longest row of boxes that is not longer."""
    reach = np.zeros((3, max(room) + 1), np.int64)
    for axis in range(3):
        full = (1 << (room[axis] + 1)) - 1
        sums = 1
        for side in sorted({int(side) for side in kinds[:, 1 + axis]}):
            step = side
            while step <= room[axis]:
                sums |= (sums << step) & full
                step *= 2
        bits = np.array([sums >> length & 1 for length in range(room[axis] + 1)], np.int64)
        reach[axis, : room[axis] + 1] = np.maximum.accumulate(bits * np.arange(room[axis] + 1))
    return reach


def fill(task: Task, effort: Effort) -> list[Stowed]:
    """Return the boxes that go into the room and where each stands, lower ones before those on them."""
    kinds = oriented(task)
    if not len(kinds):
        return []
    many, room = np.array(task.many, np.int64), np.array(task.room, np.int64)
    blocks = make_blocks(kinds, many, room, MOST_BLOCKS)
    case = Case(
        room, blocks.table, blocks.counts, _reach(kinds, task.room), np.array(TASTE),
        np.array([kinds[:, 1:3].min()], np.int64),
    )  # fmt: skip
    best = new_load(case, many, task.mass_g)
    whole = sum(box.x_mm * box.y_mm * box.z_mm * left for box, left in zip(task.boxes, task.many, strict=True))
    width = 1
    dice = Random(effort.seed)  # noqa: S311 - dice of a search, not of a key
    widest = effort.widest or WIDEST
    while best.state[VOLUME_USED] < whole:
        _round(case, new_load(case, many, task.mass_g), best, width, effort)
        if effort.elapsed() >= effort.end_s or (effort.widest is not None and width >= widest):
            break
        width *= 2
        if width > widest:
            width = max(1, widest // 4)
            case = case._replace(taste=_other_taste(dice))
    return _stowed(blocks, kinds, best)


def _other_taste(dice: Random) -> Floats:
    return np.array((dice.uniform(0.5, 2.0), dice.uniform(0.0, 0.5)))


def _round(case: Case, root: Load, best: Load, width: int, effort: Effort) -> None:
    """Search once with so many loads side by side; what beats `best` is written into it."""
    states, rest = [root], new_load(case, root.left, 0)
    children = new_load(case, root.left, 0, (width,))
    reached = np.zeros(width, np.int64)
    while states:
        kept: dict[tuple[int, int], Load] = {}
        worst = (-1, -1)
        for state in states:
            for number in range(expand(case, state, children, rest, best, reached)):
                key = (int(reached[number]), int(children.state[number, VOLUME_USED]))
                if key in kept or (len(kept) >= width and key <= worst):
                    continue
                target = kept.pop(worst) if len(kept) >= width else new_load(case, root.left, 0)
                copy_load(Load(*(array[number] for array in children)), target)
                kept[key] = target
                worst = min(kept)
            if effort.elapsed() >= effort.end_s:
                return
        states = [kept[key] for key in sorted(kept, reverse=True)]


def _stowed(blocks: Blocks, kinds: Ints, load: Load) -> list[Stowed]:
    stowed = []
    for block, x, y, z in load.puts[: load.state[PUTS]].tolist():
        for row, *corner in boxes_of(blocks, kinds, block, (x, y, z)):
            kind, *sides = kinds[row, :4].tolist()
            stowed.append((kind, corner[0], corner[1], corner[2], sides[0], sides[1], sides[2]))
    return sorted(stowed, key=lambda one: (one[3], one[1], one[2]))
