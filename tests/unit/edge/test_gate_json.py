"""A gate whose reader speaks JSON: over a broker in memory, and over a feed that a test plays."""

import asyncio
import contextlib
import json
from collections import deque
from random import Random

import pytest

from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.ids import LinkId, PointId
from edge.drivers.gates.bus_feed import BusFeed
from edge.drivers.gates.json_gate import JsonGate
from edge.drivers.gates.report import GateSettings
from edge.links.inbox import Inbox
from edge.ports import LinkDownError
from edge.protocols.impinj import ImpinjReader
from edge.protocols.zebra import ZebraReader

LINE, POINT = LinkId("dock-3-reader"), PointId("dock-3-gate")
SETTINGS = GateSettings(name=LINE, point=POINT)
EPC = "3034257BF7194E4000001A85"


def zebra(number: int, antenna: int = 1) -> bytes:
    data = {"antenna": antenna, "eventNum": number, "format": "epc", "idHex": EPC.lower(), "peakRssi": -47}
    return json.dumps({"type": "CUSTOM", "timestamp": "2026-11-24T10:10:11.123+0800", "data": data}).encode()


def impinj(antenna: int = 2) -> bytes:
    return json.dumps({"tagInventoryEvent": {"epc": "MDQle_cZTkAAABqF", "antennaPort": antenna}}).encode() + b"\n"


class PlayedFeed:
    """A feed whose chunks a test gives, and which it can end or refuse."""

    def __init__(self, clock, *, whole: bool) -> None:
        self.whole = whole
        self.opened = 0
        self.refused = False
        self._clock = clock
        self.inbox = Inbox(clock)

    async def open(self) -> None:
        self.opened += 1
        if self.refused:
            raise LinkDownError("no", "refused")
        self.inbox = Inbox(self._clock)

    async def close(self) -> None:
        pass

    async def read(self, timeout_s: float) -> bytes:
        return await self.inbox.take(timeout_s)


@contextlib.asynccontextmanager
async def gate(feed, reader, outlet, silent_s: float = float("inf")):
    running = asyncio.create_task(JsonGate(SETTINGS, feed, reader, outlet, silent_s, Random(5)).run())
    yield
    running.cancel()
    await asyncio.wait([running])


async def test_a_stream_of_lines_is_read_however_it_is_cut(clock, outlet, sink, board) -> None:
    feed = PlayedFeed(clock, whole=False)
    async with gate(feed, ImpinjReader(), outlet):
        await clock.advance(0.0)
        text = impinj(1) + b"\n" + impinj(2)
        for at in range(0, len(text), 50):
            feed.inbox.feed(text[at : at + 50])
            await clock.advance(0.0)
    assert [(seen.epc, seen.antenna) for seen in sink.of(POINT)] == [(EPC, 1), (EPC, 2)]
    assert board.states == {LINE: None}


async def test_what_cannot_be_read_is_counted_and_the_rest_stands(clock, outlet, sink, caplog) -> None:
    feed = PlayedFeed(clock, whole=True)
    async with gate(feed, ZebraReader(), outlet):
        await clock.advance(0.0)
        feed.inbox.feed(zebra(1) + b'{"data":{"idHex":"xyz"}}' + zebra(2) + b'{"half":')
        await clock.advance(0.0)
        feed.inbox.feed(zebra(3))
        await clock.advance(0.0)
    assert len(sink.of(POINT)) == 3
    assert "malformed" in caplog.text


async def test_a_reader_of_which_nothing_comes_is_silent_and_heard_again(clock, outlet, board) -> None:
    feed = PlayedFeed(clock, whole=True)
    async with gate(feed, ZebraReader(), outlet, silent_s=150.0):
        await clock.advance(0.0)
        feed.inbox.feed(b'{"eventType":"heartbeat","data":{}}')
        await clock.advance(149.0)
        assert board.states == {LINE: None}
        await clock.advance(2.0)
        assert board.states == {LINE: "silent"}
        feed.inbox.feed(b'{"eventType":"heartbeat","data":{}}')
        await clock.advance(1.0)
        assert board.states == {LINE: None}
    assert feed.opened == 1


async def test_a_stream_of_which_nothing_comes_is_asked_for_anew(clock, outlet, board) -> None:
    feed = PlayedFeed(clock, whole=False)
    async with gate(feed, ImpinjReader(), outlet, silent_s=20.0):
        await clock.advance(19.0)
        assert feed.opened == 1
        await clock.advance(3.0)
        assert board.states == {LINE: "silent"}
        assert feed.opened == 2
        feed.inbox.feed(impinj(1) + b"\n")
        await clock.advance(0.1)
        assert board.states == {LINE: None}


async def test_a_reader_that_has_stopped_to_read_is_idle_until_it_says_otherwise(clock, outlet, board) -> None:
    feed = PlayedFeed(clock, whole=True)
    async with gate(feed, ImpinjReader(), outlet):
        await clock.advance(0.0)
        for text, state in (
            (b'{"inventoryStatusEvent":{"inventoryStatus":"idle"}}', "idle"),
            (b'{"gpiTransitionEvent":{"gpi":1,"transition":"low-to-high"}}', "idle"),
            (b'{"inventoryStatusEvent":{"inventoryStatus":"running"}}', None),
        ):
            feed.inbox.feed(text)
            await clock.advance(0.1)
            assert board.states[LINE] == state


async def test_a_feed_that_ends_is_told_and_opened_again_ever_more_seldom(clock, outlet, board) -> None:
    feed = PlayedFeed(clock, whole=False)
    async with gate(feed, ImpinjReader(), outlet):
        await clock.advance(0.0)
        feed.refused = True
        feed.inbox.fail(LinkDownError("gone", "closed"))
        await clock.advance(0.1)
        assert board.states == {LINE: "closed"}
        await clock.advance(300.0)
        assert board.states == {LINE: "refused"}
        assert 6 <= feed.opened <= 11
        feed.refused = False
        await clock.advance(75.0)
        feed.inbox.feed(impinj())
        await clock.advance(0.1)
        assert board.states == {LINE: None}


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


def bus_feed(broker: MemoryBroker, clock) -> BusFeed:
    @contextlib.asynccontextmanager
    async def connect():
        yield broker.client("edge-dock-3", ["zebra/dock-3/data"])

    return BusFeed(connect, clock)


async def test_messages_of_a_broker_are_read_whole_and_those_it_kept_are_old(broker, clock, outlet, sink) -> None:
    broker.deliver(Outgoing("zebra/dock-3/data", zebra(1), retained=True))
    async with gate(bus_feed(broker, clock), ZebraReader(), outlet):
        await clock.advance(0.1)
        broker.deliver(Outgoing("zebra/dock-3/data", zebra(2) + zebra(3, antenna=2)))
        broker.deliver(Outgoing("zebra/dock-3/data", zebra(6)[:-2]))
        broker.deliver(Outgoing("zebra/dock-3/data", zebra(4)))
        broker.deliver(Outgoing("zebra/dock-4/data", zebra(5)))
        await clock.advance(0.1)
    assert [seen.antenna for seen in sink.of(POINT)] == [1, 2, 1]


async def test_a_message_is_acknowledged_once_it_was_handled(broker, clock) -> None:
    feed = bus_feed(broker, clock)
    await feed.open()
    waiting: deque[bytes] = deque()
    for number in (1, 2):
        broker.deliver(Outgoing("zebra/dock-3/data", zebra(number)))
    waiting.append(await feed.read(1.0))
    assert len(broker._sessions["edge-dock-3"].unacknowledged) == 2
    waiting.append(await feed.read(1.0))
    assert len(broker._sessions["edge-dock-3"].unacknowledged) == 1
    assert list(waiting) == [zebra(1), zebra(2)]
    await feed.close()


async def test_a_broker_that_is_away_is_the_line_that_is_down(broker, clock, outlet, board) -> None:
    async with gate(bus_feed(broker, clock), ZebraReader(), outlet):
        await clock.advance(0.1)
        broker.up = False
        await clock.advance(5.1)
        assert board.states == {LINE: "broker-away"}
