"""How long a value was beyond a limit within a rolling window, exactly: a list of the times in which it was."""

from itertools import pairwise

from control.alarms.measures.memory import Row

SPAN_LIMIT = 200
"""Times kept. Past it the two nearest are joined, which counts the time between them too: the alarm comes early, not
late."""

MICROSECOND = 1e-6
"""Sums of seconds since 1970 are good to a quarter of this."""


def add(rows: list[Row], start_s: float, end_s: float) -> None:
    """Add a time beyond the limit, not before those that are there."""
    if rows and start_s - rows[-1][1] <= MICROSECOND:
        rows[-1] = (rows[-1][0], end_s, 0.0)
    else:
        rows.append((start_s, end_s, 0.0))
    if len(rows) > SPAN_LIMIT:
        _, index = min((late[0] - early[1], index) for index, (early, late) in enumerate(pairwise(rows)))
        rows[index : index + 2] = [(rows[index][0], rows[index + 1][1], 0.0)]


def forget(rows: list[Row], before_s: float) -> None:
    """Forget the times that were over at `before_s`."""
    while rows and rows[0][1] <= before_s:
        del rows[0]


def total(rows: list[Row], after_s: float) -> float:
    """Return how long it was beyond the limit since `after_s`, in seconds."""
    return sum(end_s - max(start_s, after_s) for start_s, end_s, _ in rows if end_s > after_s)


def reached(rows: list[Row], window_s: float, allowed_s: float, span: tuple[float, float]) -> float | None:
    """Return when, in a span in which the value is beyond the limit, the window holds `allowed_s` of it; None: not.

    While time is added at the head of the window it may fall out at the tail: then the sum stands still.
    """
    now_s, until_s = span
    while now_s <= until_s:
        tail_s = now_s - window_s
        held = [(start, end) for start, end, _ in rows if end > tail_s + MICROSECOND]
        need_s = allowed_s - sum(end - max(start, tail_s) for start, end in held) - (now_s - span[0])
        if need_s <= MICROSECOND:
            return now_s
        if held and held[0][0] <= tail_s:
            now_s = held[0][1] + window_s
        else:
            grows_to_s = held[0][0] + window_s if held else until_s + need_s
            now_s = min(now_s + need_s, grows_to_s)
    return None
