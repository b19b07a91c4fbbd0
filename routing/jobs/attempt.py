"""One worker does one job, or falls over it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from coldport.errors import ColdportError, UnavailableError
from routing.jobs.feed import Feed
from routing.jobs.job import Job
from routing.jobs.ledger import Ledger
from routing.jobs.ports import Better, Fault, Found, Progress, Ready, Run, Task, Workers
from routing.plan_log.acts import Checkpoint, Ended, Outcome, Started, summary
from routing.plan_log.documents import Document, pack

LEAST_S = 1.0
"""What a job gets that is taken over at the very end of its time."""

CHECKPOINT_S = 5.0
"""How often the time that a job has used is kept when no better plan is found: what a fall gives it in addition."""

START_S = 300.0
"""What a worker has to come up: some seconds, and the first time on a machine as long as compiling the kernel takes."""

OVERTIME, OVERTIME_S = 1.1, 3.0
"""How much of its time, and then so many seconds more, before a worker that has begun is taken to hang."""

WAS_STOPPED = "stopped: it was asked to"

log = logging.getLogger("routing.jobs")


@dataclass(frozen=True, slots=True)
class End:
    """What is to be written of a job that is over."""

    act: Ended
    documents: Sequence[Document] = ()


class Attempt:
    """A job that begins, or goes on from its checkpoint with the time that was left."""

    def __init__(self, ledger: Ledger, job: Job, feed: Feed) -> None:
        """Prepare; nothing is written."""
        self._ledger = ledger
        self._job = job
        self._feed = feed
        self._before = ledger.checkpoints.get(job.id) or Checkpoint(job=job.id, elapsed_s=0.0, turns=0)
        self._left_s = max(LEAST_S, job.asked.seconds - self._before.elapsed_s)

    async def run(self, workers: Workers, memory_mb: int, began: Callable[[Run], None]) -> End | None:
        """Let a worker do it; return how it ended, or None when the worker fell and the job is still to be done.

        Raises:
            UnavailableError: There is no worker, or the disk is away.
        """
        try:
            run = await self._start(workers, memory_mb)
        except UnavailableError:
            raise
        except ColdportError as error:  # a document is gone or cannot be read
            return self._ended(Outcome.REFUSED, f"{error.code}: {error}")
        began(run)
        try:
            async with asyncio.timeout(START_S) as limit:
                end = await self._follow(run, limit)
        except TimeoutError:
            end = self._ended(self._outcome_without_end(), "overtime: its worker did not end")
        finally:
            how = await run.end()
        if end is None and not self._ledger.board.job(self._job.id).stop_asked:
            log.warning("the worker of %s fell: %s", self._job.id, how)
        return end

    async def _start(self, workers: Workers, memory_mb: int) -> Run:
        asked, plan_log = self._job.asked, self._ledger.log
        instance = plan_log.document(asked.instance)
        begins = self._before.result.plan if self._before.result else asked.start
        start = None if begins is None else plan_log.document(begins)
        await self._ledger.write([Started(job=asked.job, attempt=self._job.attempt + 1)])
        self._feed.begin(self._job.starts + 1)
        task = Task(kind=asked.kind, seconds=self._left_s, seed=asked.seed, split=asked.split, memory_mb=memory_mb)
        return await workers.start(task, instance, start)

    async def _follow(self, run: Run, limit: asyncio.Timeout) -> End | None:
        """Hear what a worker says until it ends."""
        while (told := await run.told()) is not None:
            match told:
                case Ready():
                    limit.reschedule(asyncio.get_running_loop().time() + self._left_s * OVERTIME + OVERTIME_S)
                case Progress():
                    self._tell(told)
                case Better():
                    document = pack(told.plan)
                    result = summary(told.plan, document.digest)
                    elapsed_s = self._before.elapsed_s + told.elapsed_s
                    kept = Checkpoint(job=self._job.id, elapsed_s=elapsed_s, turns=told.turns, result=result)
                    self._ledger.keep(kept, document)
                case Found():
                    document = pack(told.plan)
                    outcome, reason = (Outcome.STOPPED, WAS_STOPPED) if told.stopped else (Outcome.DONE, "")
                    result = summary(told.plan, document.digest)
                    return End(Ended(job=self._job.id, outcome=outcome, result=result, reason=reason), [document])
                case Fault():
                    return self._ended(Outcome.REFUSED if told.refused else Outcome.FAILED, told.reason)
        return None

    def _tell(self, told: Progress) -> None:
        """Pass progress on, in seconds of the job, and keep from time to time how far it is."""
        elapsed_s = self._before.elapsed_s + told.elapsed_s
        self._feed.put(msgspec.structs.replace(told, elapsed_s=elapsed_s))
        kept = self._ledger.checkpoints.get(self._job.id) or self._before
        if elapsed_s - kept.elapsed_s >= CHECKPOINT_S:
            self._ledger.keep(msgspec.structs.replace(kept, elapsed_s=elapsed_s, turns=told.turns))

    def _outcome_without_end(self) -> Outcome:
        return Outcome.STOPPED if self._ledger.best(self._job.id) else Outcome.FAILED

    def _ended(self, outcome: Outcome, reason: str) -> End:
        return End(self._ledger.end_of(self._job.id, outcome, reason))
