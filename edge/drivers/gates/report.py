"""What a reader tells, made into observations, states, and events of its gate: the same for every kind of reader."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coldport.ids import LinkId, PointId
from coldport.messages import observation
from edge.observe import UNNUMBERED
from edge.passage.events import AntennaChanged, BeamChanged, GateEvent, GateWatch, ReadsLost, TagSeen
from edge.ports import Outlet
from edge.protocols.reader_events import (
    AntennaEvent,
    GpiEvent,
    InventoryEvent,
    LostEvent,
    ReaderEvent,
    ReaderProblem,
    TagRead,
)

LOSS_SHOWN_S = 60.0
"""How long the board shows that reads were lost after the last were: what comes and goes at once is seen by nobody."""

log = logging.getLogger("edge.gate")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """A gate as its line says it.

    Reads of antennas outside `antennas` are another gate's; empty takes all. `beams` are the inputs with a light
    barrier; they are broken while low if `broken_when_low`, as a barrier is that opens its contact. `record_reads` is
    whether every read becomes an observation. `watch` makes passages of what happens.
    """

    name: LinkId
    point: PointId
    antennas: frozenset[int] = frozenset()
    beams: frozenset[int] = frozenset()
    broken_when_low: bool = False
    record_reads: bool = True
    watch: GateWatch | None = None


class GateReport:
    """Tells what one gate's reader says, session after session."""

    def __init__(self, settings: GateSettings, outlet: Outlet) -> None:
        """Report to `outlet`."""
        self._settings = settings
        self._outlet = outlet
        self._told: set[str] = set()
        self._idle = False
        self._loss_until_s: float | None = None

    def begin(self) -> None:
        """Begin a session: a problem that was told in the one before is told again."""
        self._told.clear()
        self._idle = False

    def up(self) -> None:
        """Say that the reader is heard; one that has said that it does not read stays idle."""
        if not self._idle:
            self._outlet.board.up(self._settings.name)

    def down(self, reason: str) -> None:
        """Say that it is not, and why."""
        self._outlet.board.down(self._settings.name, reason)
        self._outlet.health.error(self._settings.name, self._settings.name, reason)

    async def tell(self, events: Sequence[ReaderEvent]) -> None:
        """Record, show and pass on what came in one go; waits while the way to the spool is full."""
        if not events:
            return
        now = self._outlet.clock.now()
        self._count(events)
        self._end_loss()
        seen = [self._event(event, now) for event in events]
        known = [event for event in seen if event is not None]
        if self._settings.record_reads:
            reads = [self._observation(event, now) for event in known if isinstance(event, TagSeen)]
            if reads:
                await self._outlet.sink.record(reads)
        if self._settings.watch is not None and known:
            await self._settings.watch.take(known)
        for event in events:
            self._show(event)

    def _count(self, events: Sequence[ReaderEvent]) -> None:
        name, health = self._settings.name, self._outlet.health
        problems = [event for event in events if isinstance(event, ReaderProblem)]
        for problem in problems:
            health.error(name, name, problem.reason)
        if len(problems) < len(events):
            health.frame(name, name)

    def _end_loss(self) -> None:
        if self._loss_until_s is not None and self._outlet.clock.monotonic_s() >= self._loss_until_s:
            self._loss_until_s = None
            self._outlet.board.up(self._settings.name, f"{self._settings.name}-reads")

    def _event(self, event: ReaderEvent, now: datetime) -> GateEvent | None:
        settings = self._settings
        match event:
            case TagRead() if not settings.antennas or event.antenna in settings.antennas:
                at = now - timedelta(seconds=event.age_s)
                return TagSeen(epc=event.epc, antenna=event.antenna, rssi_dbm=event.rssi_dbm, at=at, count=event.count)
            case GpiEvent() if event.port in settings.beams:
                broken = event.high is not settings.broken_when_low
                return BeamChanged(beam=event.port, broken=broken, at=now - timedelta(seconds=event.age_s))
            case AntennaEvent():
                return AntennaChanged(antenna=event.antenna, connected=event.connected, at=now)
            case LostEvent():
                return ReadsLost(count=event.count, at=now)
        return None

    def _observation(self, seen: TagSeen, now: datetime) -> observation.TagRead:
        return observation.TagRead(
            seq=UNNUMBERED,
            point=self._settings.point,
            observed_at=seen.at,
            spooled_at=now,
            epc=seen.epc,
            antenna=seen.antenna,
            rssi_dbm=None if seen.rssi_dbm is None else round(seen.rssi_dbm),
            count=seen.count,
        )

    def _show(self, event: ReaderEvent) -> None:
        """Count it, and put on the board, and into the log, what a person has to know."""
        name = self._settings.name
        if isinstance(event, ReaderProblem):
            self._outlet.health.error(name, name, event.reason)
        else:
            self._outlet.health.frame(name, name)
        match event:
            case AntennaEvent(antenna=antenna, connected=True):
                self._outlet.board.up(name, f"{name}-antenna-{antenna}")
            case AntennaEvent(antenna=antenna):
                self._outlet.board.down(name, "disconnected", f"{name}-antenna-{antenna}")
            case InventoryEvent(running=running):
                self._idle = not running
                if running:
                    self.up()
                else:
                    self.down("idle")
            case LostEvent(count=count):
                # Each time, not once a session: it is the only trace of reads that nobody will see.
                log.warning("%s: %s tag reads are lost", name, "an unknown number of" if count is None else count)
                self._outlet.board.down(name, "reads-lost", f"{name}-reads")
                self._loss_until_s = self._outlet.clock.monotonic_s() + LOSS_SHOWN_S
            case ReaderProblem() if event.reason not in self._told:
                self._told.add(event.reason)  # once a session: a bad line would fill the log
                log.warning("%s: %s: %s", name, event.reason, event.text)
