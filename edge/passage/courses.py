"""Which courses a tag may have taken: where the light barriers saw something go through, and anywhere, less likely."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

from edge.passage.beams import Shadow
from edge.passage.likelihood import Course
from edge.passage.settings import Side

SPEEDS_MPS = (0.6, 1.4)
"""Where no barrier tells it: a forklift in a gate drives at 0.5 to 2 m/s."""
SLOWEST_MPS, FASTEST_MPS = 0.3, 2.5
BARRIERS_M = 0.8
"""Light barriers stand 0.5 to 1 m apart."""
STEP_S = 0.5
"""Half a metre at a walking pace: finer than that the reads of one tag do not tell."""
ANYWHERE_LIMIT = 6
SHADOW_LIMIT = 16
"""Courses tried in one sighting, and in one shadow."""

UNSEEN = 0.005
"""Share of ways through that the barriers miss: one is dirty, or something was carried over them."""
CONTRARY = 0.02
"""Share of ways through against what the barriers say: a box on a pallet that goes the other way at the same time."""
ONE_BARRIER = 0.02
"""Of a shadow that broke one barrier only, so often it is a thing that went through."""
THIN = 0.05
THIN_M = 0.8
"""Share of tags that a thing so short carries through: a person, and seldom with a box. A pallet is longer."""
MET = 0.4
"""Of a shadow that began and ended on one side, so often two things met: that which began it went first."""
NEAR = 0.02
"""Tags that come near and do not go through, for each that does, at a moment when nothing is in the barriers."""
TURNED = 0.3
"""The same while something that may have turned back is in the barriers."""


@dataclass(frozen=True, slots=True)
class Courses:
    """The courses in, out, and near."""

    ways_in: list[Course]
    ways_out: list[Course]
    near: list[Course]


def courses_of(first_at: datetime, length_s: float, shadows: Sequence[Shadow], *, barriers: bool) -> Courses:
    """Return the courses of a tag that was in the field from `first_at` for `length_s`, with these shadows about it.

    `barriers` says whether the gate has two; without them nothing is known beforehand.
    """
    count = min(ANYWHERE_LIMIT, int(length_s / STEP_S) + 1)
    moments = [length_s * (step + 0.5) / count for step in range(count)]
    share = 1 / count / len(SPEEDS_MPS)
    found = Courses([], [], [])
    for speed in SPEEDS_MPS:
        anywhere = [Course(moment, speed, log((UNSEEN if barriers else 1.0) * share)) for moment in moments]
        found.ways_in.extend(anywhere)
        found.ways_out.extend(anywhere)
        found.near.extend(Course(moment, speed, log(NEAR * share)) for moment in moments)
    for shadow in shadows:
        _add(found, shadow, first_at, 1 / len(shadows))
    return found


def _add(found: Courses, shadow: Shadow, first_at: datetime, share: float) -> None:
    """Add the courses that explain one shadow. What began it went first, what ended it went last."""
    begin, end = shadow.middles(first_at)
    count = min(SHADOW_LIMIT, max(3, int((end - begin) / STEP_S) + 1))
    speed = min(FASTEST_MPS, max(SLOWEST_MPS, BARRIERS_M / abs(shadow.shift_s))) if shadow.shift_s else 1.0
    length = shadow.length_in_gaps
    part = share / count * (THIN if length is not None and length * BARRIERS_M < THIN_M else 1.0)
    likely = _likely(shadow.came_from, shadow.left_to)
    for step in range(count):
        done = step / (count - 1)
        moment = begin + (end - begin) * done
        inward, outward, turned = ((1 - done) * first + done * last for first, last in likely)
        found.ways_in.append(Course(moment, speed, log(inward * part)))
        found.ways_out.append(Course(moment, speed, log(outward * part)))
        if turned:
            found.near.append(Course(moment, speed, log(turned * part)))


def _likely(came_from: Side | None, left_to: Side | None) -> tuple[tuple[float, float], ...]:
    """Return how likely what broke the barriers went in, went out, or turned back: first, and at last."""
    if came_from is None or left_to is None:
        return (ONE_BARRIER, ONE_BARRIER), (ONE_BARRIER, ONE_BARRIER), (TURNED, TURNED)
    inward, contrary = (1.0, 1.0), (CONTRARY, CONTRARY)
    if came_from is not left_to:
        return (inward, contrary, (0.0, 0.0)) if left_to is Side.INSIDE else (contrary, inward, (0.0, 0.0))
    more, less = MET * 1.75, MET * 0.25
    if came_from is Side.OUTSIDE:
        return (more, less), (less, more), (TURNED, TURNED)
    return (less, more), (more, less), (TURNED, TURNED)
