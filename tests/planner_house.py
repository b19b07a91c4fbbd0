"""An office with a log in memory and workers that say what they are given."""

import asyncio
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from routing.jobs.ledger import Ledger
from routing.jobs.office import Budget, Office
from routing.jobs.ports import Better, Found, Progress, Ready
from routing.jobs.workers_memory import MemoryWorkers
from routing.plan_log.acts import Asked, Loaded
from routing.plan_log.documents import Document
from routing.plan_log.memory import MemoryPlanLog
from routing.result import Cost, Plan

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
INSTANCE = "a" * 32


class FrailLog(MemoryPlanLog):
    """A log whose disk can go away."""

    is_away = False

    def append(self, at, acts, documents=()):
        self._refuse()
        return super().append(at, acts, documents)

    def keep(self, checkpoint, document=None):
        self._refuse()
        super().keep(checkpoint, document)

    def forget_but(self, digests):
        self._refuse()
        super().forget_but(digests)

    def _refuse(self):
        if self.is_away:
            raise UnavailableError("the disk is full")


class House:
    """A service that can be killed, ended and started again on the same disk."""

    def __init__(self, workers: int = 1) -> None:
        self.clock = ManualClock(START)
        self.disk = MemoryPlanLog()
        self.budget = Budget(workers=workers, seconds_most=100)
        self.start()

    def start(self) -> None:
        self.log = FrailLog()
        self.log.__dict__.update(self.disk.__dict__)
        self.workers = MemoryWorkers()
        self.office = Office(Ledger(self.log, self.clock), self.workers, self.clock, self.budget)
        self.running = asyncio.get_running_loop().create_task(self.office.run())

    async def kill(self) -> None:
        """End it so that nothing more is written."""
        self._save()
        self.log.is_away = True
        await self.end()

    async def end(self) -> None:
        """End it in order."""
        self.running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.running
        if not self.log.is_away:
            self._save()

    def _save(self) -> None:
        self.disk._entries = list(self.log._entries)
        self.disk._documents = dict(self.log._documents)
        self.disk._checkpoints = dict(self.log._checkpoints)

    @property
    def board(self):
        return self.office.ledger.board

    def load(self, digest: str = INSTANCE, name: str = "x-1") -> None:
        loaded = Loaded(instance=digest, name=name, consignments=1, services=1, by="Li")
        self.office.load(loaded, Document(digest, b"instance"))

    async def ask(self, **given) -> str:
        asked = {"job": "new", "instance": INSTANCE, "seconds": 10.0, "by": "Li"} | given
        job, _ = self.office.ask(Asked(**asked))
        await settle()
        return job.id

    def run_of(self, name: str):
        return self.office._runs.get(name)

    async def say(self, name: str, *told) -> None:
        self.run_of(name).say(*told)
        await settle()


async def settle() -> None:
    """Let what is ready run; nothing here waits for anything else."""
    for _ in range(3):
        await ManualClock.settle()


def plan(cost_fen: int) -> Plan:
    cost = Cost(booking=cost_fen)
    return Plan(instance="x-1", routes=(), unplanned=(), bookings=(), cost=cost, solver="search", seed=0)


def better(cost_fen: int, elapsed_s: float = 1.0) -> Better:
    return Better(elapsed_s=elapsed_s, turns=1, plan=plan(cost_fen))


def found(cost_fen: int, *, stopped: bool = False) -> Found:
    return Found(plan=plan(cost_fen), stopped=stopped)


def progress(elapsed_s: float) -> Progress:
    return Progress(elapsed_s=elapsed_s, turns=1)


READY = Ready()
