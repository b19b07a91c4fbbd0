"""Where jobs are asked for, done and ended. Everything runs on one event loop; the log is written before it is said."""

import asyncio
import logging
from dataclasses import dataclass

import msgspec

from coldport.clock import Clock
from coldport.errors import RefusedError, UnavailableError
from routing.jobs.attempt import WAS_STOPPED, Attempt, End
from routing.jobs.feed import Feed
from routing.jobs.job import ATTEMPTS, Job, State
from routing.jobs.ledger import RETRY_S, Ledger
from routing.jobs.ports import Run, Workers
from routing.plan_log.acts import Asked, Loaded, Outcome, Paused, Published, StopAsked
from routing.plan_log.documents import Document

QUEUE_LIMIT = 100
"""Jobs that wait; whoever asks for more waits by himself."""

log = logging.getLogger("routing.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the service may use: workers at once, what each may have, and the longest job."""

    workers: int = 1
    memory_mb: int = 2_048
    seconds_most: float = 3_600.0


class Office:
    """The service's one desk. Run `run` beside whatever asks."""

    def __init__(self, ledger: Ledger, workers: Workers, clock: Clock, budget: Budget) -> None:
        """Go on with what the ledger knows."""
        self.ledger = ledger
        self.budget = budget
        self._board = ledger.board
        self._workers = workers
        self._clock = clock
        self._runs: dict[str, Run | None] = {}
        self._feeds = {job.id: Feed() for job in self._board.jobs.values() if not job.state.is_over}
        self._stopping: set[asyncio.Task[None]] = set()

    def load(self, loaded: Loaded, document: Document) -> bool:
        """Keep an instance; return whether it is new.

        Raises:
            UnavailableError: The log cannot be written.
        """
        if loaded.instance in self._board.instances:
            return False
        self.ledger.append([loaded], [document])
        self.ledger.tidy()
        return True

    def ask(self, asked: Asked) -> tuple[Job, bool]:
        """Put a job into the queue under a name of the office's own; return it, and whether it is new.

        Raises:
            NotFoundError: There is no such instance, or no such plan to start with.
            RefusedError: It may not take so long, the queue is full, or its key is that of another job.
            UnavailableError: The log cannot be written.
        """
        jobs = self._board.jobs
        twin = next((one for one in jobs.values() if asked.key and one.asked.key == asked.key), None)
        asked = msgspec.structs.replace(asked, job=twin.id if twin else self._board.next_name())
        if twin is not None:
            if twin.asked != asked:
                raise RefusedError(f"the key {asked.key!r} is that of {twin.id}, which is another job")
            return twin, False
        self._board.loaded(asked.instance)
        if asked.start is not None and self._board.plan(asked.start).instance != asked.instance:
            raise RefusedError(f"plan {asked.start} answers another instance")
        if asked.seconds > self.budget.seconds_most:
            raise RefusedError(f"a job may take {self.budget.seconds_most:g} s, not {asked.seconds:g}")
        if sum(job.state is State.QUEUED for job in jobs.values()) >= QUEUE_LIMIT:
            raise RefusedError(f"{QUEUE_LIMIT} jobs are waiting already")
        self.ledger.append([asked])
        self._feeds[asked.job] = Feed()
        return self._board.job(asked.job), True

    def stop(self, name: str, by: str) -> Job:
        """Let a job end with the best it has; one that is over stays as it is.

        Raises:
            NotFoundError: There is no such job.
            UnavailableError: The log cannot be written.
        """
        job = self._board.job(name)
        if job.state is State.QUEUED and name not in self._runs:
            self.ledger.append([self.ledger.end_of(name, Outcome.STOPPED, WAS_STOPPED)])
            self._close(name)
        elif not job.state.is_over and not job.stop_asked:
            self.ledger.append([StopAsked(job=name, by=by)])
            self._stop(self._runs.get(name))
        return self._board.job(name)

    def publish(self, digest: str, by: str) -> tuple[Published, bool]:
        """Make a plan the one that goods go by; what stands already stands, and is not new.

        Whoever calls has asked the judge.

        Raises:
            NotFoundError: There is no such plan.
            UnavailableError: The log cannot be written.
        """
        kept = self._board.plan(digest)
        name = self._board.loaded(kept.instance).name
        standing = self._board.standing(name)
        if standing is not None and (standing.instance, standing.result.plan) == (kept.instance, digest):
            return standing, False
        published = Published(name=name, instance=kept.instance, job=kept.job, result=kept.result, by=by)
        self.ledger.append([published])
        return published, True

    def feed(self, name: str) -> Feed | None:
        """Return the progress of a job that is not over."""
        return self._feeds.get(name)

    async def run(self) -> None:
        """Do jobs, the oldest first, until cancelled; those that run wait for the next start then."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                news = self.ledger.news
                free = self.budget.workers - len(self._runs)
                open_jobs = [job.id for job in self._board.jobs.values() if not job.state.is_over]
                for name in [name for name in open_jobs if name not in self._runs][: max(0, free)]:
                    self._runs[name] = None
                    tasks.create_task(self._work(name), name=name)
                await news.wait()

    async def _work(self, name: str) -> None:
        """Do a job once. A fall leaves it where the next look finds it again."""
        try:
            end = self._given_up(self._board.job(name)) or await self._attempt(name)
            if end is not None:
                await self.ledger.write([end.act], end.documents)
                self._close(name)
                self.ledger.tidy()
        except UnavailableError as error:
            log.warning("%s waits: %s", name, error)
            await self._clock.sleep(RETRY_S)
        except asyncio.CancelledError:
            self._pause(name)
            raise
        finally:
            del self._runs[name]
            self.ledger.wake()

    async def _attempt(self, name: str) -> End | None:
        def began(run: Run) -> None:
            self._runs[name] = run
            if self._board.job(name).stop_asked:
                self._stop(run)

        attempt = Attempt(self.ledger, self._board.job(name), self._feeds[name])
        return await attempt.run(self._workers, self.budget.memory_mb, began)

    def _given_up(self, job: Job) -> End | None:
        """Return the end of a job that shall not begin once more."""
        if job.stop_asked:
            return End(self.ledger.end_of(job.id, Outcome.STOPPED, WAS_STOPPED))
        if job.attempt >= ATTEMPTS:
            reason = f"fell: its worker or the service fell {ATTEMPTS} times"
            return End(self.ledger.end_of(job.id, Outcome.FAILED, reason))
        return None

    def _pause(self, name: str) -> None:
        """Let a job that runs wait for the next start of the service."""
        if self._board.job(name).state is State.RUNNING:
            try:
                self.ledger.append([Paused(job=name)])
            except UnavailableError as error:
                log.warning("%s counts as fallen: %s", name, error)

    def _stop(self, run: Run | None) -> None:
        if run is not None:
            stopping = asyncio.create_task(run.stop())
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)

    def _close(self, name: str) -> None:
        feed = self._feeds.pop(name, None)
        if feed is not None:
            feed.end()
