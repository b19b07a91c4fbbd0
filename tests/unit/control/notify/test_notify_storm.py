"""A storm: five hundred points flap for ten minutes, and a critical alarm comes in between."""

import asyncio
import random
from datetime import timedelta

import pytest

from coldport.clock import ManualClock
from coldport.supervise import for_ever
from control.notify.follow import NotifyFollower
from control.notify.notice import Sent
from control.notify.outbox_memory import MemoryOutbox
from control.notify.sender import Sender
from control.notify.settings import LogChannel

pytestmark = pytest.mark.slow

POINTS, STORM_S, STEP_S = 500, 600, 0.5
CRITICAL_EVERY_S = 20


class Alarms:
    """The alarms of a floor, as the follower asks for them."""

    def __init__(self, room) -> None:
        self.room = room

    def journal_last(self) -> int:
        return self.room.transition

    def alarms_since(self, transition):
        moved = [alarm for alarm in self.room.standing.values() if alarm.transition > transition]
        return sorted(moved, key=lambda alarm: alarm.transition)


class Quick:
    """A service that takes everything at once, and knows when."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.taken = []

    async def send(self, notice):
        self.taken.append((self.clock.now(), notice))
        return Sent()

    async def close(self):
        pass


@pytest.fixture(scope="module")
def storm(floor, start):
    """The floor after the storm, what was taken, and when each critical alarm came."""
    return asyncio.run(play(floor, start))


async def play(floor, start):
    room, clock, outbox, dice = floor(count=POINTS + 40), ManualClock(start), MemoryOutbox(), random.Random(4)
    room.planner = None  # the follower has its own
    service = Quick(clock)
    follower = NotifyFollower(room.site, room.settings, room.texts, Alarms(room), outbox)
    sender = Sender(LogChannel(id="chat"), service, outbox, {}, clock)
    came: dict[str, timedelta] = {}
    loops = [
        asyncio.ensure_future(for_ever("notices", lambda: follower.step(clock), clock)),
        asyncio.ensure_future(for_ever("chat", sender.step, clock)),
    ]
    for tick in range(int((STORM_S + 750) / STEP_S)):
        room.now_s = tick * STEP_S
        if room.now_s < STORM_S:
            for point in dice.sample(range(POINTS), 25):
                room.flap(f"hi.p{point}")
            if room.now_s % CRITICAL_EVERY_S == 0:
                alarm = room.flap(f"hihi.p{POINTS + int(room.now_s) // CRITICAL_EVERY_S}")
                came[alarm.id] = room.now
        await clock.advance(STEP_S)
    for loop in loops:
        loop.cancel()
    return room, service.taken, came


def test_no_point_is_told_of_twice_in_a_window(storm):
    _, taken, _ = storm
    last = {}
    for at, notice in taken:
        for alarm in notice.alarms:
            point = (notice.recipient, alarm.split(".")[1])
            assert point not in last or at - last[point] >= timedelta(seconds=600), (point, at, last[point])
            last[point] = at


def test_a_critical_alarm_is_told_alone_within_two_seconds(storm):
    _, taken, came = storm
    told = {notice.alarms[0]: at for at, notice in taken if notice.critical and notice.why == "raised"}
    late_s = sorted((told[alarm] - at).total_seconds() for alarm, at in came.items())

    assert len(late_s) == STORM_S // CRITICAL_EVERY_S
    assert late_s[int(len(late_s) * 0.99)] <= 2.0


def test_the_group_reads_few_messages_and_none_of_the_minutes_is_too_full(storm):
    _, taken, _ = storm
    times = [at for at, _ in taken]

    assert len([n for _, n in taken if not n.critical]) < 60
    assert max(sum(at <= other < at + timedelta(seconds=60) for other in times) for at in times) <= 15


def test_in_the_end_everybody_knows_how_each_point_stands(storm):
    room, taken, _ = storm
    told = {alarm for _, notice in taken for alarm in notice.alarms}
    points = {alarm.split(".")[1] for alarm in told}

    assert {name.split(".")[1] for name in room.standing} <= points
