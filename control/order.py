"""Batches of one spool are taken in the order of their numbers, whatever the order in which they come. Pure.

When control falls, its broker brings what was under way only seconds later, after what was sent since; what the broker
lost, the gateway sends again after five seconds. Taken as they come, the earlier readings would be late, and what is
late is not judged: an alarm would be missing. So a batch that leaves a gap waits for what is missing, for a while.
After a long outage a gateway sends what is new first: such a batch says what it follows, and the backlog beside it says
that it is one. That is late whatever is done, so it waits for nothing, and nothing waits for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from coldport.bus import Received
from coldport.messages.observation import Batch

PATIENCE_S = 10.0
"""The broker brings again after 5 s what was not acknowledged, and a gateway sends again within 6 s. What has not come
by then was given up by a full spool, or was confirmed by a journal that is no more: it will never come."""

HELD_LIMIT = 500
"""Batches that may wait; past it all are taken. Half of what the embedded broker brings before one is acknowledged."""

Spool = tuple[str, str]
"""Gateway and boot id: one numbering of observations."""


class Arrival(NamedTuple):
    """A batch, and the message to be acknowledged once it is in the journal."""

    message: Received
    batch: Batch

    @property
    def first(self) -> int:
        """The number of the batch's first observation."""
        return self.batch.observations[0].seq

    @property
    def last(self) -> int:
        """The number of the batch's last observation."""
        return self.batch.observations[-1].seq

    @property
    def follows(self) -> int:
        """The number that has to be in the journal before this batch."""
        return self.first - 1 if self.batch.follows is None else self.batch.follows


@dataclass(frozen=True, slots=True)
class _Wait:
    """Batches that wait for what follows number `after`, since `since_s`."""

    after: int
    since_s: float
    arrivals: Sequence[Arrival]


class Order:
    """The batches that wait for their turn."""

    def __init__(self) -> None:
        """Start with none."""
        self._waits: dict[Spool, _Wait] = {}

    def pass_on(self, arrived: Sequence[Arrival], highest: Callable[[Spool], int], now_s: float) -> Sequence[Arrival]:
        """Return those whose turn it is, those that waited before included, each spool's in order.

        Args:
            arrived: What has just come.
            highest: Gives the highest number of a spool in the journal, with all in it that was passed on before.
            now_s: Monotonic seconds. A wait is ended by the first call after `PATIENCE_S`.
        """
        by_spool: dict[Spool, list[Arrival]] = {spool: [] for spool in self._waits}
        late = [arrival for arrival in arrived if arrival.batch.backlog]
        for arrival in arrived:
            if not arrival.batch.backlog:
                by_spool.setdefault((arrival.batch.gateway, arrival.batch.boot_id), []).append(arrival)
        known = {spool: highest(spool) for spool in by_spool}  # may raise, so before anything is changed
        passed = [
            arrival for spool, some in by_spool.items() for arrival in self._turn(spool, some, known[spool], now_s)
        ]
        if sum(len(wait.arrivals) for wait in self._waits.values()) > HELD_LIMIT:
            passed += [arrival for wait in self._waits.values() for arrival in wait.arrivals]
            self._waits.clear()
        return passed + late

    def _turn(self, spool: Spool, arrived: Sequence[Arrival], after: int, now_s: float) -> Sequence[Arrival]:
        before = self._waits.pop(spool, None)
        queue = sorted([*(before.arrivals if before else ()), *arrived], key=lambda arrival: arrival.first)
        count = 0
        for arrival in queue:
            if arrival.follows > after:
                break
            after = max(after, arrival.last)
            count += 1
        since_s = before.since_s if before and before.after == after else now_s
        if count == len(queue) or now_s - since_s >= PATIENCE_S:
            return queue
        self._waits[spool] = _Wait(after, since_s, queue[count:])
        return queue[:count]
