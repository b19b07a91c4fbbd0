"""How often something happened within a rolling window. Times are kept one by one, and no more than can matter."""

from statistics import median

from control.alarms.measures.memory import Measure, Memory, Row

COUNT_LIMIT = 1_000
"""Times kept of one window: no limit is higher."""

ON = 0.5
NEIGHBOURS = 3
"""Values on each side by which a single wild one is known."""

SPIKE_LEAST = 3.0
"""A value this near to its neighbours' median, in units of the quantity, is not wild."""

SPIKE_MADS = 6.0
"""Median absolute deviations of its neighbours from which on a value is wild."""


def starts(window_s: float) -> Measure:
    """Return the measure of how often the value went from off to on within the window."""

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        happened = memory.at_s is not None and memory.value <= ON < value
        return _count(memory.rows, at_s, window_s, happened=happened)

    return take


def spikes(window_s: float) -> Measure:
    """Return the measure of how many single wild values there were within the window.

    One is told three readings late, when it is known that the value came back; two in a row are real.
    """

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del known_s
        rows = memory.rows
        times, values = rows[: _times(rows)], rows[_times(rows) :]
        values = [*values[-2 * NEIGHBOURS :], (at_s, value, 1.0)]
        counted = _count(times, at_s, window_s, happened=is_spike([row[1] for row in values]))
        memory.rows = [*times, *values]
        return counted

    return take


def is_spike(values: list[float]) -> bool:
    """Whether the middle one of seven values is wild and those beside it are not."""
    if len(values) <= 2 * NEIGHBOURS:
        return False
    around = values[:NEIGHBOURS] + values[NEIGHBOURS + 1 :]
    middle = median(around)
    far = max(SPIKE_LEAST, SPIKE_MADS * median(abs(value - middle) for value in around))
    return (
        abs(values[NEIGHBOURS] - middle) > far
        and abs(values[NEIGHBOURS - 1] - middle) <= far
        and abs(values[NEIGHBOURS + 1] - middle) <= far
    )


def _times(rows: list[Row]) -> int:
    """Return how many rows are times of spikes; values come after them."""
    return sum(row[2] == 0.0 for row in rows)


def _count(rows: list[Row], at_s: float, window_s: float, *, happened: bool) -> float:
    if happened:
        rows.append((at_s, 0.0, 0.0))
    while rows and (rows[0][0] <= at_s - window_s or len(rows) > COUNT_LIMIT):
        del rows[0]
    return float(len(rows))
