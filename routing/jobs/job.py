"""What becomes of a job: one table, which is also its picture in DESIGN.md."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from routing.plan_log.acts import Asked, Ended, Entry, Outcome, Paused, Started, StopAsked, Summary

ATTEMPTS = 2
"""How often a job is begun at most when its worker or the service falls: what fells it twice will do so again."""


class State(StrEnum):
    """Where a job is. One that was running when the service fell is running still: it waits for a worker."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def is_over(self) -> bool:
        """Whether nothing comes after it."""
        return self not in (State.QUEUED, State.RUNNING)


ENDS = {Outcome(state.value): state for state in State if state.is_over}

TABLE: dict[State, dict[type[object], State | None]] = {
    State.QUEUED: {Started: State.RUNNING, StopAsked: State.QUEUED, Ended: None},
    State.RUNNING: {Started: State.RUNNING, StopAsked: State.RUNNING, Paused: State.QUEUED, Ended: None},
}
"""From a state, by what happened, to the next; None: to what the outcome says. Whatever is not here cannot happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as its acts have made it. `attempt` counts the starts that no orderly end of the service took back."""

    number: int
    asked_at: datetime
    asked: Asked
    state: State = State.QUEUED
    attempt: int = 0
    starts: int = 0
    stop_asked: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: Summary | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        """Its name."""
        return self.asked.job


def after(job: Job, entry: Entry) -> Job:
    """Return the job after an act of its own.

    Raises:
        ValueError: That cannot happen to it now.
    """
    act = entry.act
    nexts = TABLE.get(job.state, {})
    if type(act) not in nexts:
        raise ValueError(f"{job.id} is {job.state}: {type(act).__name__} cannot come (entry {entry.number})")
    state = nexts[type(act)] or job.state
    match act:
        case Started():
            started_at = job.started_at or entry.at
            return replace(job, state=state, attempt=act.attempt, starts=job.starts + 1, started_at=started_at)
        case Paused():
            return replace(job, state=state, attempt=job.attempt - 1)
        case StopAsked():
            return replace(job, stop_asked=True)
        case Ended():
            state = ENDS[act.outcome]
            return replace(job, state=state, ended_at=entry.at, result=act.result, reason=act.reason)
        case _:
            raise ValueError(f"{type(act).__name__} is no act of a job")
