"""The access log's twin without a disk, for tests and for sites that serve no platform."""

from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from control.access_log.ports import READ_LIMIT, VISIT_LIMIT, Logged, Visit


class MemoryAccessLog:
    """An `AccessLog` in a list; see `control.access_log.ports.AccessLog` for what it promises."""

    def __init__(self, days: int = 400, limit: int = VISIT_LIMIT) -> None:
        """Start empty."""
        self._days = timedelta(days=days)
        self._kept: deque[Logged] = deque(maxlen=limit)
        self._last = 0

    async def write(self, visits: Sequence[Visit]) -> None:
        """Keep visits."""
        for visit in visits:
            self._last += 1
            self._kept.append(Logged(self._last, visit))
            while self._kept[0].visit.at < visit.at - self._days:
                self._kept.popleft()

    async def read(self, owner: str | None, before: int | None, limit: int) -> Sequence[Logged]:
        """Return the newest visits first."""
        found = (
            one
            for one in reversed(self._kept)
            if (owner is None or owner in one.visit.owners) and (before is None or one.number < before)
        )
        return [one for one, _ in zip(found, range(min(limit, READ_LIMIT)), strict=False)]

    def close(self) -> None:
        """Do nothing."""
