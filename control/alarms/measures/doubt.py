"""Whether a sensor can be believed: stuck at one value, drifting away from its neighbours."""

from control.alarms.measures.memory import Measure, Memory

KEPT_DRIFT = 2.0
"""A drift sum grows to twice its limit and no further, so that a probe that was put right is cleared in time."""


def stuck(width: float) -> Measure:
    """Return the measure that is 1 while the value stays within `width` of one it had, and 0 when it leaves it."""

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        if memory.rows and abs(value - memory.rows[0][1]) <= width:
            return 1.0
        memory.rows = [(at_s, value, 0.0)]
        return 0.0

    return take


def drift(limit: float, sustained_s: float) -> Measure:
    """Return the measure of the drift of what is away from 0: 1 as after a deviation of `limit` for `sustained_s`.

    Source: cumulative sum with slack (Page 1954), one for each side; the slack is half the limit, so noise and what is
    less than half of it adds up to nothing.
    """
    slack = limit / 2

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del value
        up, down = (memory.rows[0][1], memory.rows[0][2]) if memory.rows else (0.0, 0.0)
        full = slack * sustained_s
        up = min(KEPT_DRIFT, max(0.0, up + (memory.value - slack) * known_s / full))
        down = min(KEPT_DRIFT, max(0.0, down + (-memory.value - slack) * known_s / full))
        memory.rows = [(at_s, up, down)]
        return max(up, down)

    return take
