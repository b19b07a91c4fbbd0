"""What becomes of a job, whoever falls."""

import asyncio
from itertools import product

import pytest
from planner_house import INSTANCE, READY, START, better, found, plan, progress, settle

from coldport.errors import NotFoundError, RefusedError, UnavailableError
from routing.jobs.board import INSTANCES_LIMIT, JOBS_LIMIT, PUBLICATIONS_LIMIT, Board
from routing.jobs.feed import FEED_LIMIT, Feed
from routing.jobs.job import ATTEMPTS, TABLE, Job, State, after
from routing.jobs.office import QUEUE_LIMIT
from routing.jobs.ports import Fault
from routing.plan_log.acts import Asked, Ended, Entry, Loaded, Outcome, Paused, Published, Started, StopAsked, Summary
from routing.plan_log.documents import pack, unpack
from routing.result import Plan

ASKED = Asked(job="j1", instance=INSTANCE, seconds=10, by="Li")
ACTS = (
    Started(job="j1", attempt=1),
    Paused(job="j1"),
    StopAsked(job="j1", by="Li"),
    Ended(job="j1", outcome=Outcome.DONE),
    Loaded(instance=INSTANCE, name="x", consignments=1, services=1, by="Li"),
)


def state(house, name: str) -> State:
    return house.board.job(name).state


def cost(house, name: str) -> int | None:
    result = house.board.job(name).result
    return result and result.cost_fen


@pytest.mark.parametrize(("before", "act"), list(product(State, ACTS)), ids=str)
def test_what_is_not_in_the_table_cannot_happen(before, act):
    job = Job(number=1, asked_at=START, asked=ASKED, state=before, attempt=1)
    if type(act) in TABLE.get(before, {}):
        expected = TABLE[before][type(act)] or State.DONE
        assert after(job, Entry(2, START, act)).state is expected
    else:
        with pytest.raises(ValueError, match=before):
            after(job, Entry(2, START, act))


async def test_a_job_runs_and_leaves_its_plan(make_house):
    house = make_house()
    house.load()
    name = await house.ask(seed=7, split=True)
    run = house.run_of(name)
    assert (state(house, name), run.task.seconds, run.task.seed, run.task.split) == (State.RUNNING, 10, 7, True)
    assert (run.instance, run.start) == (b"instance", None)
    await house.say(name, READY, better(9), found(8))
    assert (state(house, name), cost(house, name), run.ended) == (State.DONE, 8, True)
    kept = house.board.job(name).result.plan
    assert unpack(house.log.document(kept), Plan) == plan(8)
    with pytest.raises(NotFoundError):  # what was best under way is forgotten
        house.log.document(pack(plan(9)).digest)


async def test_jobs_run_in_their_order_and_as_many_at_once_as_there_are_workers(make_house):
    house = make_house(workers=2)
    house.load()
    names = [await house.ask() for _ in range(3)]
    assert [state(house, name) for name in names] == [State.RUNNING, State.RUNNING, State.QUEUED]
    await house.say(names[1], READY, found(1))
    assert [state(house, name) for name in names] == [State.RUNNING, State.DONE, State.RUNNING]


async def test_a_job_that_is_stopped_keeps_what_the_worker_hands_over(make_house):
    house = make_house()
    house.load()
    name = await house.ask()
    await house.say(name, READY, better(9))
    house.office.stop(name, "Li")
    await settle()
    assert house.run_of(name).stopped
    await house.say(name, found(7, stopped=True))
    assert (state(house, name), cost(house, name)) == (State.STOPPED, 7)
    assert house.office.stop(name, "Li").state is State.STOPPED


async def test_a_job_whose_worker_does_not_listen_keeps_what_it_had(make_house):
    house = make_house()
    house.load()
    name = await house.ask()
    await house.say(name, READY, better(9))
    house.office.stop(name, "Li")
    await house.say(name, None)
    assert (state(house, name), cost(house, name), house.board.job(name).attempt) == (State.STOPPED, 9, 1)


async def test_a_job_that_waits_and_is_stopped_never_starts(make_house):
    house = make_house()
    house.load()
    first, second = await house.ask(), await house.ask()
    house.office.stop(second, "Li")
    await house.say(first, READY, found(1))
    assert (state(house, second), cost(house, second), len(house.workers.runs)) == (State.STOPPED, None, 1)


async def test_a_worker_that_falls_is_followed_by_one_that_goes_on_from_the_best_plan_with_the_time_left(make_house):
    house = make_house()
    house.load()
    name = await house.ask(seconds=10.0)
    await house.say(name, READY, better(9, elapsed_s=3.0), progress(3.5), None)
    run = house.run_of(name)
    assert (state(house, name), house.board.job(name).attempt) == (State.RUNNING, 2)
    assert (run.task.seconds, unpack(run.start, Plan)) == (7.0, plan(9))
    await house.say(name, READY, better(5, elapsed_s=2.0), None)
    job = house.board.job(name)
    assert (job.state, job.result.cost_fen) == (State.FAILED, 5)
    assert job.reason.startswith("fell: ")
    assert ATTEMPTS == 2


async def test_time_that_brought_nothing_better_is_used_all_the_same(make_house):
    house = make_house()
    house.load()
    name = await house.ask(seconds=60.0)
    await house.say(name, READY, better(9, elapsed_s=3.0), progress(7.9), progress(8.0), progress(9.0), None)
    assert house.run_of(name).task.seconds == 52.0


async def test_after_a_kill_a_job_goes_on_and_after_the_second_it_is_told_as_failed(make_house):
    house = make_house()
    house.load()
    name = await house.ask(seconds=10.0)
    await house.say(name, READY, better(9, elapsed_s=4.0))
    await house.kill()
    house.start()
    await settle()
    assert (house.board.job(name).attempt, house.run_of(name).task.seconds) == (2, 6.0)
    assert unpack(house.run_of(name).start, Plan) == plan(9)
    await house.kill()
    house.start()
    await settle()
    assert (state(house, name), cost(house, name)) == (State.FAILED, 9)


async def test_an_end_in_order_costs_no_attempt(make_house):
    house = make_house()
    house.load()
    name = await house.ask(seconds=10.0)
    for _ in range(3):
        await house.say(name, READY, better(9, elapsed_s=1.0))
        await house.end()
        assert house.disk.read(0, 100)[-1].act == Paused(job=name)
        house.start()
        await settle()
    assert (state(house, name), house.board.job(name).attempt) == (State.RUNNING, 1)
    assert house.run_of(name).task.seconds == 7.0


async def test_a_stop_that_was_asked_for_before_a_kill_is_not_forgotten(make_house):
    house = make_house()
    house.load()
    name = await house.ask()
    await house.say(name, READY, better(9))
    house.office.stop(name, "Li")
    await house.kill()
    house.start()
    await settle()
    assert (state(house, name), cost(house, name), house.workers.runs) == (State.STOPPED, 9, [])


async def test_a_worker_that_hangs_is_ended_when_its_time_is_over(make_house, monkeypatch):
    monkeypatch.setattr("routing.jobs.attempt.OVERTIME_S", 0.0)
    house = make_house()
    house.load()
    name = await house.ask(seconds=0.01)
    run = house.run_of(name)
    monkeypatch.setattr("routing.jobs.attempt.OVERTIME", 0.01)
    await house.say(name, READY, better(9))
    async with asyncio.timeout(5):
        while not state(house, name).is_over:
            await house.office.ledger.news.wait()
    assert (state(house, name), cost(house, name), run.ended) == (State.STOPPED, 9, True)
    assert house.board.job(name).reason.startswith("overtime: ")


@pytest.mark.parametrize(("refused", "expected"), [(True, State.REFUSED), (False, State.FAILED)])
async def test_what_a_worker_says_is_wrong_is_told(make_house, refused, expected):
    house = make_house()
    house.load()
    name = await house.ask()
    await house.say(name, READY, better(9), Fault(reason="memory: too much", refused=refused))
    job = house.board.job(name)
    assert (job.state, job.reason, job.result.cost_fen) == (expected, "memory: too much", 9)


async def test_a_job_with_a_key_is_one_job_however_often_it_is_asked_for(make_house):
    house = make_house()
    house.load()
    first = await house.ask(key="k1")
    assert await house.ask(key="k1") == first
    with pytest.raises(RefusedError, match="another job"):
        await house.ask(key="k1", seed=5)
    assert len(house.board.jobs) == 1


async def test_what_cannot_be_asked_for_is_refused_and_leaves_no_trace(make_house):
    house = make_house()
    house.load()
    house.load("b" * 32, "y-1")
    name = await house.ask()
    await house.say(name, READY, found(5))
    other = house.board.job(name).result.plan
    before = house.board.last
    with pytest.raises(NotFoundError):
        await house.ask(instance="c" * 32)
    with pytest.raises(NotFoundError):
        await house.ask(start="c" * 32)
    with pytest.raises(RefusedError, match="another instance"):
        await house.ask(instance="b" * 32, start=other)
    with pytest.raises(RefusedError, match="100 s"):
        await house.ask(seconds=101.0)
    with pytest.raises(NotFoundError):
        house.office.stop("j99", "Li")
    assert house.board.last == before


async def test_the_queue_takes_so_many_and_no_more(make_house):
    house = make_house()
    house.load()
    for _ in range(QUEUE_LIMIT + 1):  # one of them runs
        await house.ask()
    with pytest.raises(RefusedError, match="waiting"):
        await house.ask()


async def test_a_published_plan_stands_until_another_is(make_house):
    house = make_house()
    house.load()
    plans = []
    for fen in (9, 8):
        name = await house.ask()
        await house.say(name, READY, found(fen))
        plans.append(house.board.job(name).result.plan)
    first, is_new = house.office.publish(plans[0], "Li")
    assert is_new
    assert house.office.publish(plans[0], "Han") == (first, False)
    assert house.board.standing("x-1") == first
    second, _ = house.office.publish(plans[1], "Li")
    assert house.board.standing("x-1") == second
    with pytest.raises(NotFoundError):
        house.office.publish("c" * 32, "Li")
    await house.kill()
    house.start()
    assert house.board.standing("x-1") == second
    assert unpack(house.log.document(second.result.plan), Plan) == plan(8)


async def test_a_disk_that_is_away_loses_no_result_and_refuses_what_is_new(make_house):
    house = make_house()
    house.load()
    name = await house.ask()
    house.log.is_away = True
    with pytest.raises(UnavailableError):
        await house.ask()
    await house.say(name, READY, better(9), progress(6), found(8))
    assert state(house, name) is State.RUNNING
    house.log.is_away = False
    await house.clock.advance(1.0)
    await settle()
    assert (state(house, name), cost(house, name)) == (State.DONE, 8)


async def test_a_document_that_is_gone_refuses_the_job(make_house):
    house = make_house()
    house.load()
    house.log._documents.clear()
    name = await house.ask()
    assert (state(house, name), house.board.job(name).reason[:11]) == (State.REFUSED, "not-found: ")


async def test_progress_can_be_followed_from_anywhere_and_its_numbers_rise_over_restarts(make_house):
    house = make_house()
    house.load()
    name = await house.ask()
    await house.say(name, READY, better(9, elapsed_s=2.0), progress(3), progress(4), None)
    feed = house.office.feed(name)
    await house.say(name, READY, progress(1), found(8))
    told = [(number, one.elapsed_s) async for number, one in feed.follow()]
    assert told == [(1_000_001, 3.0), (1_000_002, 4.0), (2_000_001, 3.0)]
    assert [number async for number, _ in feed.follow(1_000_002)] == [2_000_001]
    assert house.office.feed(name) is None


async def test_a_feed_keeps_so_much_and_wakes_who_waits():
    feed = Feed()
    heard = []

    async def listen():
        heard.extend([number async for number, _ in feed.follow()])

    listening = asyncio.create_task(listen())
    await settle()
    for _ in range(FEED_LIMIT + 5):
        feed.put(progress(1))
    await settle()
    feed.end()
    await listening
    assert (heard[0], len(heard)) == (6, FEED_LIMIT)


def test_the_board_forgets_the_oldest_and_never_what_is_not_over():
    board, number = Board(), 0

    def happen(act):
        nonlocal number
        number += 1
        board.apply(Entry(number, START, act))

    happen(Loaded(instance=INSTANCE, name="x", consignments=1, services=1, by="Li"))
    for count in range(1, JOBS_LIMIT + 3):
        happen(Asked(job=f"j{count}", instance=INSTANCE, seconds=1, by="Li"))
        if count > 1:
            happen(Ended(job=f"j{count}", outcome=Outcome.FAILED))
    assert len(board.jobs) == JOBS_LIMIT
    assert list(board.jobs)[:2] == ["j1", "j4"]
    assert board.next_name() == f"j{JOBS_LIMIT + 3}"
    for count in range(INSTANCES_LIMIT + 3):
        happen(Loaded(instance=f"{count:032x}", name="x", consignments=1, services=1, by="Li"))
    assert len(board.instances) == INSTANCES_LIMIT
    assert INSTANCE in board.instances  # a job names it
    best = Summary(plan="b" * 32, solver="s", cost_fen=1, bound_fen=None, routes=0, unplanned=0)
    for count in range(PUBLICATIONS_LIMIT + 3):
        happen(Published(name="x", instance=INSTANCE, job="j1", result=best, by=str(count)))
    assert [one.by for one in board.published()][:1] == ["3"]
    assert board.documents() == {*board.instances, "b" * 32}
