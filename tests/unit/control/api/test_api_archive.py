import asyncio
import threading

import pytest

from coldport.ids import PointId
from control.api.archive import WAITING_LIMIT, Archive, HistorianSlowError


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture
def archive(historian, gate):
    historian.answer = lambda: gate.wait(30) and []
    archive = Archive(historian, answer_s=0.05)
    yield archive
    gate.set()
    archive.close()


def _ask(archive, clock):
    return archive.buckets(PointId("p"), clock.now(), clock.now(), 1, 5.0)


async def test_a_historian_that_does_not_answer_in_time_is_unavailable(archive, clock):
    with pytest.raises(HistorianSlowError, match=r"no answer from the historian in 0\.05 s"):
        await _ask(archive, clock)


async def test_questions_do_not_pile_up_behind_a_stuck_historian(archive, clock):
    asked = [asyncio.create_task(_ask(archive, clock)) for _ in range(WAITING_LIMIT)]
    await asyncio.wait(asked)
    with pytest.raises(HistorianSlowError, match="wait for the historian already"):
        await _ask(archive, clock)
    assert all(isinstance(one.exception(), HistorianSlowError) for one in asked)


async def test_a_historian_that_answers_again_is_asked_again(archive, clock, gate, eventually):
    with pytest.raises(HistorianSlowError):
        await _ask(archive, clock)
    gate.set()
    await eventually(lambda: archive._open == 0)
    assert await _ask(archive, clock) == []
