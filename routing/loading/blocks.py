"""Blocks: boxes put together so that they fill a cuboid nearly whole, and bear other boxes on a flat top.

A simple block is a row of rows of rows of one kind of box in one orientation. Two blocks make a larger one, side by
side where they are equally high, or one wholly on the other. What goes into the packer is a table of all of them.

Pressures are whole: `PRESSURE` for each gram on a square millimetre, rounded down: some milligrams for each box. A box
spreads its mass and what stands on it evenly over its base: a stack holds when no top is pressed harder than it bears.

After Fanslau and Bortfeldt 2010, "general cuboid blocks", with their share of 98 % that a block must fill.
"""

from typing import NamedTuple

import numpy as np

from routing.jit import compiled
from routing.loading.kernel import (
    BEARS_ON_TOP,
    BLOCK_FIELDS,
    BOXES,
    LX,
    LY,
    LZ,
    MASS,
    PRESSES,
    TOP_X,
    TOP_Y,
    VOLUME,
    Ints,
)

FILLED_PERCENT = 98
PRESSURE = 10**9
ANY_PRESSURE = np.iinfo(np.int64).max // 8
PARTS = 6
"""A simple block is made of a kind, its three lengths (-> orientation) and counts; a joined one of two others."""

FINE = 40
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128)
"""How many boxes may stand in a row, where a room holds more than a dozen: finer steps fill no better."""


class Blocks(NamedTuple):
    """The table, the counts of each kind, and how each was made, all in the order largest first."""

    table: Ints
    counts: Ints
    made: Ints


@compiled
def _simple(kinds: Ints, steps: Ints, room: Ints, table: Ints, counts: Ints, made: Ints) -> int:
    """Write the simple blocks; return how many. A row of `kinds`: kind, x, y, z, how many, mass, bears (pressure)."""
    done = 0
    for way in range(kinds.shape[0]):
        kind, x, y, z, many, mass, bears = kinds[way]
        presses = mass * PRESSURE // (x * y)
        for across in steps:
            if across > many or across * x > room[0]:
                break
            for along in steps:
                if across * along > many or along * y > room[1]:
                    break
                for up in steps:
                    boxes = across * along * up
                    on_top = bears - (up - 1) * presses
                    if boxes > many or up * z > room[2] or on_top < 0 or done == table.shape[0]:
                        break
                    one = table[done]
                    one[LX], one[LY], one[LZ] = across * x, along * y, up * z
                    one[TOP_X], one[TOP_Y] = one[LX], one[LY]
                    one[VOLUME], one[BOXES], one[MASS] = boxes * x * y * z, boxes, boxes * mass
                    one[PRESSES], one[BEARS_ON_TOP] = up * presses, on_top
                    counts[done, kind] = boxes
                    made[done] = (-1, way, across, along, up, 0)
                    done += 1
    return done


@compiled
def _join(one: Ints, other: Ints, axis: int, joined: Ints) -> bool:
    """Write the block made of two along an axis; return whether it can be made."""
    joined[VOLUME], joined[BOXES] = one[VOLUME] + other[VOLUME], one[BOXES] + other[BOXES]
    joined[MASS] = one[MASS] + other[MASS]
    if axis == 2:
        if other[LX] > one[TOP_X] or other[LY] > one[TOP_Y] or other[PRESSES] > one[BEARS_ON_TOP]:
            return False
        joined[LX], joined[LY], joined[LZ] = one[LX], one[LY], one[LZ] + other[LZ]
        joined[TOP_X], joined[TOP_Y] = other[TOP_X], other[TOP_Y]
        joined[PRESSES] = one[PRESSES] + other[PRESSES]
        joined[BEARS_ON_TOP] = min(other[BEARS_ON_TOP], one[BEARS_ON_TOP] - other[PRESSES])
    else:
        beside = 1 - axis
        if one[LZ] != other[LZ]:
            return False
        joined[LX + axis], joined[LX + beside] = (
            one[LX + axis] + other[LX + axis],
            max(one[LX + beside], other[LX + beside]),
        )
        joined[LZ] = one[LZ]
        joined[TOP_X], joined[TOP_Y] = one[TOP_X], one[TOP_Y]
        if one[TOP_X + axis] == one[LX + axis]:
            wide = one[LX + axis] + other[TOP_X + axis]
            deep = min(one[TOP_X + beside], other[TOP_X + beside])
            if wide * deep > one[TOP_X] * one[TOP_Y]:
                joined[TOP_X + axis], joined[TOP_X + beside] = wide, deep
        joined[PRESSES] = max(one[PRESSES], other[PRESSES])
        joined[BEARS_ON_TOP] = min(one[BEARS_ON_TOP], other[BEARS_ON_TOP])
    return bool(joined[VOLUME] * 100 >= joined[LX] * joined[LY] * joined[LZ] * FILLED_PERCENT)


@compiled
def _fits(one: Ints, room: Ints, counts: Ints, available: Ints) -> bool:
    if one[LX] > room[0] or one[LY] > room[1] or one[LZ] > room[2]:
        return False
    for kind in range(available.shape[0]):  # noqa: SIM110 - numba compiles the loop, not the generator
        if counts[kind] > available[kind]:
            return False
    return True


@compiled
def _key(one: Ints, counts: Ints) -> int:
    """Return a number that blocks alike in size, top and goods share, and others hardly ever."""
    key = np.int64(1469598103934665603)
    for field in (LX, LY, LZ, TOP_X, TOP_Y):
        key = (key ^ one[field]) * np.int64(1099511628211)
    for kind in range(counts.shape[0]):
        key = (key ^ counts[kind]) * np.int64(1099511628211)
    return int(key)


@compiled
def _new(pair: Ints, axis: int, room: Ints, available: Ints, table: Ints, counts: Ints, at: int) -> bool:
    """Write the block made of a pair to row `at`; return whether it can be made and had, and fits the room."""
    counts[at] = counts[pair[0]] + counts[pair[1]]
    return _join(table[pair[0]], table[pair[1]], axis, table[at]) and _fits(table[at], room, counts[at], available)


@compiled
def _joined(room: Ints, available: Ints, first: int, table: Ints, counts: Ints, made: Ints) -> int:
    """Join blocks with the `first` ones until the table is full or there is nothing new; return how many there are."""
    seen = {_key(table[0], counts[0])}
    for at in range(first):
        seen.add(_key(table[at], counts[at]))
    begin, done = 0, first
    pair = np.zeros(2, np.int64)
    while begin < done:
        last = done
        for number in range((last - begin) * first * 6):
            if done == table.shape[0]:
                return done
            axis, turned = number % 6 // 2, number % 2
            pair[turned], pair[1 - turned] = begin + number // (first * 6), number // 6 % first
            if not _new(pair, axis, room, available, table, counts, done):
                continue
            key = _key(table[done], counts[done])
            if key not in seen:
                seen.add(key)
                made[done] = (axis, pair[0], pair[1], 0, 0, 0)
                done += 1
        begin = last
    return done


def make_blocks(kinds: Ints, available: Ints, room: Ints, most: int) -> Blocks:
    """Return at most `most` blocks of these goods for a room.

    A row of `kinds` is a kind of box in one orientation: kind, its three lengths, how many there are, the mass of one
    in grams, and the pressure it bears on top. `available`: how many there are of each kind.
    """
    table = np.zeros((most, BLOCK_FIELDS), np.int64)
    counts = np.zeros((most, available.size), np.int64)
    made = np.zeros((most, PARTS), np.int64)
    longest = int(max(room[axis] // kinds[:, 1 + axis].min() for axis in range(3)))
    steps = np.arange(1, longest + 1) if longest <= FINE else np.array(STEPS)
    done = _simple(kinds, steps, room, table, counts, made)
    if done:
        done = _joined(room, available, done, table, counts, made)
    order = np.lexsort((np.arange(done), -table[:done, VOLUME]))
    back = np.empty(done, np.int64)
    back[order] = np.arange(done)
    made = made[order]
    joined = made[:, 0] >= 0
    made[joined, 1:3] = back[made[joined, 1:3]]
    return Blocks(table[order], counts[order], made)


def boxes_of(blocks: Blocks, kinds: Ints, block: int, corner: tuple[int, int, int]) -> list[tuple[int, int, int, int]]:
    """Return the boxes of a block that stands at a corner, from the floor up: row of `kinds`, x, y, z of each."""
    how, one, other, along, up, _ = (int(part) for part in blocks.made[block])
    x, y, z = corner
    if how < 0:
        _, lx, ly, lz, *_ = (int(part) for part in kinds[one])
        across = other
        return [
            (one, x + i * lx, y + j * ly, z + k * lz) for k in range(up) for i in range(across) for j in range(along)
        ]
    place = [x, y, z]
    place[how] += int(blocks.table[one, LX + how])
    return boxes_of(blocks, kinds, one, corner) + boxes_of(blocks, kinds, other, (place[0], place[1], place[2]))
