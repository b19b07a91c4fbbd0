"""How often a key may ask: a token bucket for each, filled by time."""

from collections import OrderedDict
from datetime import datetime

BURST = 60
"""Requests at once: a system that starts asks for each of its consignments."""

PER_SECOND = 10.0
"""Requests that go on for ever: a page a second for ten screens, a hundredth of what one core answers."""

BUCKETS_LIMIT = 2_000
"""Keys whose bucket is remembered; of the one that asked longest ago a full one is assumed again."""


class Buckets:
    """One bucket a name."""

    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        """Start with all of them full."""
        self._burst = burst
        self._per_second = per_second
        self._levels: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait_s(self, name: str, now: datetime) -> float:
        """Take one from a bucket and return 0, or return after how many seconds one will be there again."""
        level, seen = self._levels.pop(name, (self._burst, now))
        filled = min(self._burst, level + max(0.0, (now - seen).total_seconds()) * self._per_second)
        left = filled - 1 if filled >= 1 else filled
        self._levels[name] = (left, now)
        if len(self._levels) > BUCKETS_LIMIT:
            self._levels.popitem(last=False)
        return 0.0 if filled >= 1 else (1 - filled) / self._per_second
