"""Compiled: the search's own dice, so that a seed means the same on every machine (xorshift64*, Vigna 2016)."""

import numpy as np
from numpy.typing import NDArray

from routing.jit import lean

A, B, C, BITS = np.uint64(12), np.uint64(25), np.uint64(27), np.uint64(11)
FACTOR = np.uint64(0x2545F4914F6CDD1D)
SCALE = 1.0 / (1 << 53)


@lean
def roll(dice: NDArray[np.uint64]) -> float:
    """Return a number from 0 to 1, 1 excluded, and move the dice on."""
    now = dice[0]
    now ^= now >> A
    now ^= now << B
    now ^= now >> C
    dice[0] = now
    return float((now * FACTOR) >> BITS) * SCALE


@lean
def pick(dice: NDArray[np.uint64], size: int) -> int:
    """Return a whole number from 0 to `size`, which is excluded."""
    return int(roll(dice) * size)
