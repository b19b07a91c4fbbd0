"""The inner loop of the packer: where blocks can stand, which block stands best, and the greedy rest.

It is compiled; with the compiler off (`NUMBA_DISABLE_JIT=1`) the same lines run as plain Python, and a test holds the
one against the other. All numbers are whole: lengths in the unit of the problem, pressures as `blocks` makes them.

Boxes stand on the floor or wholly on what is below, so nothing ever hangs over free room, and what is free is told by
rectangles, each at one height and open to the roof: `SPACE_FIELDS`. They overlap; each is as large as it can be.

After Fanslau and Bortfeldt 2010 (blocks), Araya and Riff 2014 (beam search with a greedy rest), Araya, Guerrero and
Nunez 2017 (how a block is judged). Rectangles of one height that touch are merged, which those do not do.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.jit import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

X0, Y0, X1, Y1, Z, BEARS = 0, 1, 2, 3, 4, 5
SPACE_FIELDS = 6
MAX_SPACES = 300
"""A full container of the public instances has up to about 80; room beyond this many is not used."""

LX, LY, LZ, TOP_X, TOP_Y, VOLUME, BOXES, MASS, PRESSES, BEARS_ON_TOP = range(10)
BLOCK_FIELDS = 10

MASS_LEFT, VOLUME_USED, SPACES, PUTS, ALIVE = range(5)
STATE_FIELDS = 5


class Case(NamedTuple):
    """What does not change while a room is filled.

    `room`: length, width, height. `blocks`: one row each, largest first. `counts`: how many of each kind of box a block
    has. `reach[axis, length]`: the longest row of boxes that is not longer. `taste`: how much unused room and many
    boxes in a block are disliked. `least[0]`: rectangles narrower than this are of no use.
    """

    room: Ints
    blocks: Ints
    counts: Ints
    reach: Ints
    taste: Floats
    least: Ints


class Load(NamedTuple):
    """A room partly filled: free rectangles, boxes left of each kind, blocks put, blocks still alive.

    `state` says how much mass may be added, the volume used, and how much of each array is in use. With one more
    dimension each, the same holds several.
    """

    spaces: Ints
    left: Ints
    state: Ints
    puts: Ints
    alive: Ints


def new_load(case: Case, left: Ints, mass: int, several: tuple[int, ...] = ()) -> Load:
    """Return an empty room in which all blocks are alive; with `several` a stack of rooms to write into."""
    boxes, blocks = int(left.sum()), case.blocks.shape[0]
    load = Load(
        np.zeros((*several, MAX_SPACES, SPACE_FIELDS), np.int64),
        np.zeros((*several, left.size), np.int64),
        np.zeros((*several, STATE_FIELDS), np.int64),
        np.zeros((*several, boxes + 1, 4), np.int64),
        np.zeros((*several, blocks), np.int64),
    )
    if not several:
        load.spaces[0] = (0, 0, case.room[0], case.room[1], 0, np.iinfo(np.int64).max // 4)
        load.left[:] = left
        load.state[:] = (mass, 0, 1, 0, blocks)
        load.alive[:] = np.arange(blocks)
    return load


@compiled
def _add(spaces: Ints, count: int, space: Ints, least: int) -> int:
    """Add a rectangle unless it is too small or lies in another; take out those that lie in it. Return how many."""
    if space[X1] - space[X0] < least or space[Y1] - space[Y0] < least:
        return count
    at = 0
    while at < count:
        other = spaces[at]
        if other[Z] == space[Z]:
            if (
                other[X0] <= space[X0]
                and other[Y0] <= space[Y0]
                and other[X1] >= space[X1]
                and other[Y1] >= space[Y1]
                and other[BEARS] >= space[BEARS]
            ):
                return count
            if (
                other[X0] >= space[X0]
                and other[Y0] >= space[Y0]
                and other[X1] <= space[X1]
                and other[Y1] <= space[Y1]
                and other[BEARS] <= space[BEARS]
            ):
                count -= 1
                spaces[at] = spaces[count]
                continue
        at += 1
    if count < MAX_SPACES:
        spaces[count] = space
        count += 1
    return count


@compiled
def _cut(spaces: Ints, count: int, taken: Ints, least: int) -> int:
    """Take the rectangle `taken` out of all others of its height. Return how many there are."""
    parts = np.empty((4 * MAX_SPACES, SPACE_FIELDS), np.int64)
    made = 0
    at = 0
    while at < count:
        one = spaces[at]
        if (
            one[Z] != taken[Z]
            or one[X0] >= taken[X1]
            or one[X1] <= taken[X0]
            or one[Y0] >= taken[Y1]
            or one[Y1] <= taken[Y0]
        ):
            at += 1
            continue
        for side in range(4):
            parts[made] = one
            if side == 0:
                parts[made, X1] = taken[X0]
            elif side == 1:
                parts[made, X0] = taken[X1]
            elif side == 2:
                parts[made, Y1] = taken[Y0]
            else:
                parts[made, Y0] = taken[Y1]
            if parts[made, X1] > parts[made, X0] and parts[made, Y1] > parts[made, Y0]:
                made += 1
        count -= 1
        spaces[at] = spaces[count]
    for part in range(made):
        count = _add(spaces, count, parts[part], least)
    return count


@compiled
def _open(spaces: Ints, count: int, top: Ints, least: int) -> int:
    """Add the top of a block, and what it makes together with each rectangle of its height that it touches."""
    before = count
    merged = np.empty((2 * MAX_SPACES, SPACE_FIELDS), np.int64)
    made = 0
    for at in range(before):
        one = spaces[at]
        if one[Z] != top[Z]:
            continue
        if one[X0] <= top[X1] and one[X1] >= top[X0]:
            low, high = max(one[Y0], top[Y0]), min(one[Y1], top[Y1])
            if low < high:
                merged[made] = top
                merged[made, X0], merged[made, X1] = min(one[X0], top[X0]), max(one[X1], top[X1])
                merged[made, Y0], merged[made, Y1] = low, high
                merged[made, BEARS] = min(one[BEARS], top[BEARS])
                made += 1
        if one[Y0] <= top[Y1] and one[Y1] >= top[Y0]:
            low, high = max(one[X0], top[X0]), min(one[X1], top[X1])
            if low < high:
                merged[made] = top
                merged[made, Y0], merged[made, Y1] = min(one[Y0], top[Y0]), max(one[Y1], top[Y1])
                merged[made, X0], merged[made, X1] = low, high
                merged[made, BEARS] = min(one[BEARS], top[BEARS])
                made += 1
    count = _add(spaces, count, top, least)
    for part in range(made):
        count = _add(spaces, count, merged[part], least)
    return count


@compiled
def nearest(spaces: Ints, count: int, room: Ints) -> int:
    """Return the rectangle whose corner is nearest to a corner of the room: low before high, and large before small."""
    best, best_far, best_area = -1, 0, 0
    for at in range(count):
        one = spaces[at]
        far = min(one[X0], room[0] - one[X1]) + min(one[Y0], room[1] - one[Y1]) + one[Z]
        area = (one[X1] - one[X0]) * (one[Y1] - one[Y0]) * (room[2] - one[Z])
        if best < 0 or far < best_far or (far == best_far and area > best_area):
            best, best_far, best_area = at, far, area
    return best


@compiled
def _judge(case: Case, block: int, wide: int, deep: int, high: int) -> float:
    """Return a block's volume, less for what can never be filled beside it in a space so large, less for many boxes."""
    one = case.blocks[block]
    used = (
        float(one[LX] + case.reach[0, wide - one[LX]])
        * float(one[LY] + case.reach[1, deep - one[LY]])
        * float(one[LZ] + case.reach[2, high - one[LZ]])
    )
    usable = used / (float(wide) * float(deep) * float(high))
    score: float = float(one[VOLUME]) * usable ** case.taste[0] * float(one[BOXES]) ** -case.taste[1]
    return score


@compiled
def _enough(needed: Ints, left: Ints) -> bool:
    for kind in range(left.shape[0]):  # noqa: SIM110 - numba compiles the loop, not the generator
        if needed[kind] > left[kind]:
            return False
    return True


@compiled
def _suits(one: Ints, space: Ints, state: Ints, high: int) -> bool:
    """Return whether a block goes into a space, may be added to the mass, and presses no harder than is borne there."""
    if one[LX] > space[X1] - space[X0] or one[LY] > space[Y1] - space[Y0] or one[LZ] > high:
        return False
    return bool(one[MASS] <= state[MASS_LEFT] and one[PRESSES] <= space[BEARS])


@compiled
def _rank(block: int, score: float, found: int, wanted: Ints, scores: Floats) -> int:
    """Put a block into the list of the best so far, where it belongs; return how many there are."""
    if found < wanted.shape[0]:
        found += 1
    elif score <= scores[found - 1]:
        return found
    place = found - 1
    while place > 0 and scores[place - 1] < score:
        scores[place], wanted[place] = scores[place - 1], wanted[place - 1]
        place -= 1
    scores[place], wanted[place] = score, block
    return found


@compiled
def choose(case: Case, load: Load, at: int, wanted: Ints, scores: Floats) -> int:
    """Fill `wanted` with the best blocks for a free rectangle, best first; return how many.

    Blocks for which goods are missing are dropped from `alive` for good.
    """
    space, state, alive = load.spaces[at], load.state, load.alive
    wide, deep, high = space[X1] - space[X0], space[Y1] - space[Y0], case.room[2] - space[Z]
    found, kept, seen = 0, 0, 0
    while seen < state[ALIVE]:
        block = alive[seen]
        one = case.blocks[block]
        if found == wanted.shape[0] and one[VOLUME] <= scores[found - 1]:
            break  # blocks come largest first, and none scores above its volume
        seen += 1
        if not _enough(case.counts[block], load.left):
            continue
        alive[kept] = block
        kept += 1
        if _suits(one, space, state, high):
            found = _rank(block, _judge(case, block, wide, deep, high), found, wanted, scores)
    if kept < seen:
        while seen < state[ALIVE]:
            alive[kept] = alive[seen]
            kept, seen = kept + 1, seen + 1
        state[ALIVE] = kept
    return found


@compiled
def put(case: Case, load: Load, at: int, block: int) -> None:
    """Put a block into the corner of a rectangle that is nearest to a wall; change everything that follows from it."""
    one, space, state = case.blocks[block], load.spaces[at].copy(), load.state
    least = case.least[0]
    x = space[X0] if space[X0] <= case.room[0] - space[X1] else space[X1] - one[LX]
    y = space[Y0] if space[Y0] <= case.room[1] - space[Y1] else space[Y1] - one[LY]
    taken = space.copy()
    taken[X0], taken[Y0], taken[X1], taken[Y1] = x, y, x + one[LX], y + one[LY]
    count = _cut(load.spaces, state[SPACES], taken, least)
    top = taken.copy()
    top[X1], top[Y1], top[Z] = x + one[TOP_X], y + one[TOP_Y], space[Z] + one[LZ]
    top[BEARS] = min(one[BEARS_ON_TOP], space[BEARS] - one[PRESSES])
    if top[BEARS] > 0 and case.room[2] - top[Z] >= least:
        count = _open(load.spaces, count, top, least)
    state[SPACES] = count
    for kind in range(load.left.shape[0]):
        load.left[kind] -= case.counts[block, kind]
    state[MASS_LEFT] -= one[MASS]
    state[VOLUME_USED] += one[VOLUME]
    row = load.puts[state[PUTS]]
    row[0], row[1], row[2], row[3] = block, x, y, space[Z]
    state[PUTS] += 1


@compiled
def _next(case: Case, load: Load, wanted: Ints, scores: Floats) -> tuple[int, int]:
    """Return the next rectangle something fits into, and how many blocks are wanted there; throw the others away."""
    state = load.state
    while state[SPACES] > 0:
        at = nearest(load.spaces, state[SPACES], case.room)
        found = choose(case, load, at, wanted, scores)
        if found > 0:
            return at, found
        state[SPACES] -= 1
        load.spaces[at] = load.spaces[state[SPACES]]
    return -1, 0


@compiled
def complete(case: Case, load: Load) -> None:
    """Put the best block into the next rectangle until nothing fits any more."""
    wanted, scores = np.empty(1, np.int64), np.empty(1, np.float64)
    while True:
        at, found = _next(case, load, wanted, scores)
        if found == 0:
            return
        put(case, load, at, wanted[0])


@compiled
def copy_load(source: Load, target: Load) -> None:
    """Copy what is in use of a load into another of the same size."""
    state = source.state
    target.spaces[: state[SPACES]] = source.spaces[: state[SPACES]]
    target.left[:] = source.left
    target.puts[: state[PUTS]] = source.puts[: state[PUTS]]
    target.alive[: state[ALIVE]] = source.alive[: state[ALIVE]]
    target.state[:] = state


@compiled
def expand(case: Case, load: Load, children: Load, rest: Load, best: Load, reached: Ints) -> int:
    """Put each of the best blocks into the next rectangle, one into each of `children`; return how many there are.

    As many are tried as `children` has room for. `reached[i]` is the volume that the greedy rest reaches from child i;
    one that beats `best` becomes it. `rest` is a load to work in.
    """
    width = reached.shape[0]
    wanted, scores = np.empty(width, np.int64), np.empty(width, np.float64)
    at, found = _next(case, load, wanted, scores)
    for number in range(found):
        child = Load(
            children.spaces[number],
            children.left[number],
            children.state[number],
            children.puts[number],
            children.alive[number],
        )
        copy_load(load, child)
        put(case, child, at, wanted[number])
        copy_load(child, rest)
        complete(case, rest)
        reached[number] = rest.state[VOLUME_USED]
        if rest.state[VOLUME_USED] > best.state[VOLUME_USED]:
            copy_load(rest, best)
    return found
