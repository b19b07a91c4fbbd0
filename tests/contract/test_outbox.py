"""The outbox port: the memory and the SQLite outbox keep the same promises."""

from datetime import UTC, datetime, timedelta

import pytest

from control.notify.notice import Notice, Why
from control.notify.outbox_memory import MemoryOutbox
from control.notify.outbox_sqlite import SqliteOutbox

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def at(after_s: float) -> datetime:
    return START + timedelta(seconds=after_s)


def notice(number: int, **changes) -> Notice:
    fields = {
        "key": f"hi.p.{number}/1/raised.0.0.0/wang/chat",
        "why": Why.RAISED,
        "channel": "chat",
        "recipient": "wang",
        "address": "w",
        "critical": False,
        "at": at(number),
        "title": "标题",
        "text": "正文",
        "alarms": (f"hi.p.{number}",),
    }
    return Notice(**(fields | changes))


@pytest.fixture(params=["memory", "sqlite"])
async def make(request, tmp_path):
    opened = []

    def make(**limits):
        if request.param == "memory":
            opened.append(MemoryOutbox(**limits))
        else:
            opened.append(SqliteOutbox(tmp_path / "outbox.sqlite", **limits))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


class TestOutbox:
    async def test_a_new_one_is_empty(self, make):
        outbox = make()

        assert await outbox.load() is None
        assert await outbox.due("chat", at(0)) is None
        assert await outbox.records(10) == []

    async def test_number_state_and_notices_come_back_as_they_were(self, make):
        outbox = make()
        await outbox.commit(7, b"state", [notice(1)])

        assert await outbox.load() == (7, b"state")
        waiting = await outbox.due("chat", at(1))
        assert (waiting.notice, waiting.tried) == (notice(1), 0)

    async def test_nothing_is_due_before_its_time_or_by_another_channel(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(5)])

        assert await outbox.due("chat", at(4)) is None
        assert await outbox.due("call", at(5)) is None

    async def test_critical_ones_go_first_and_then_the_oldest(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(2), notice(1), notice(3, critical=True)])
        order = []
        while waiting := await outbox.due("chat", at(10)):
            order.append(waiting.notice.at)
            await outbox.sent(waiting.notice.key, at(10))

        assert order == [at(3), at(1), at(2)]

    async def test_only_critical_ones_when_asked_so(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(1)])
        assert await outbox.due("chat", at(9), critical_only=True) is None
        await outbox.commit(2, b"", [notice(2, critical=True)])
        assert (await outbox.due("chat", at(9), critical_only=True)).notice.at == at(2)

    async def test_a_key_that_was_sent_is_never_due_again(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(1)])
        await outbox.sent(notice(1).key, at(2))
        await outbox.commit(2, b"", [notice(1), notice(1, text="anders")])

        assert await outbox.due("chat", at(9)) is None
        assert [record.state for record in await outbox.records(10)] == ["sent"]

    async def test_a_failed_try_is_counted_and_waits(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(1), notice(2)])
        await outbox.again(notice(1).key, at(3), at(60), "HTTP 503")

        assert (await outbox.due("chat", at(59))).notice == notice(2)
        await outbox.refused(notice(2).key, at(5), "no such group")
        waiting = await outbox.due("chat", at(60))
        assert (waiting.notice, waiting.tried) == (notice(1), 1)
        states = {record.key: (record.state, record.reason) for record in await outbox.records(10)}
        assert states == {
            notice(1).key: ("waiting", "HTTP 503"),
            notice(2).key: ("refused", "no such group"),
        }

    async def test_what_waits_can_take_another_way_with_its_address_there(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(1), notice(2, recipient="li"), notice(3)])
        await outbox.sent(notice(3).key, at(3))
        await outbox.again(notice(1).key, at(3), at(600), "130101")

        assert await outbox.reroute("chat", "call", {"wang": "+86"}) == 1
        moved = await outbox.due("call", at(4))
        assert (moved.notice.key, moved.notice.channel, moved.notice.address) == (notice(1).key, "call", "+86")
        assert moved.tried == 0
        assert (await outbox.due("chat", at(4))).notice.recipient == "li"

    async def test_it_says_what_was_sent_since(self, make):
        outbox = make()
        await outbox.commit(1, b"", [notice(1), notice(2), notice(3, channel="call")])
        for number in (1, 2, 3):
            await outbox.sent(notice(number).key, at(number * 10))

        assert await outbox.sent_since("chat", at(20)) == [at(20)]

    async def test_at_its_limit_nothing_is_given_up_and_past_it_the_oldest_that_is_not_critical(self, make):
        outbox = make(waiting_limit=3)
        assert await outbox.commit(1, b"", [notice(1, critical=True), notice(2), notice(3)]) == 0
        assert await outbox.commit(2, b"", [notice(4)]) == 1

        states = {record.key: record.state for record in await outbox.records(10)}
        assert states[notice(2).key] == "given-up"
        assert list(states.values()).count("waiting") == 3

    async def test_what_was_settled_long_ago_is_forgotten(self, make):
        outbox = make(settled_limit=2)
        await outbox.commit(1, b"", [notice(number) for number in (1, 2, 3)])
        for number in (1, 2, 3):
            await outbox.sent(notice(number).key, at(number))
        await outbox.commit(2, b"", [notice(4)])

        assert notice(1).key not in {record.key for record in await outbox.records(10)}
        assert len(await outbox.records(10)) == 3


async def test_on_disk_everything_outlives_the_process(tmp_path):
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    await outbox.commit(3, b"state", [notice(1)])
    await outbox.close()
    again = SqliteOutbox(tmp_path / "outbox.sqlite")

    assert await again.load() == (3, b"state")
    assert (await again.due("chat", at(1))).notice == notice(1)
    await again.close()
