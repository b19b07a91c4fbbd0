"""What a gate's reader tells, made into passages and held against the manifest expected there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from coldport.ids import PointId
from coldport.messages.manifest import Manifest
from coldport.messages.observation import TALLY_LIMIT, Direction, Observation, Passage, Tally
from edge.observe import UNNUMBERED
from edge.passage.engine import Passages
from edge.passage.events import GateEvent
from edge.passage.neighbours import Neighbours
from edge.passage.settings import PassageSettings
from edge.passage.tally import Count
from edge.passage.verdict import Verdict
from edge.ports import Outlet
from edge.protocols.epc import identify

LATE_S = 1.0
"""How late a report may be: readers hold theirs for up to half a second, networks for as long again."""

TICK_S = 0.25
"""How often it is looked whether something is decided: a person at the gate does not notice it."""

TALLY_EVERY_S = 1.0
"""A tally is told at most so often: a pallet of sixty boxes would tell sixty."""


class PassageWatch:
    """The passages of one gate. It is the `GateWatch` of its reader's driver; `run` is to run beside that."""

    def __init__(self, point: PointId, settings: PassageSettings, neighbours: Neighbours, outlet: Outlet) -> None:
        """Tell the passages of the gate `point` to `outlet`; `neighbours` is shared by the gates of one gateway."""
        self._point = point
        self._engine = Passages(point, settings, neighbours)
        self._outlet = outlet
        self._count: Count | None = None
        self._untold = False
        self._told_at: datetime | None = None

    async def take(self, events: Sequence[GateEvent]) -> None:
        """Take what came in one go, in any order; waits while the way to the spool is full."""
        verdicts = [
            verdict for event in sorted(events, key=lambda event: event.at) for verdict in self._engine.take(event)
        ]
        await self._tell(verdicts)

    def expect(self, manifest: Manifest) -> None:
        """Hold what goes in against a manifest from now on; the same one again changes nothing."""
        if manifest.point != self._point or (self._count is not None and self._count.manifest == manifest):
            return
        self._count = Count(manifest) if manifest.epcs else None
        self._untold = self._count is not None

    async def run(self) -> None:
        """Decide for ever what no further event decides."""
        while True:
            await self._outlet.clock.sleep(TICK_S)
            await self._tell(self._engine.advance(self._outlet.clock.now() - timedelta(seconds=LATE_S)))

    async def _tell(self, verdicts: Sequence[Verdict]) -> None:
        now = self._outlet.clock.now()
        seen: list[Observation] = [self._passage(verdict, now) for verdict in verdicts]
        if self._count is not None:
            changes = [self._count.passed(verdict) for verdict in verdicts]
            self._untold = self._untold or any(changes)
            if self._untold and (self._told_at is None or (now - self._told_at).total_seconds() >= TALLY_EVERY_S):
                self._untold, self._told_at = False, now
                seen.append(self._tally(self._count, now))
        if seen:
            await self._outlet.sink.record(seen)

    def _passage(self, verdict: Verdict, now: datetime) -> Passage:
        identity = None if verdict.epc is None else identify(verdict.epc)
        return Passage(
            seq=UNNUMBERED,
            point=self._point,
            observed_at=verdict.at,
            spooled_at=now,
            direction=verdict.direction or Direction.UNDETERMINED,
            confidence=verdict.confidence,
            first_at=verdict.first_at,
            last_at=verdict.last_at,
            reads=verdict.reads,
            epc=verdict.epc,
            identity=None if identity is None else identity.uri,
            peak_rssi_dbm=None if verdict.peak_dbm is None else round(verdict.peak_dbm),
            evidence=verdict.evidence,
        )

    def _tally(self, count: Count, now: datetime) -> Tally:
        return Tally(
            seq=UNNUMBERED,
            point=self._point,
            observed_at=now,
            spooled_at=now,
            manifest=count.manifest.id,
            expected=count.expected,
            seen=count.seen,
            missing_count=count.missing_count,
            extra_count=count.extra_count,
            missing=count.first_missing(TALLY_LIMIT),
            extra=count.first_extra(TALLY_LIMIT),
        )
