"""One channel: its allowance, what its service answers, and what happens when it is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from control.notify.allowance import Allowance
from control.notify.notice import Notice, Refused, Sent, Throttled, Why
from control.notify.outbox_memory import MemoryOutbox
from control.notify.sender import GIVE_UP_AFTER, LOOK_S, THROTTLED_S, Sender
from control.notify.settings import LogChannel

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def notice(number: int, *, critical: bool = False) -> Notice:
    return Notice(
        key=f"k{number}",
        why=Why.RAISED,
        channel="chat",
        recipient="wang",
        address="",
        critical=critical,
        at=START,
        title="t",
        text="x",
    )


class Service:
    """A channel that answers what it is told to."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []

    async def send(self, notice):
        answer = self.answers.pop(0) if self.answers else Sent()
        if isinstance(answer, Exception):
            raise answer
        if answer == Sent():
            self.taken.append(notice.key)
        return answer

    async def close(self):
        pass


@pytest.fixture
def clock():
    return ManualClock(START)


async def run_for(sender, clock, seconds):
    """Step for so many seconds of the clock, as `for_ever` would; it has no threads to wait for."""
    end_s = clock.monotonic_s() + seconds

    async def loop():
        while clock.monotonic_s() < end_s:
            try:
                await sender.step()
            except UnavailableError:
                await clock.sleep(0.2)

    task = asyncio.ensure_future(loop())
    for _ in range(int(seconds / LOOK_S) + 2):
        await clock.advance(LOOK_S)
    await task


class TestAllowance:
    def test_no_minute_has_more_than_allowed_and_the_reserve_is_for_critical_ones(self):
        allowance = Allowance(15, 5)
        taken = []
        for tenth in range(1200):
            if allowance.allows(tenth / 10, critical=False):
                allowance.spend(tenth / 10)
                taken.append(tenth / 10)

        assert len(taken) == 20
        assert max(sum(t <= u < t + 60 for u in taken) for t in taken) == 10
        assert allowance.allows(119.9, critical=True)

    def test_at_the_limit_even_critical_ones_wait(self):
        allowance = Allowance(2, 1, [0.0, 1.0])

        assert not allowance.allows(59.9, critical=True)
        assert allowance.allows(60.0, critical=True)

    def test_something_is_left_for_the_others_whatever_the_reserve(self):
        assert Allowance(1, 5).allows(0.0, critical=False)


class TestSender:
    async def test_it_sends_in_order_and_marks_what_was_sent(self, clock):
        outbox, service = MemoryOutbox(), Service()
        await outbox.commit(1, b"", [notice(1), notice(2, critical=True)])
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 5)

        assert service.taken == ["k2", "k1"]
        assert {record.state for record in await outbox.records(9)} == {"sent"}

    async def test_the_reserve_is_for_critical_ones(self, clock):
        outbox, service = MemoryOutbox(), Service()
        await outbox.commit(1, b"", [notice(n) for n in range(30)])
        sender = Sender(LogChannel(id="chat"), service, outbox, {}, clock)
        await run_for(sender, clock, 30)
        assert len(service.taken) == 10
        await outbox.commit(2, b"", [notice(99, critical=True)])
        await run_for(sender, clock, 1)

        assert service.taken[-1] == "k99"

    async def test_what_went_out_before_a_restart_counts(self, clock):
        outbox, service = MemoryOutbox(), Service()
        await outbox.commit(1, b"", [notice(n) for n in range(30)])
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 10)
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 10)

        assert len(service.taken) == 10

    async def test_a_throttled_service_is_left_alone_for_ten_minutes_and_what_waits_takes_the_other_way(self, clock):
        outbox, service = MemoryOutbox(), Service(Throttled("130101"))
        await outbox.commit(1, b"", [notice(1), notice(2)])
        sender = Sender(LogChannel(id="chat", fallback="call"), service, outbox, {"wang": "+86"}, clock)
        await run_for(sender, clock, 5)
        await outbox.commit(2, b"", [notice(3)])
        assert (await outbox.due("call", clock.now())).notice.address == "+86"
        await run_for(sender, clock, THROTTLED_S - 10)
        assert service.taken == []
        await run_for(sender, clock, 10)

        assert service.taken == ["k3"]

    async def test_what_is_refused_is_not_tried_again_and_holds_up_nothing(self, clock):
        outbox, service = MemoryOutbox(), Service(Refused("no such user"))
        await outbox.commit(1, b"", [notice(1), notice(2)])
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 5)

        assert service.taken == ["k2"]
        assert {r.key: r.state for r in await outbox.records(9)} == {"k1": "refused", "k2": "sent"}

    async def test_a_service_that_was_away_gets_everything_when_it_is_back(self, clock):
        outbox, service = MemoryOutbox(), Service(*[UnavailableError("away")] * 6)
        await outbox.commit(1, b"", [notice(1), notice(2)])
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 60)

        assert sorted(service.taken) == ["k1", "k2"]

    async def test_after_three_tries_what_waits_takes_the_other_way(self, clock):
        outbox, service = MemoryOutbox(), Service(*[UnavailableError("away")] * 50)
        await outbox.commit(1, b"", [notice(1)])
        sender = Sender(LogChannel(id="chat", fallback="call"), service, outbox, {"wang": "+86"}, clock)
        await run_for(sender, clock, 10)

        assert (await outbox.due("call", clock.now())).notice.key == "k1"

    async def test_after_a_day_a_notice_is_no_news(self, clock):
        outbox, service = MemoryOutbox(), Service(UnavailableError("away"))
        await outbox.commit(1, b"", [notice(1)])
        await clock.advance(GIVE_UP_AFTER / timedelta(seconds=1))
        await run_for(Sender(LogChannel(id="chat"), service, outbox, {}, clock), clock, 1)

        assert [(r.state, r.reason) for r in await outbox.records(9)] == [("refused", "away")]
