"""The one way into the journal, and so its one writer: observations, time, and what people do.

Each call is one transaction: what happened and the alarms it moved are on disk together or not at all. When the disk
refuses, memory is a step ahead of it, so it is built again from the journal before anything else is taken.
"""

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import AlarmId, PointId
from coldport.messages.alarm import Alarm, Suppressed
from coldport.messages.observation import Batch, Receipt
from coldport.messages.status import Health, LinkStatus, Presence
from coldport.site import Site
from control.access.acts import AccessAct
from control.access.register import Access
from control.alarms.definition import AlarmFile
from control.alarms.pending import Pending, pending
from control.dedup import covered
from control.entries import (
    Acknowledged,
    Acted,
    Commanded,
    Content,
    Entry,
    Observed,
    Pruned,
    Replied,
    Reviewed,
    Sealed,
    Started,
    Ticked,
    Transitioned,
)
from control.exposure.custody import LotAct, LotAssessed, LotStated
from control.exposure.lots import Lot
from control.inspection.floor import Floor, FloorAct
from control.memory import Inspection, keep, recall
from control.order import Spool
from control.passport.acts import PassportAct
from control.passport.passports import CopyLimits, Passports
from control.ports import Journal, Latest
from control.spools import Spools

SNAPSHOT_EVERY = 200_000
"""Observations and entries between two snapshots: a start folds no more than these, in about a second."""

NO_LANES = Inspection()
BELIEVED = CopyLimits()

log = logging.getLogger("control.service")


class Service:
    """Control of one site. It is also the `Desk` of the HTTP border."""

    def __init__(
        self,
        site: Site,
        alarms: AlarmFile,
        journal: Journal,
        clock: Clock,
        inspection: Inspection = NO_LANES,
        copies: CopyLimits = BELIEVED,
    ) -> None:
        """Fold the journal and write that control has started.

        Raises:
            UnavailableError: The journal cannot be read or written.
        """
        self._site = site
        self._alarms = alarms
        self._journal = journal
        self._clock = clock
        self._grown = asyncio.Event()
        self._spools = Spools(journal)
        self._unsaved = 0
        self._ahead_of_disk = False
        self.counts = self._spools.counts
        self._inspection = inspection
        self._copies = copies
        self._engine, self._floor, self._picture = recall(site, alarms, journal, inspection, copies)
        self._write(Started(at=clock.now()))

    @property
    def site(self) -> Site:
        """The site as its files say."""
        return self._site

    @property
    def unknown(self) -> int:
        """How many observations came, since the start, of points the site has not; they are on record."""
        return self._picture.unknown

    def highest(self, spool: Spool) -> int:
        """Return the highest number on record of a gateway's spool, 0 when there is none; raises UnavailableError."""
        return self._spools.highest(spool)

    def take(self, batches: Sequence[Batch], orders: Sequence[Commanded | Replied] = ()) -> list[Receipt]:
        """Make what is new of `batches` durable with the alarms it moves, and say what the journal now holds.

        `orders` are commands and replies to them that passed on the bus. One that the broker brings again may be on
        record twice.

        Raises:
            UnavailableError: Nothing was taken; call again with the same.
        """
        self._catch_up()
        by_spool: dict[Spool, list[Batch]] = {}
        for batch in batches:
            by_spool.setdefault((batch.gateway, batch.boot_id), []).append(batch)
        new = [content for spool, some in by_spool.items() for content in self._spools.new(spool, some)]
        told = (self.unknown, self._engine.ahead)
        self._write(*new, *orders)
        self._tell_first(*told)
        return [
            Receipt(gateway=gateway, boot_id=boot_id, first_seq=first, last_seq=last, recorded_at=self._clock.now())
            for (gateway, boot_id), some in by_spool.items()
            for first, last in covered(some)
        ]

    def tick(self) -> None:
        """Let time pass; raises UnavailableError when that moved something and it could not be written."""
        self._catch_up()
        now = self._clock.now()
        self._write_if_it_moves(Ticked(at=now), now)

    def due_in_s(self) -> float:
        """Return in how many seconds a parcel on a lane wants its verdict, below 0 if it is late; else infinity."""
        due_at = self._floor.due_at()
        return (due_at - self._clock.now()).total_seconds() if due_at is not None else math.inf

    def acknowledge(self, alarm: AlarmId, by: str, comment: str | None) -> Alarm:
        """Acknowledge one occurrence; see `Desk.acknowledge`. Raises UnavailableError when it could not be written."""
        self._catch_up()
        now = self._clock.now()
        self._write_if_it_moves(Acknowledged(alarm=alarm, at=now, by=by, comment=comment), now)
        return self._engine.occurrences.find(alarm)

    def act(self, acted: Acted) -> Alarm:
        """Do something about one occurrence; see `Desk.act`. Raises UnavailableError when it could not be written."""
        self._catch_up()
        self._write_if_it_moves(acted, acted.at)
        return self._engine.occurrences.find(acted.alarm)

    def suppress(self, acted: Acted) -> Suppressed | None:
        """Suppress an alarm, or stop that; see `Desk.suppress`. Raises UnavailableError when it was not written."""
        self._catch_up()
        name = self._engine.occurrences.named(acted.alarm)
        before = self._engine.occurrences.suppressed(name)
        contents = self._consequences(acted, acted.at, self._journal.last() + 1)
        after = self._engine.occurrences.suppressed(name)
        if after != before:
            self._append(acted.at, contents)
        return after

    def suppressions(self) -> Mapping[str, Suppressed]:
        """Return every alarm that is suppressed and how, by `definition.point`."""
        return self._engine.occurrences.suppressions()

    def pending(self) -> Sequence[Pending]:
        """Return the conditions whose delay is running."""
        return list(pending(self._engine.state))

    def lots(self) -> Sequence[Lot]:
        """Return the lots in the house and the last that left, in the order in which they came."""
        return list(self._picture.lots.by_id.values())

    def lot(self, name: str) -> Lot:
        """Return one lot; raises NotFoundError."""
        return self._picture.lots.find(name)

    def take_lot(self, act: LotAct) -> Lot:
        """Put on record what happened to a lot; see `Desk.take_lot`. Raises UnavailableError when not written."""
        self._catch_up()
        self._picture.lots.check(act, self._clock.now(), self._site)
        self._write(act)
        return self._picture.lots.find(act.lot)

    @property
    def access(self) -> Access:
        """The parties, their keys, and what they share."""
        return self._picture.access

    @property
    def floor(self) -> Floor:
        """The inspection centre, to be read."""
        return self._floor

    @property
    def passports(self) -> Passports:
        """The passports, to be read."""
        return self._picture.passports

    def record(self, *acts: AccessAct | FloorAct | PassportAct) -> Sequence[Content]:
        """Put on record what somebody did; see `Desk.record`. Raises UnavailableError when it was not written."""
        self._catch_up()
        now = self._clock.now()
        for act in acts:
            self._check(act, now)
        written: list[Content] = []
        follows: list[Content] = []
        for act in acts:
            contents = self._consequences(act, now, self._journal.last() + 1 + len(written))
            written += contents
            follows += contents[1:]
        self._append(now, written)
        return follows

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return the last entries about a subject, the newest first; see `Journal.about`."""
        return self._journal.about(subject, limit)

    def state_lot(self, stated: LotStated) -> None:
        """Put on record that what a lot suffered was signed off; raises UnavailableError when it was not written."""
        self._catch_up()
        self._write(stated)

    def note(self, content: Sealed | Pruned) -> None:
        """Put on record what moves neither an alarm nor the picture; raises UnavailableError when it cannot be."""
        self._catch_up()
        self._write(content)

    def review(self, reviewed: Reviewed) -> None:
        """Put on record what late readings changed, with the alarms it moves; raises UnavailableError."""
        self._catch_up()
        self._write(reviewed)

    def judge_lot(self, assessed: LotAssessed) -> None:
        """Take in how a lot stands; raises UnavailableError when that moves an alarm and could not be written."""
        self._catch_up()
        self._write_if_it_moves(assessed, self._clock.now())

    def link(self, status: LinkStatus) -> None:
        """Take the state of a line or device in; raises MalformedError when there are too many names."""
        self._picture.link(status)

    def presence(self, presence: Presence) -> None:
        """Take a process's presence in; raises MalformedError when there are too many names."""
        self._picture.presence(presence)

    def health(self, health: Health) -> None:
        """Take in how well a device is heard; raises MalformedError when there are too many names."""
        self._picture.health(health)

    def save(self) -> None:
        """Keep a snapshot now, so that the next start has nothing to fold; without it that start takes longer."""
        self._unsaved = 0
        try:
            self._catch_up()
            keep(self._engine, self._floor, self._picture, self._journal)
        except UnavailableError as error:
            log.warning("no snapshot was kept: %s", error)

    async def wait_beyond(self, number: int) -> None:
        """Return once the journal holds an entry above `number`. Followers sleep here."""
        while self._journal.last() <= number:
            await self._grown.wait()

    def alarms_since(self, transition: int) -> list[Alarm]:
        """Return the newest occurrence of each alarm, if it moved after entry `transition`, in the order they moved."""
        self._catch_up()
        return self._engine.occurrences.newest_since(transition)

    def now(self) -> datetime:
        """Return control's clock."""
        return self._clock.now()

    def version(self) -> int:
        """Return the number that rises with every change of what this desk shows."""
        return self._picture.version

    def latest(self) -> dict[PointId, Latest]:
        """Return the newest observation of every point that has one."""
        return self._picture.latest()

    def changed_points(self, since: int) -> Sequence[PointId]:
        """Return points whose latest changed after `version` was `since`."""
        return self._picture.changed_points(since)

    def alarms(self) -> Sequence[Alarm]:
        """Return occurrences that want attention and the last that became normal; newest last."""
        return self._engine.occurrences.listed()

    def links(self) -> Sequence[LinkStatus]:
        """Return the newest state of every line and device."""
        return self._picture.links()

    def devices(self) -> Sequence[Health]:
        """Return how well every device is heard that has said so."""
        return self._picture.devices()

    def presences(self) -> Sequence[Presence]:
        """Return the newest presence of every process."""
        return self._picture.presences()

    def journal_last(self) -> int:
        """Return the number of the journal's newest entry."""
        return self._journal.last()

    def _write(self, *happened: Content) -> None:
        """Append what happened, each with the alarms it moves, in one transaction."""
        now = self._clock.now()
        contents: list[Content] = []
        for content in happened:
            contents += self._consequences(content, now, self._journal.last() + len(contents) + 1)
        if contents:
            self._append(now, contents)

    def _write_if_it_moves(self, happened: Content, now: datetime) -> None:
        """Append what happened with the alarms it moves; when it moves none, nothing."""
        contents = self._consequences(happened, now, self._journal.last() + 1)
        if len(contents) > 1:
            self._append(now, contents)

    def _check(self, act: AccessAct | FloorAct | PassportAct, now: datetime) -> None:
        if isinstance(act, AccessAct):
            self._picture.access.check(act, now)
        elif isinstance(act, PassportAct):
            self._picture.passports.check(act, now)
        else:
            self._floor.check(act, now)

    def _consequences(self, happened: Content, now: datetime, number: int) -> list[Content]:
        contents = self._with_alarms(happened, now, number)
        for follows in self._on_the_floor(happened, now):
            contents += self._with_alarms(follows, now, number + len(contents))
        return contents

    def _with_alarms(self, content: Content, now: datetime, number: int) -> list[Content]:
        """Return an entry, which is to have a number, and the alarms that it moves."""
        return [content, *(Transitioned(alarm=alarm) for alarm in self._engine.apply(content, now, number + 1))]

    def _on_the_floor(self, happened: Content, now: datetime) -> Sequence[Content]:
        """Return what follows on the floor: time and every observation may make a verdict due."""
        if isinstance(happened, Observed):
            self._floor.see(happened.observations, now)
        elif isinstance(happened, Started):
            self._floor.wake(happened.at)
        elif isinstance(happened, FloorAct):
            return [*self._floor.apply(happened, now), *self._floor.judge(now)]
        elif not isinstance(happened, Ticked):
            return []
        return self._floor.judge(now)

    def _append(self, now: datetime, contents: Sequence[Content]) -> None:
        try:
            entries = self._journal.append(now, contents)
        except UnavailableError:
            self._ahead_of_disk = True
            raise
        for entry in entries:
            self._picture.see(entry)
            self._spools.remember(entry.content)
            self._unsaved += len(entry.content.observations) if isinstance(entry.content, Observed) else 1
        self._grown.set()
        self._grown = asyncio.Event()
        if self._unsaved >= SNAPSHOT_EVERY:
            self.save()

    def _tell_first(self, unknown: int, ahead: int) -> None:
        if self.unknown and not unknown:
            log.warning("observations of points that the site has not are on record; they are not judged or shown")
        if self._engine.ahead and not ahead:
            log.warning("readings from more than a minute ahead are on record and not judged: a clock is wrong")

    def _catch_up(self) -> None:
        if self._ahead_of_disk:
            # The picture saw only what was written; it is the alarms that ran ahead.
            known = recall(self._site, self._alarms, self._journal, self._inspection, self._copies)
            self._engine, self._floor, _ = known
            self._ahead_of_disk = False
