"""Which changes of priority are worth a notice to somebody who is told from some level on.

Source: RFC 8632, leaf notify-severity-level: every change at or above the level, the first one that falls below it, and
always the clear.
"""

from coldport.messages.alarm import Priority

RANK = {Priority.LOW: 1, Priority.HIGH: 2, Priority.CRITICAL: 3}
"""Of the priorities; 0 is no alarm."""


def worth_telling(level: int, before: int, now: int) -> bool:
    """Tell whether the change from rank `before` to rank `now` matters to one who is told from rank `level` on.

    >>> [worth_telling(2, before, now) for before, now in [(0, 2), (2, 1), (1, 0), (0, 1), (2, 2)]]
    [True, True, True, False, False]
    """
    return before != now and (now == 0 or max(before, now) >= level)
