"""The follower: what it has applied is in the outbox with the notices it led to."""

import logging

import msgspec
import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from control.notify.follow import NotifyFollower
from control.notify.outbox_memory import MemoryOutbox


class Alarms:
    def __init__(self, room) -> None:
        self.room = room

    def journal_last(self) -> int:
        return self.room.transition

    def alarms_since(self, transition):
        return [alarm for alarm in self.room.standing.values() if alarm.transition > transition]


class Broken(MemoryOutbox):
    """Fails when it is told to."""

    broken = False

    async def commit(self, applied, state, notices):
        if self.broken:
            raise UnavailableError("disk full")
        return await super().commit(applied, state, notices)


@pytest.fixture
def room(floor):
    one = floor()
    one.planner = None
    return one


@pytest.fixture
def clock(start):
    return ManualClock(start)


def follower_of(room, outbox):
    return NotifyFollower(room.site, room.settings, room.texts, Alarms(room), outbox)


async def keys(outbox):
    return [record.key.split("/")[2] for record in reversed(await outbox.records(99))]


async def test_what_moves_goes_into_the_outbox_once(room, clock):
    outbox = MemoryOutbox()
    follower = follower_of(room, outbox)
    await follower.look(clock)
    room.move("hi.p0")
    for _ in range(3):
        await follower.look(clock)

    assert await keys(outbox) == ["raised.0.0.0"]
    assert (await outbox.load())[0] == 1


async def test_another_follower_goes_on_where_the_first_was_killed(room, clock):
    outbox = MemoryOutbox()
    await follower_of(room, outbox).look(clock)
    room.move("hi.p0")
    await follower_of(room, outbox).look(clock)
    await clock.advance(700)
    room.recover("hi.p0")
    await follower_of(room, outbox).look(clock)
    await follower_of(room, outbox).look(clock)

    assert await keys(outbox) == ["raised.0.0.0", "returned.0.0.0"]


async def test_a_new_outbox_tells_of_what_stands_and_not_of_the_past(room, clock):
    outbox = MemoryOutbox()
    room.move("hi.p0")
    room.recover("hi.p0")
    room.move("lo.p1")
    await follower_of(room, outbox).look(clock)

    assert [record.key.split(".")[0] for record in await outbox.records(9)] == ["lo"]


async def test_what_could_not_be_written_is_decided_again(room, clock):
    outbox = Broken()
    follower = follower_of(room, outbox)
    await follower.look(clock)
    room.move("hi.p0")
    outbox.broken = True
    with pytest.raises(UnavailableError):
        await follower.look(clock)
    outbox.broken = False
    await follower.look(clock)

    assert await keys(outbox) == ["raised.0.0.0"]


async def test_an_outbox_of_another_journal_is_not_used(room, clock):
    outbox = MemoryOutbox()
    await outbox.commit(99, b"", [])

    with pytest.raises(UnavailableError, match="another journal"):
        await follower_of(room, outbox).look(clock)


async def test_a_memory_of_another_form_is_not_used_and_what_stands_is_told_once(room, clock, caplog):
    outbox = MemoryOutbox()
    follower = follower_of(room, outbox)
    await follower.look(clock)
    room.move("hi.p0")
    await follower.look(clock)
    await outbox.commit(1, msgspec.msgpack.encode((99, {})), [])
    await follower_of(room, outbox).look(clock)

    assert "is not used" in caplog.text
    assert await keys(outbox) == ["raised.0.0.0"]


async def test_notices_that_were_given_up_are_said(room, clock, caplog):
    outbox = MemoryOutbox(waiting_limit=1)
    follower = follower_of(room, outbox)
    await follower.look(clock)
    room.move("hi.p0")
    room.move("hi.p1")
    with caplog.at_level(logging.ERROR):
        await follower.look(clock)

    assert "1 notices were given up" in caplog.text
