"""A gateway's surroundings for its unit tests: a clock that stands still, a sink that remembers, a board to look at."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.observation import Observation
from edge.health.book import HealthBook
from edge.ports import Outlet

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class MemorySink:
    """Remembers what drivers saw, and when they said so."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.seen: list[tuple[float, Observation]] = []

    async def record(self, observations: Sequence[Observation]) -> None:
        self.seen += [(self._clock.monotonic_s(), observation) for observation in observations]

    def of(self, point: str, since_s: float = 0.0) -> list[Observation]:
        return [seen for at_s, seen in self.seen if seen.point == point and at_s >= since_s]

    def times_of(self, point: str) -> list[float]:
        return [at_s for at_s, seen in self.seen if seen.point == point]


class MemoryBoard:
    """Remembers every change of state: (when, line or device, reason or None for up)."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.states: dict[str, str | None] = {}
        self.changes: list[tuple[float, str, str | None]] = []

    def up(self, link: LinkId, device: str | None = None) -> None:
        self._note(device or link, None)

    def down(self, link: LinkId, reason: str, device: str | None = None) -> None:
        self._note(device or link, reason)

    def _note(self, key: str, reason: str | None) -> None:
        if key not in self.states or self.states[key] != reason:
            self.states[key] = reason
            self.changes.append((self._clock.monotonic_s(), key, reason))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def sink(clock: ManualClock) -> MemorySink:
    return MemorySink(clock)


@pytest.fixture
def board(clock: ManualClock) -> MemoryBoard:
    return MemoryBoard(clock)


@pytest.fixture
def outlet(clock: ManualClock, sink: MemorySink, board: MemoryBoard) -> Outlet:
    return Outlet(sink, board, clock, HealthBook(SiteId("s"), GatewayId("edge-1"), clock))
