"""The port of the workers. Processes of this machine stand behind it; a cluster's queue can (DESIGN.md)."""

from typing import Protocol

from msgspec import Struct

from routing.model import Count, Fen
from routing.plan_log.acts import Kind, Period
from routing.result import Plan


class Task(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a worker is to do. Instance and start go beside it, packed as the plan log keeps them."""

    kind: Kind
    seconds: Period
    seed: Count
    split: bool
    memory_mb: Count


class _Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="told"):
    """Base of what a worker says."""


class Ready(_Told, frozen=True, kw_only=True, tag="ready"):
    """It has its task and begins: the seconds count from here."""


class Progress(_Told, frozen=True, kw_only=True, tag="progress"):
    """How far it is; the cost and the bound of the best plan, when there is one."""

    elapsed_s: float
    turns: Count
    cost_fen: Fen | None = None
    bound_fen: Fen | None = None


class Better(_Told, frozen=True, kw_only=True, tag="better"):
    """A better plan than those before, which the judge let pass: worth keeping."""

    elapsed_s: float
    turns: Count
    plan: Plan


class Found(_Told, frozen=True, kw_only=True, tag="found"):
    """The end: the plan, and whether the worker was stopped before its time."""

    plan: Plan
    stopped: bool = False


class Fault(_Told, frozen=True, kw_only=True, tag="fault"):
    """The end: there is no plan, and trying again would not help. `refused`: the task itself is not to be done."""

    reason: str
    refused: bool = False


Told = Ready | Progress | Better | Found | Fault


class Run(Protocol):
    """A task that a worker does."""

    async def told(self) -> Told | None:
        """Wait for the next thing that it says; None when it has ended, which without `Found` or `Fault` is a fall."""
        ...

    async def stop(self) -> None:
        """Let it end with the best it has; one that does not within some seconds is ended without."""
        ...

    async def end(self) -> str:
        """End it now if it still runs, give back what it holds, and return how it ended, for people."""
        ...


class Workers(Protocol):
    """Where tasks are done."""

    async def start(self, task: Task, instance: bytes, start: bytes | None) -> Run:
        """Begin a task.

        Raises:
            UnavailableError: There is nobody to do it now.
        """
        ...
