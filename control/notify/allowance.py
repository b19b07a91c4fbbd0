"""How many notices a channel may send: so many in any minute, some of them kept for critical alarms.

A window that slides and no bucket that fills: a full bucket lets twice its size through in its first minute, and a chat
service that counts twenty a minute then goes silent for ten.
"""

from collections import deque
from collections.abc import Iterable

MINUTE_S = 60.0


class Allowance:
    """Counts what one channel has sent in the last minute. Times are seconds of a clock that never steps."""

    def __init__(self, per_minute: int, reserve: int, sent: Iterable[float] = ()) -> None:
        """Allow `per_minute` in any 60 s, `reserve` of them for critical alarms alone; `sent` is what went already."""
        self._per_minute = per_minute
        self._reserve = min(reserve, per_minute - 1)
        self._sent = deque(sorted(sent), maxlen=per_minute)

    def allows(self, now_s: float, *, critical: bool) -> bool:
        """Tell whether one more may be sent."""
        while self._sent and now_s - self._sent[0] >= MINUTE_S:
            self._sent.popleft()
        return len(self._sent) < self._per_minute - (0 if critical else self._reserve)

    def spend(self, now_s: float) -> None:
        """Count one that was sent, or tried."""
        self._sent.append(now_s)
