"""How fast a value moves, and when it will be at a limit.

A window keeps some twenty values, evenly spaced; what comes between is passed over, so neither memory nor the cost of a
reading depends on how often a point is read.
"""

from math import inf, log
from statistics import median

from control.alarms.measures.memory import Measure, Memory

KEPT = 20
"""Values kept of a window: 190 pairs, from which two wild values in a window cannot move the median."""

FILLED = 0.8
"""Share of the window that must be there before anything is said of it."""

LEAST_KEPT = 6
"""Values from which on there is a forecast: two for each third of the window."""

LEAST_MOVE = 0.2
"""A change between thirds of a window, in units of the quantity, below which there is no forecast: it would be one of
noise. Twice the resolution of a usual probe."""

STRAIGHT = 0.98
"""Third over second change from which on a curve is taken for a straight line: its end is too far off to be fitted."""


def slope(window_s: float, sign: float) -> Measure:
    """Return the measure of the slope a minute (times `sign`) over the window: the median over all pairs.

    Source: Theil (1950) and Sen (1968); up to 29 % of the values may be wild.
    """

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        if not _keep(memory, value, at_s, window_s):
            return None
        rows = memory.rows
        if at_s - rows[0][0] < FILLED * window_s:
            return None
        slopes = [
            (late[1] - early[1]) / (late[0] - early[0]) for index, late in enumerate(rows) for early in rows[:index]
        ]
        return sign * median(slopes) * 60

    return take


def forecast(window_s: float, limit: float, *, high: bool) -> Measure:
    """Return the measure of the seconds until `limit` is passed; infinity when it is not going there.

    A room or a load goes towards a new balance as exp(-t/tau) (Newton's law of cooling). The medians of the window's
    thirds give balance and tau; where they lie on a straight line, that line.
    """

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        if not _keep(memory, value, at_s, window_s):
            return None
        rows = memory.rows
        if at_s - rows[0][0] < FILLED * window_s or len(rows) < LEAST_KEPT:
            return None
        sign = 1.0 if high else -1.0
        return seconds_to(sign * limit, [(at, sign * one) for at, one, _ in rows])

    return take


def seconds_to(limit: float, samples: list[tuple[float, float]]) -> float:
    """Return how long after the last of `samples`, (seconds, value), the value will be above `limit`."""
    third = len(samples) // 3
    parts = samples[:third], samples[third : len(samples) - third], samples[len(samples) - third :]
    times, values = ([median(row[n] for row in part) for part in parts] for n in (0, 1))
    # The middle third may hold one or two more, which does not move its median from the middle.
    step_s = (times[2] - times[0]) / 2
    first, second = values[1] - values[0], values[2] - values[1]
    since_s = samples[-1][0] - times[2]
    if values[2] > limit:
        return 0.0
    if second < LEAST_MOVE / 2 or first + second < LEAST_MOVE:
        return inf
    if second >= STRAIGHT * first:
        return max(0.0, (limit - values[2]) * step_s / second - since_s)
    ratio = second / first
    balance = values[0] + first / (1 - ratio)
    if balance <= limit:
        return inf
    return max(0.0, step_s * log((balance - values[2]) / (balance - limit)) / -log(ratio) - since_s)


def jump(window_s: float) -> Measure:
    """Return the measure of the change a minute, up or down, from any value of the window to the newest.

    Shorter steps than the window count as if they took it all: a probe that is read each second has noise that, by the
    second, would be a fire. Nothing is told after a gap: what happened in it had its time.
    """

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        rows = memory.rows
        if memory.unknown_s > 0:
            rows.clear()
        changes = [abs(value - one) / max(at_s - then_s, window_s) for then_s, one, _ in rows]
        if not rows or at_s - rows[-1][0] >= window_s / KEPT:
            rows.append((at_s, value, 0.0))
        while len(rows) > 1 and rows[0][0] < at_s - window_s:
            del rows[0]
        return 60 * max(changes) if changes else None

    return take


def _keep(memory: Memory, value: float, at_s: float, window_s: float) -> bool:
    """Keep the value if it is time for one; say whether it was. The window begins anew after a gap of half of it."""
    rows = memory.rows
    if memory.at_s is not None and memory.unknown_s > window_s / 2:
        rows.clear()
    if rows and at_s - rows[-1][0] < window_s / KEPT * (1 - 1e-9):
        return False
    rows.append((at_s, value, 0.0))
    while rows[0][0] < at_s - window_s:
        del rows[0]
    return True
