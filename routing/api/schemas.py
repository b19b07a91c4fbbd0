"""The shapes of answers and bodies; OpenAPI shows them. Money in fen, moments in UTC.

Instances and plans have schemas of their own: docs/reference/instance.schema.json and plan.schema.json.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from coldport.ids import ID_PATTERN
from routing.jobs.board import Kept
from routing.jobs.job import Job, State
from routing.plan_log.acts import Entry, Kind, Loaded, Published, Summary

DigestText = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="name of an instance or a plan")]
By = Annotated[str, Field(min_length=1, max_length=60, description="who asks; nothing proves it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """An instance that is kept, by the name of what it says; `name` is its own id."""

    instance: str
    name: str
    consignments: int
    services: int
    by: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBody:
    """A job to be done. The same `key` twice is the same job, so that whoever got no answer may ask again."""

    instance: DigestText
    by: By
    seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    kind: Kind = Kind.SOLVE
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    split: bool = False
    start: DigestText | None = None
    key: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByBody:
    """Who does it."""

    by: By


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryView:
    """A plan in one line. `gap`: how much dearer than the bound at most, as a part of the cost; null: no bound."""

    plan: str
    solver: str
    cost_fen: int
    bound_fen: int | None
    gap: float | None
    routes: int
    unplanned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job and what became of it. `best` is its plan, or while it runs the best that is kept."""

    job: str
    state: State
    instance: str
    kind: Kind
    seconds: float
    seed: int
    split: bool
    start: str | None
    key: str | None
    by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempt: int
    stop_asked: bool
    elapsed_s: float | None
    turns: int | None
    best: SummaryView | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan that is kept, the job that made it and the instance it answers."""

    job: str
    instance: str
    result: SummaryView


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedView:
    """A plan that goods of instances named `name` go by; the newest of a name stands."""

    number: int
    name: str
    job: str
    instance: str
    by: str
    at: datetime
    result: SummaryView


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationView:
    """A rule that a plan breaks."""

    rule: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """What the judge says: a plan without violations may be published."""

    plan: str
    cost_fen: int
    violations: tuple[ViolationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """A part of the cost in both plans."""

    part: str
    first_fen: int
    second_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonView:
    """Two plans of one instance: cost part by part, and the consignments that go another way."""

    first: str
    second: str
    parts: tuple[PartView, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """The service is alive: jobs that wait and run, and how many can run at once."""

    status: str
    version: str
    now: datetime
    queued: int
    running: int
    workers: int
    entries: int


def summary_view(result: Summary) -> SummaryView:
    """Show a plan in one line."""
    return SummaryView(
        plan=result.plan,
        solver=result.solver,
        cost_fen=result.cost_fen,
        bound_fen=result.bound_fen,
        gap=result.gap,
        routes=result.routes,
        unplanned=result.unplanned,
    )


def instance_view(entry: Entry, loaded: Loaded) -> InstanceView:
    """Show an instance."""
    return InstanceView(
        instance=loaded.instance,
        name=loaded.name,
        consignments=loaded.consignments,
        services=loaded.services,
        by=loaded.by,
        loaded_at=entry.at,
    )


def job_view(job: Job, elapsed_s: float | None, turns: int | None, best: Summary | None) -> JobView:
    """Show a job with how far it is; of one that is over its result."""
    asked, best = job.asked, job.result or best
    return JobView(
        job=job.id,
        state=job.state,
        instance=asked.instance,
        kind=asked.kind,
        seconds=asked.seconds,
        seed=asked.seed,
        split=asked.split,
        start=asked.start,
        key=asked.key,
        by=asked.by,
        asked_at=job.asked_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        attempt=job.attempt,
        stop_asked=job.stop_asked,
        elapsed_s=elapsed_s,
        turns=turns,
        best=summary_view(best) if best else None,
        reason=job.reason,
    )


def plan_view(kept: Kept) -> PlanView:
    """Show where a plan comes from."""
    return PlanView(job=kept.job, instance=kept.instance, result=summary_view(kept.result))


def published_view(entry: Entry, published: Published) -> PublishedView:
    """Show what was published."""
    return PublishedView(
        number=entry.number,
        name=published.name,
        job=published.job,
        instance=published.instance,
        by=published.by,
        at=entry.at,
        result=summary_view(published.result),
    )
