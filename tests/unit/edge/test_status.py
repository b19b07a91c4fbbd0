"""What others learn of a gateway: birth, will, and each change of a line, also over a broker that forgets."""

import asyncio

import pytest

from coldport import topics
from coldport.bus_memory import MemoryBroker
from coldport.codec import decode
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.status import LinkState, LinkStatus, Presence
from edge.health.status import StatusBoard

SITE, GATEWAY = SiteId("xiangtan-1"), GatewayId("edge-1")


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def board(broker, clock):
    board = StatusBoard(SITE, GATEWAY, clock)
    running = asyncio.create_task(board.run(broker.client("edge-1")))
    await clock.settle()
    yield board
    running.cancel()
    await asyncio.wait([running])


def link(broker: MemoryBroker, name: str) -> LinkStatus:
    return decode(LinkStatus, broker.retained[topics.link(SITE, GATEWAY, LinkId(name))])


def presence(broker: MemoryBroker) -> Presence:
    return decode(Presence, broker.retained[topics.presence(SITE, GATEWAY)])


async def test_a_gateway_is_born_online_and_its_will_says_offline_for_the_same_session(broker, board) -> None:
    will = decode(Presence, board.will.payload)
    born = presence(broker)
    assert (born.online, will.online) == (True, False)
    assert (born.session, born.since, born.process) == (will.session, will.since, will.process)
    assert board.will.retained


async def test_a_will_that_the_broker_published_by_mistake_is_corrected_within_ten_seconds(
    broker, board, clock
) -> None:
    broker.deliver(board.will)
    assert not presence(broker).online
    await clock.advance(10.0)
    assert presence(broker).online


async def test_a_line_that_goes_down_and_up_is_told_each_time_with_since_when(broker, board, clock) -> None:
    await clock.advance(3.0)
    board.down(LinkId("cold-a"), "link-down")
    await clock.settle()
    down = link(broker, "cold-a")
    assert (down.state, down.reason, down.since) == (LinkState.DOWN, "link-down", clock.now())
    await clock.advance(4.0)
    board.up(LinkId("cold-a"))
    await clock.settle()
    up = link(broker, "cold-a")
    assert (up.state, up.reason, up.since) == (LinkState.UP, None, clock.now())


async def test_another_reason_does_not_change_since_when(broker, board, clock) -> None:
    board.down(LinkId("lane-1-reader"), "refused")
    first = clock.now()
    await clock.advance(30.0)
    board.down(LinkId("lane-1-reader"), "occupied")
    await clock.settle()
    status = link(broker, "lane-1-reader")
    assert (status.reason, status.since) == ("occupied", first)


async def test_a_device_has_a_topic_of_its_own_and_names_its_line(broker, board, clock) -> None:
    board.down(LinkId("cold-a"), "timeout", "f1-1")
    await clock.settle()
    assert (link(broker, "f1-1").link, link(broker, "f1-1").device) == ("cold-a", "f1-1")


async def test_saying_the_same_again_publishes_nothing(broker, board, clock) -> None:
    listener = broker.client("listener", [topics.LINKS.filter(SITE)])
    for _ in range(3):
        board.up(LinkId("cold-a"))
        await clock.settle()
    assert len(listener.waiting) == 1


async def test_what_changed_while_the_broker_was_away_is_told_when_it_is_back(broker, board, clock) -> None:
    broker.up = False
    board.down(LinkId("cold-a"), "link-down")
    board.up(LinkId("cold-b"))
    board.up(LinkId("cold-a"))
    await clock.advance(30.0)
    broker.up = True
    await clock.advance(10.0)
    assert link(broker, "cold-a").state is LinkState.UP
    assert link(broker, "cold-b").state is LinkState.UP


async def test_a_broker_that_forgot_everything_is_told_everything_again(broker, board, clock) -> None:
    board.up(LinkId("cold-a"))
    await clock.settle()
    broker.up = False
    await clock.advance(30.0)
    broker.retained.clear()
    broker.up = True
    await clock.advance(10.0)
    assert presence(broker).online
    assert link(broker, "cold-a").state is LinkState.UP
