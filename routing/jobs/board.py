"""The plan log folded: instances, jobs and what is published. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from coldport.errors import NotFoundError
from routing.jobs.job import Job, after
from routing.plan_log.acts import Asked, Ended, Entry, Loaded, Paused, Published, Started, StopAsked, Summary

JOBS_LIMIT, PUBLICATIONS_LIMIT, INSTANCES_LIMIT = 300, 100, 100
"""How many of each are known, the newest; jobs that are not over are known however many came after them. Documents
that none of these name are forgotten: with ten thousand consignments each, the rest are some 400 MB at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan, the job that made it, and the instance it answers."""

    result: Summary
    job: str
    instance: str


class Board:
    """What the log says now."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Fold a log, or its beginning."""
        self.instances: dict[str, Entry] = {}
        self.jobs: dict[str, Job] = {}
        self.publications: list[Entry] = []
        self.last = 0
        self._jobs_asked = 0
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Entry) -> None:
        """Take the next entry; raises ValueError when it cannot come."""
        act = entry.act
        match act:
            case Loaded():
                self.instances[act.instance] = entry
            case Asked():
                self._jobs_asked += 1
                self.jobs[act.job] = Job(number=entry.number, asked_at=entry.at, asked=act)
            case Started() | Paused() | StopAsked() | Ended():
                self.jobs[act.job] = after(self.job(act.job), entry)
            case Published():
                self.publications = [*self.publications, entry][-PUBLICATIONS_LIMIT:]
        self.last = entry.number
        self._forget()

    def next_name(self) -> str:
        """Return the name of the next job."""
        return f"j{self._jobs_asked + 1}"

    def job(self, name: str) -> Job:
        """Return a job; raises NotFoundError."""
        if name not in self.jobs:
            raise NotFoundError(f"there is no job {name!r}; the last {JOBS_LIMIT} are known")
        return self.jobs[name]

    def loaded(self, digest: str) -> Loaded:
        """Return what is known of an instance; raises NotFoundError."""
        entry = self.instances.get(digest)
        if entry is None or not isinstance(entry.act, Loaded):
            raise NotFoundError(f"there is no instance {digest!r}; the last {INSTANCES_LIMIT} are kept")
        return entry.act

    def plan(self, digest: str) -> Kept:
        """Return where a plan comes from; raises NotFoundError."""
        for kept in self.plans():
            if kept.result.plan == digest:
                return kept
        raise NotFoundError(f"there is no plan {digest!r}; those of the last {JOBS_LIMIT} jobs are kept")

    def plans(self) -> Iterable[Kept]:
        """Return the plans that are kept, those of the newest jobs first, then what was published."""
        for job in reversed(self.jobs.values()):
            if job.result is not None:
                yield Kept(job.result, job.id, job.asked.instance)
        for one in reversed(self.published()):
            yield Kept(one.result, one.job, one.instance)

    def published(self) -> list[Published]:
        """Return what was published, the newest last."""
        return [entry.act for entry in self.publications if isinstance(entry.act, Published)]

    def standing(self, name: str) -> Published | None:
        """Return what goods of instances of this name go by."""
        return next((one for one in reversed(self.published()) if one.name == name), None)

    def documents(self) -> set[str]:
        """Return the documents that something here names."""
        named = set(self.instances)
        for job in self.jobs.values():
            named |= {job.asked.instance, job.asked.start or "", job.result.plan if job.result else ""}
        for one in self.published():
            named |= {one.instance, one.result.plan}
        return named - {""}

    def _forget(self) -> None:
        over = [job.id for job in self.jobs.values() if job.state.is_over]
        for name in over[: max(0, len(self.jobs) - JOBS_LIMIT)]:
            del self.jobs[name]
        if len(self.instances) > INSTANCES_LIMIT:
            asked = {job.asked.instance for job in self.jobs.values()} | {one.instance for one in self.published()}
            free = [digest for digest in self.instances if digest not in asked]
            for digest in free[: len(self.instances) - INSTANCES_LIMIT]:
                del self.instances[digest]
