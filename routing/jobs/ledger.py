"""The plan log and the board it folds to, moved together: what is written is known at once, in one order."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from coldport.clock import Clock
from coldport.errors import UnavailableError
from routing.jobs.board import Board
from routing.plan_log.acts import Act, Checkpoint, Ended, Outcome, Summary
from routing.plan_log.documents import Document
from routing.plan_log.ports import PlanLog

READ_AT_ONCE = 10_000
"""Entries read at a time when the log is folded."""

RETRY_S = 1.0
"""Between attempts to write what must be written."""

log = logging.getLogger("routing.jobs")


class Ledger:
    """What the service knows. A write blocks the event loop for some milliseconds, as the journal's does control's."""

    def __init__(self, plan_log: PlanLog, clock: Clock) -> None:
        """Fold the log; raises UnavailableError."""
        self.log = plan_log
        self.board = Board()
        self._clock = clock
        self._news = asyncio.Event()
        while entries := plan_log.read(self.board.last, READ_AT_ONCE):
            for entry in entries:
                self.board.apply(entry)
        self._checkpoints = dict(plan_log.checkpoints())

    @property
    def checkpoints(self) -> Mapping[str, Checkpoint]:
        """How far jobs are that are not over."""
        return self._checkpoints

    @property
    def news(self) -> asyncio.Event:
        """Set when something changes after this was asked for."""
        return self._news

    def best(self, job: str) -> Summary | None:
        """Return the best plan that is kept of a job that is not over."""
        kept = self._checkpoints.get(job)
        return kept.result if kept else None

    def end_of(self, job: str, outcome: Outcome, reason: str) -> Ended:
        """Return an end that leaves the best plan that was kept."""
        return Ended(job=job, outcome=outcome, result=self.best(job), reason=reason[:500])

    def append(self, acts: Sequence[Act], documents: Sequence[Document] = ()) -> None:
        """Write, and know; raises UnavailableError."""
        for entry in self.log.append(self._clock.now(), acts, documents):
            self.board.apply(entry)
            if isinstance(entry.act, Ended):
                self._checkpoints.pop(entry.act.job, None)
        self.wake()

    async def write(self, acts: Sequence[Act], documents: Sequence[Document] = ()) -> None:
        """Write what must be written, however long the disk is away."""
        is_told = False
        while True:
            try:
                self.append(acts, documents)
            except UnavailableError as error:
                if not is_told:
                    log.warning("the plan log waits: %s", error)
                is_told = True
                await self._clock.sleep(RETRY_S)
            else:
                return

    def keep(self, checkpoint: Checkpoint, document: Document | None = None) -> None:
        """Keep how far a job is; when the disk does not take it, the job goes on all the same."""
        try:
            self.log.keep(checkpoint, document)
        except UnavailableError as error:
            log.warning("no checkpoint of %s: %s", checkpoint.job, error)
        else:
            self._checkpoints[checkpoint.job] = checkpoint

    def tidy(self) -> None:
        """Forget documents that nobody needs; it can wait when the disk is away."""
        plans = {one.result.plan for one in self._checkpoints.values() if one.result}
        try:
            self.log.forget_but(self.board.documents() | plans)
        except UnavailableError as error:
            log.warning("nothing is forgotten: %s", error)

    def wake(self) -> None:
        """Let those look again who wait for news."""
        self._news.set()
        self._news = asyncio.Event()
