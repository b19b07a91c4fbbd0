"""The inbox that all links share, and the null modem: bytes, silence and the end of the line."""

import asyncio

import pytest

from edge.links.inbox import INBOX_LIMIT, Inbox
from edge.links.memory_link import null_modem
from edge.ports import LinkDownError


async def test_what_arrived_is_returned_at_once_and_once(clock) -> None:
    inbox = Inbox(clock)
    inbox.feed(b"ab")
    inbox.feed(b"c")
    assert await inbox.take(1.0) == b"abc"


async def test_a_reader_is_woken_by_the_first_byte(clock) -> None:
    inbox = Inbox(clock)
    taking = asyncio.create_task(inbox.take(60.0))
    await clock.advance(1.0)
    inbox.feed(b"x")
    assert await taking == b"x"
    assert clock.monotonic_s() == 1.0


async def test_silence_is_empty_after_the_time_out_and_not_before(clock) -> None:
    inbox = Inbox(clock)
    taking = asyncio.create_task(inbox.take(0.4))
    await clock.advance(0.39)
    assert not taking.done()
    await clock.advance(0.01)
    assert await taking == b""


async def test_bytes_that_came_before_the_end_are_returned_before_it_is_told(clock) -> None:
    inbox = Inbox(clock)
    inbox.feed(b"last words")
    inbox.fail(LinkDownError("gone", "closed"))
    assert await inbox.take(1.0) == b"last words"
    with pytest.raises(LinkDownError, match="gone") as caught:
        await inbox.take(1.0)
    assert caught.value.reason == "closed"


async def test_an_inbox_at_its_limit_keeps_everything_and_one_past_it_drops_the_newest(clock) -> None:
    inbox = Inbox(clock)
    inbox.feed(b"a" * INBOX_LIMIT)
    inbox.feed(b"b")
    assert await inbox.take(0.0) == b"a" * INBOX_LIMIT


async def test_a_cancelled_reader_ends_even_while_bytes_arrive(clock) -> None:
    inbox = Inbox(clock)

    async def read_for_ever() -> None:
        while True:
            await inbox.take(1.0)

    reading = asyncio.create_task(read_for_ever())
    for turn in range(50):
        inbox.feed(b"x")
        for _ in range(turn % 7):
            await asyncio.sleep(0)  # noqa: TID251 - yields, to cancel at every step of a read
        reading.cancel()
        await clock.settle()
        assert reading.cancelled()
        reading = asyncio.create_task(read_for_ever())
    reading.cancel()


async def test_a_null_modem_carries_both_ways_and_forgets_what_is_discarded(clock) -> None:
    near, far = null_modem(clock)
    await near.write(b"ping")
    assert await far.read(0) == b"ping"
    await far.write(b"late")
    near.discard()
    assert await near.read(0) == b""
