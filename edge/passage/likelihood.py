"""How well each course of a tag explains its reads, as a natural logarithm.

A tag went in, went out, came near without changing sides (it was driven past, or turned back), or lay still. What each
course leads to is simple physics: the antennas of a side hear best what is on their side, and the nearer the louder.
Pure numbers: times are seconds, places are metres from the plane of the gate, positive inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, log10

HALF_WIDTH_M = 1.5
"""From the middle of a gate to its antennas: a dock door is 2.5 to 3 m wide."""
REACH_M = 0.9
"""Antennas are loudest for a tag so far before the plane: they stand on either side of it and look away from it."""
SIDE_M = 0.2
"""How blurred the plane is: a tag so far inside it is heard by the inside antennas three times out of four."""
WRONG_SIDE = 0.03
"""Share of reads by the other side, wherever the tag is: reflections from metal."""
FADING_DB = 7.0
"""Standard deviation of one read's level around what the distance says."""
GAIN_LIMIT = 4.0
"""The most that levels add to the logarithm: a few deep fades must not outweigh the order of the sides."""

STEPS_PER_M = 20
FARTHEST_M = 40.0
"""Beyond this nothing is told apart. The tables below have steps of 5 cm: they are asked for each read and course."""


@dataclass(frozen=True, slots=True)
class Course:
    """A way through the plane at `at_s` with so many metres a second; `prior` is the logarithm of how likely it is."""

    at_s: float
    speed_mps: float
    prior: float


@dataclass(frozen=True, slots=True)
class Columns:
    """The reads of one tag: seconds, +1 inside or -1 outside, dBm. There is at least one."""

    times: Sequence[float]
    signs: Sequence[int]
    levels: Sequence[float]


def through(reads: Columns, course: Course, direction: int) -> float:
    """Return how well a way through explains the reads; `direction` is +1 for in, -1 for out."""
    places = [direction * course.speed_mps * (time - course.at_s) for time in reads.times]
    own_side = _own_side()
    middle = len(own_side) // 2
    sides = 0.0
    for place, sign in zip(places, reads.signs, strict=True):
        index = middle + round(sign * place * STEPS_PER_M)
        sides += own_side[0 if index < 0 else min(index, len(own_side) - 1)]
    return course.prior + sides + _levels(reads, places)


def near(reads: Columns, course: Course) -> float:
    """Return how well it explains them that the tag came nearest then, and did not change sides."""
    places = [course.speed_mps * abs(time - course.at_s) for time in reads.times]
    return course.prior + still(reads) + _levels(reads, [sign * p for sign, p in zip(reads.signs, places, strict=True)])


def still(reads: Columns) -> float:
    """Return how well it explains them that the tag lay there: neither sides nor levels depend on time."""
    inside = sum(sign > 0 for sign in reads.signs)
    outside = len(reads.signs) - inside
    share = (inside + 0.5) / (inside + outside + 1)
    return inside * log(share) + outside * log(1 - share)


def _levels(reads: Columns, places: Sequence[float]) -> float:
    """Return how much better these places explain the levels than one place would."""
    fall = _fall()
    last = len(fall) - 1
    lifted = [
        level + fall[min(last, round(abs(place - sign * REACH_M) * STEPS_PER_M))]
        for level, place, sign in zip(reads.levels, places, reads.signs, strict=True)
    ]
    gain = (_scatter(reads.levels) - _scatter(lifted)) / (2 * FADING_DB**2)
    return max(-GAIN_LIMIT, min(GAIN_LIMIT, gain))


def _scatter(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


@lru_cache(maxsize=1)
def _fall() -> list[float]:
    """By how many dB power has fallen so far from an antenna: with the fourth power of the distance, there and back."""
    steps = int(FARTHEST_M * STEPS_PER_M)
    return [20 * log10(1 + (step / STEPS_PER_M / HALF_WIDTH_M) ** 2) for step in range(steps)]


@lru_cache(maxsize=1)
def _own_side() -> list[float]:
    """The logarithm of how likely a tag is heard by a side, by how far it is on that side."""
    steps = int(2 * STEPS_PER_M)
    shares = [1 / (1 + exp(-step / STEPS_PER_M / SIDE_M)) for step in range(-steps, steps + 1)]
    return [log(WRONG_SIDE + (1 - 2 * WRONG_SIDE) * share) for share in shares]


def total(logarithms: Sequence[float]) -> float:
    """Return the logarithm of the sum of what the logarithms stand for; there is at least one."""
    highest = max(logarithms)
    return highest + log(sum(exp(value - highest) for value in logarithms))


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely each course is, as logarithms, and when the tag went through the plane if it went in or out.

    Logarithms are of in, out, near, still; only their differences mean something. Seconds are after the first read.
    """

    logs: tuple[float, float, float, float]
    in_at_s: float
    out_at_s: float

    @property
    def shares(self) -> tuple[float, ...]:
        """The same as shares of one."""
        whole = total(self.logs)
        return tuple(exp(value - whole) for value in self.logs)
