"""How well each course of a tag explains its reads, as a natural logarithm.

A tag went in, went out, came near without changing sides (it was driven past, or turned back), or lay still. What each
course leads to is simple physics: the antennas of a side hear best what is on their side, and the nearer the louder.
Pure numbers: times are seconds, places are metres from the plane of the gate, positive inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, log10
from operator import add, mul

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
FARTHEST_M = 100.0
"""Beyond this nothing is told apart. The tables below have steps of 5 cm: they are asked for each read and course."""


@dataclass(frozen=True, slots=True)
class Course:
    """A way through the plane at `at_s` with so many metres a second; `prior` is the logarithm of how likely it is."""

    at_s: float
    speed_mps: float
    prior: float


class Columns:
    """The reads of one tag as columns: seconds, +1 inside or -1 outside, dBm. There is at least one.

    `still` is how well it explains the reads that the tag lay there: neither sides nor levels depend on time.
    """

    def __init__(self, times: Sequence[float], signs: Sequence[int], levels: Sequence[float]) -> None:
        """Take the columns, all of one length and in order of time."""
        self.times = times
        self.signs = signs
        self.levels = levels
        self.scatter = _scatter(levels)
        inside = signs.count(1)
        share = (inside + 0.5) / (len(signs) + 1)
        self.still = inside * log(share) + (len(signs) - inside) * log(1 - share)


def through(reads: Columns, course: Course, direction: int) -> float:
    """Return how well a way through explains the reads; `direction` is +1 for in, -1 for out."""
    pace = direction * course.speed_mps * STEPS_PER_M
    at_s = course.at_s
    steps = [int(sign * pace * (time - at_s)) for time, sign in zip(reads.times, reads.signs, strict=True)]
    own_side, fall = _tables()
    steps = _bounded(steps)
    return course.prior + sum(map(own_side.__getitem__, steps)) + _gain(reads, fall, steps)


def near(reads: Columns, course: Course) -> float:
    """Return how well it explains them that the tag came nearest then, and did not change sides."""
    pace = course.speed_mps * STEPS_PER_M
    at_s = course.at_s
    steps = _bounded([int(pace * abs(time - at_s)) for time in reads.times])
    return course.prior + reads.still + _gain(reads, _tables()[1], steps)


def _bounded(steps: list[int]) -> list[int]:
    """Return places on the side of the antenna that heard the tag as indices: negative ones count from the far end."""
    last = int(FARTHEST_M * STEPS_PER_M)
    if -last <= min(steps) and max(steps) <= last:
        return steps
    return [max(-last, min(last, step)) for step in steps]


def _gain(reads: Columns, fall: Sequence[float], steps: list[int]) -> float:
    """Return how much better these places explain the levels than one place would."""
    lifted = list(map(add, reads.levels, map(fall.__getitem__, steps)))
    return max(-GAIN_LIMIT, min(GAIN_LIMIT, (reads.scatter - _scatter(lifted)) / (2 * FADING_DB**2)))


def _scatter(values: Sequence[float]) -> float:
    whole: float = sum(values)
    squares: float = sum(map(mul, values, values))
    return squares - whole * whole / len(values)


@lru_cache(maxsize=1)
def _tables() -> tuple[list[float], list[float]]:
    """Return what a read tells by how far the tag is on the side of the antenna that heard it.

    That is the logarithm of how likely that side hears it, and by how many dB its power has fallen: with the fourth
    power of the distance from the antenna, there and back. Index 0 is the plane, the far half is the wrong side.
    """
    last = int(FARTHEST_M * STEPS_PER_M)
    places = [step / STEPS_PER_M for step in (*range(last + 1), *range(-last, 0))]
    shares = [1 / (1 + exp(-max(-30.0, min(30.0, place / SIDE_M)))) for place in places]
    return (
        [log(WRONG_SIDE + (1 - 2 * WRONG_SIDE) * share) for share in shares],
        [20 * log10(1 + ((place - REACH_M) / HALF_WIDTH_M) ** 2) for place in places],
    )


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
