"""What of each gateway's spool is on record: which observations are new, which are repeats, which were changed."""

import logging
from collections.abc import Sequence

from msgspec import Struct

from coldport.ids import GatewayId
from coldport.messages.observation import BATCH_LIMIT, Batch, Observation
from control.dedup import runs_of, sift
from control.entries import Content, Observed, Tampered
from control.order import Spool
from control.ports import Journal

SPOOL_LIMIT = 1_000
"""Spools whose highest number is remembered; of another one it is looked up."""

log = logging.getLogger("control.spools")


class Counts(Struct):
    """How many observations came that were not simply new, since the start."""

    repeats: int = 0
    conflicts: int = 0


class Spools:
    """The spools of one site, by what its journal holds."""

    def __init__(self, journal: Journal) -> None:
        """Look into `journal` where something is not remembered."""
        self._journal = journal
        self._highest: dict[Spool, int] = {}
        self._tampered: dict[Spool, Tampered] = {}
        self.counts = Counts()

    def highest(self, spool: Spool) -> int:
        """Return the highest number on record of a gateway's spool, 0 when there is none; raises UnavailableError."""
        highest = self._highest.get(spool)
        if highest is None:
            highest = self._highest[spool] = self._journal.highest_seq(GatewayId(spool[0]), spool[1])
        return highest

    def new(self, spool: Spool, batches: Sequence[Batch]) -> list[Content]:
        """Return what is new in `batches` of a spool, as entries to be written; raises UnavailableError."""
        observations = [observation for batch in batches for observation in batch.observations]
        sifted = sift(observations, self._held(spool, batches))
        self.counts.repeats += sifted.repeats
        self.counts.conflicts += len(sifted.conflicts)
        gateway, boot_id = spool
        new: list[Content] = [
            Observed(gateway=gateway, boot_id=boot_id, observations=run[start : start + BATCH_LIMIT])
            for run in sifted.runs
            for start in range(0, len(run), BATCH_LIMIT)
        ]
        if sifted.conflicts:
            # One for all: a gateway that lies does so in bulk and again and again, and the journal must not grow by it.
            first, again = sifted.conflicts[0]
            tampered = Tampered(gateway=gateway, boot_id=boot_id, seq=first.seq, first=first, again=again)
            if self._tampered.get(spool) != tampered:
                log.error("gateway %s: observation %d came again with another content", gateway, first.seq)
                new.append(tampered)
        return new

    def remember(self, content: Content) -> None:
        """Keep what makes the next repeat cheap to know: `content` is on record now."""
        if isinstance(content, Observed):
            spool = (content.gateway, content.boot_id)
            self._highest[spool] = max(self._highest.get(spool, 0), content.observations[-1].seq)
            if len(self._highest) > SPOOL_LIMIT:
                del self._highest[next(iter(self._highest))]
        elif isinstance(content, Tampered):
            self._tampered[content.gateway, content.boot_id] = content
            if len(self._tampered) > SPOOL_LIMIT:
                del self._tampered[next(iter(self._tampered))]

    def _held(self, spool: Spool, batches: Sequence[Batch]) -> dict[int, Observation]:
        """Return what is on record of the numbers in `batches`; nearly always nothing, and then nothing is read."""
        gateway = GatewayId(spool[0])
        highest = self.highest(spool)
        held: dict[int, Observation] = {}
        for batch in batches:
            if min(o.seq for o in batch.observations) > highest:
                continue
            for run in runs_of(batch.observations):
                for mark in self._journal.marks(gateway, spool[1], run[0].seq, run[-1].seq):
                    content = self._journal.read(mark.entry - 1, 1)[0].content
                    if isinstance(content, Observed):
                        held.update((observation.seq, observation) for observation in content.observations)
        return held
