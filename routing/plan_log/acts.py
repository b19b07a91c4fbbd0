"""What stands in the plan log. Instances and plans are named by what they say: documents, kept beside it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from routing.model import Count, Fen
from routing.result import Plan

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="half of the SHA-256 of a document")]

Period = Annotated[float, Meta(gt=0, le=86_400)]
"""Seconds that a job may take: at most a day."""


class Kind(StrEnum):
    """What a job does."""

    SOLVE = "solve"


class Outcome(StrEnum):
    """How a job ended: with its time used, with what it had when it was stopped, by a fault, or as not to be done."""

    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    REFUSED = "refused"


class Summary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan in one line, and the name of its document."""

    plan: Digest
    solver: str
    cost_fen: Fen
    bound_fen: Fen | None
    routes: Count
    unplanned: Count

    @property
    def gap(self) -> float | None:
        """How much dearer than the bound the plan is at most, as a part of it; None when there is no bound."""
        if self.bound_fen is None or self.cost_fen == 0:
            return None
        return (self.cost_fen - self.bound_fen) / self.cost_fen


def summary(plan: Plan, digest: str) -> Summary:
    """Return a plan in one line."""
    return Summary(
        plan=digest,
        solver=plan.solver,
        cost_fen=plan.cost.total,
        bound_fen=plan.bound_fen,
        routes=len(plan.routes),
        unplanned=len(plan.unplanned),
    )


class _Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act", omit_defaults=True):
    """Base of what happened."""


class Loaded(_Act, frozen=True, kw_only=True, tag="loaded"):
    """An instance came in; `name` is its own id, which others may share."""

    instance: Digest
    name: Id
    consignments: Count
    services: Count
    by: Person


class Asked(_Act, frozen=True, kw_only=True, tag="asked"):
    """A job was asked for. The same `key` twice is one job: whoever got no answer asks again with it."""

    job: Id
    instance: Digest
    seconds: Period
    by: Person
    kind: Kind = Kind.SOLVE
    seed: Count = 0
    split: bool = False
    start: Digest | None = None
    key: Id | None = None


class Started(_Act, frozen=True, kw_only=True, tag="started"):
    """A worker has begun; `attempt` counts from 1."""

    job: Id
    attempt: Annotated[int, Meta(ge=1)]


class Paused(_Act, frozen=True, kw_only=True, tag="paused"):
    """The service was ended in order while the job ran: it waits again, and no attempt was lost."""

    job: Id


class StopAsked(_Act, frozen=True, kw_only=True, tag="stop-asked"):
    """Somebody wants the best that a job has, now."""

    job: Id
    by: Person


class Ended(_Act, frozen=True, kw_only=True, tag="ended"):
    """A job is over; `result` is the plan it leaves, which the judge let pass. `reason`: a word, then what it means."""

    job: Id
    outcome: Outcome
    result: Summary | None = None
    reason: Annotated[str, Meta(max_length=500)] = ""


class Published(_Act, frozen=True, kw_only=True, tag="published"):
    """The plan of a job is the one that goods go by, until another of the same instance's name is published."""

    name: Id
    instance: Digest
    job: Id
    result: Summary
    by: Person


Act = Loaded | Asked | Started | Paused | StopAsked | Ended | Published


class Entry(Struct, frozen=True):
    """An act with its number, from 1 without gaps, and when it was written."""

    number: int
    at: Moment
    act: Act


class Checkpoint(Struct, frozen=True, kw_only=True):
    """How far a job is: what a worker that takes it over begins with. `result` is the best plan that is kept."""

    job: Id
    elapsed_s: float
    turns: Count
    result: Summary | None = None
