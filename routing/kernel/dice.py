"""Compiled: the search's own dice, so that a seed means the same everywhere (xorshift64, Marsaglia 2003)."""

import numpy as np
from numpy.typing import NDArray

from routing.jit import lean

LEFT, RIGHT, LAST, BITS = np.uint64(13), np.uint64(7), np.uint64(17), np.uint64(11)
SCALE = 1.0 / (1 << 53)


@lean
def roll(dice: NDArray[np.uint64]) -> float:
    """Return a number from 0 to 1, 1 excluded, and move the dice on."""
    now = dice[0]
    now ^= now << LEFT
    now ^= now >> RIGHT
    now ^= now << LAST
    dice[0] = now
    return float(now >> BITS) * SCALE


@lean
def pick(dice: NDArray[np.uint64], size: int) -> int:
    """Return a whole number from 0 to `size`, which is excluded."""
    return int(roll(dice) * size)
