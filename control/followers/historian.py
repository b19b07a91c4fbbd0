"""Follows the journal into the historian, from the number the historian remembers.

It reads and writes on another thread than the event loop's, so neither a slow disk nor a server that is away delays a
reading or an alarm. After hours of absence it goes on where it stopped, at the pace of the store.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Observation, Quality, Reading, Weight
from control.entries import Entry, Observed
from control.ports import Historian, Journal, Sample

LINGER_S = 1.0
"""How long samples gather before they are written: a chart may lag by it, and the store commits once a second."""
ENTRY_LIMIT = 50
"""Entries read at a time: at most 25,000 samples, about 5 MB."""
SAMPLE_LIMIT = 2_000
"""Samples after which a write is sent off; the entry that reaches it is still whole. More would be faster (a day away
is caught up in half a minute), and would hold the interpreter for longer while a reading waits for its alarm."""


class HistorianFollower:
    """What has been done is remembered by the historian, never here."""

    def __init__(
        self,
        journal: Journal,
        historian: Historian,
        clock: Clock,
        written: Callable[[Sequence[Sample]], None] = lambda _: None,
    ) -> None:
        """Follow `journal`, whose `read` must be callable on any thread; `written` hears of samples that are in."""
        self._written = written
        self._journal = journal
        self._historian = historian
        self._clock = clock
        self.applied: int | None = None
        """The number up to which the historian has everything; None until it has said so, and while it is away."""
        self.is_current = False
        """Whether the historian has all that the journal holds, but for what came in the last second or two."""

    async def step(self) -> None:
        """Do one piece of work: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The historian is away, or holds more than the journal does and so is not of this journal.
        """
        try:
            read = await self._catch_up()
        except UnavailableError:
            self.applied = None
            self.is_current = False
            raise
        self.is_current = read < ENTRY_LIMIT
        if read < ENTRY_LIMIT:
            await self._clock.sleep(LINGER_S)

    async def _catch_up(self) -> int:
        if self.applied is None:
            applied = await asyncio.to_thread(self._historian.applied)
            if applied > self._journal.last():
                raise UnavailableError(
                    f"the historian has applied entry {applied}, the journal ends at {self._journal.last()}: "
                    "another journal fed it; give it an empty place, and it is filled again"
                )
            self.applied = applied
        entries = await asyncio.to_thread(self._journal.read, self.applied, ENTRY_LIMIT)
        writes = pieces(entries)
        while through := await asyncio.to_thread(self._write_next, writes):
            self.applied = through
        return len(entries)

    def _write_next(self, writes: Iterator[tuple[int, list[Sample]]]) -> int | None:
        for through, samples in writes:
            self._historian.write(through, samples)
            self._written(samples)
            return through
        return None


def pieces(entries: Sequence[Entry]) -> Iterator[tuple[int, list[Sample]]]:
    """Cut entries into writes: the number each reaches, and its samples."""
    samples: list[Sample] = []
    for entry in entries:
        if isinstance(entry.content, Observed):
            samples += (sample for sample in map(sample_of, entry.content.observations) if sample is not None)
        if len(samples) >= SAMPLE_LIMIT or entry is entries[-1]:
            yield entry.number, samples
            samples = []


def sample_of(observation: Observation) -> Sample | None:
    """Return what of an observation is kept as a series: readings and weights, not what happened at a gate or scale.

    A weight's value is its net mass, else its gross. Without a value it is a bad sample, whatever its quality.
    """
    if isinstance(observation, Weight):
        value = observation.gross_kg if observation.net_kg is None else observation.net_kg
    elif isinstance(observation, Reading):
        value = observation.value
    else:
        return None
    if value is None or observation.quality is Quality.BAD:
        return Sample(PointId(observation.point), observation.observed_at, None, Quality.BAD)
    return Sample(PointId(observation.point), observation.observed_at, value, observation.quality)
