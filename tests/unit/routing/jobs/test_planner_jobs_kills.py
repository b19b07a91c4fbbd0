"""Jobs under random falls of workers and of the service, held against a slow and obvious reference."""

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from planner_house import INSTANCE, READY, House, better, found, settle

from routing.jobs.board import Board
from routing.jobs.job import State
from routing.jobs.ports import Fault
from routing.plan_log.documents import unpack
from routing.result import Plan

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "better", "better", "found", "fault", "fall", "stop", "kill", "end", "publish", "away"]
        ),
        st.integers(0, 3),
        st.integers(1, 50),
    ),
    max_size=25,
)


@dataclass
class Expected:
    """What is known of a job by what happened to it, one thing after the other."""

    attempts: int = 0
    runs: bool = False
    best: int | None = None
    stop_asked: bool = False
    state: State | None = None

    def end(self, state: State, best: int | None = None) -> None:
        self.state, self.runs = state, False
        self.best = self.best if best is None else best

    def fall(self) -> None:
        self.runs = False
        if self.stop_asked:
            self.end(State.STOPPED)
        elif self.attempts == 2:
            self.end(State.FAILED)


class Reference:
    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.jobs: list[Expected] = []
        self.published: int | None = None

    def begin(self) -> None:
        for job in self.jobs:
            if sum(one.runs for one in self.jobs) < self.workers and job.state is None and not job.runs:
                job.runs = True
                job.attempts += 1

    def kill(self, *, in_order: bool) -> None:
        for job in self.jobs:
            if job.runs and in_order:
                job.attempts -= 1
                job.runs = False
                if job.stop_asked:
                    job.end(State.STOPPED)
            elif job.runs:
                job.fall()


async def act(house: House, reference: Reference, what: str, which: int, fen: int) -> None:
    running = [number for number, job in enumerate(reference.jobs) if job.runs]
    if what == "ask":
        await house.ask(seconds=100.0)
        reference.jobs.append(Expected())
    elif what in ("kill", "end"):
        await (house.kill() if what == "kill" else house.end())
        reference.kill(in_order=what == "end")
        house.start()
    elif what == "publish":
        done = [job for job in house.board.jobs.values() if job.result is not None]
        if done:
            result = done[which % len(done)].result
            house.office.publish(result.plan, "Li")
            reference.published = result.cost_fen
    elif what == "stop" and reference.jobs:
        number = which % len(reference.jobs)
        house.office.stop(f"j{number + 1}", "Li")
        job = reference.jobs[number]
        if job.state is None and not job.runs:
            job.end(State.STOPPED)
        job.stop_asked = job.stop_asked or job.state is None
    elif running:
        number = running[which % len(running)]
        await tell(house, reference.jobs[number], f"j{number + 1}", what, fen)
    await settle()
    reference.begin()


async def tell(house: House, job: Expected, name: str, what: str, fen: int) -> None:
    """Let the worker of a running job say or do something; `better` with the disk away is not kept."""
    if what == "better":
        await house.say(name, READY, better(fen))
        job.best = fen
    elif what == "away":
        house.log.is_away = True
        await house.say(name, READY, better(fen))
        house.log.is_away = False
    elif what == "found":
        await house.say(name, READY, found(fen, stopped=job.stop_asked))
        job.end(State.STOPPED if job.stop_asked else State.DONE, fen)
    elif what == "fault":
        await house.say(name, READY, Fault(reason="bug: x"))
        job.end(State.FAILED)
    elif what == "fall":
        await house.say(name, None)
        job.fall()


def hold(house: House, reference: Reference) -> None:
    for number, expected in enumerate(reference.jobs, start=1):
        job = house.board.job(f"j{number}")
        best = job.result or house.office.ledger.best(job.id)
        if expected.state is None:
            assert not job.state.is_over
            assert (job.id in house.office._runs) == expected.runs
            assert job.attempt == expected.attempts
        else:
            assert (job.state, job.ended_at is not None) == (expected.state, True)
        assert (best and best.cost_fen) == expected.best
        if best is not None:
            assert unpack(house.log.document(best.plan), Plan).cost.total == expected.best
    standing = house.board.standing("x-1")
    assert (standing and standing.result.cost_fen) == reference.published
    if standing is not None:
        assert unpack(house.log.document(standing.result.plan), Plan).cost.total == reference.published
    folded = Board(house.log.read(0, 100_000))
    assert (folded.jobs, folded.publications) == (house.board.jobs, house.board.publications)


async def play(workers: int, actions) -> None:
    house, reference = House(workers=workers), Reference(workers)
    try:
        house.load(INSTANCE, "x-1")
        for what, which, fen in actions:
            await act(house, reference, what, which, fen)
            hold(house, reference)
        while open_jobs := [name for name in house.office._runs if house.run_of(name) is not None]:
            for name in open_jobs:
                await house.say(name, READY, found(1))
        assert all(job.state.is_over for job in house.board.jobs.values())
    finally:
        house.running.cancel()


@settings(max_examples=60, deadline=None)
@given(workers=st.integers(1, 2), actions=ACTIONS)
def test_whatever_falls_each_job_ends_once_with_the_best_that_was_kept_and_the_published_plan_stands(workers, actions):
    asyncio.run(play(workers, actions))
