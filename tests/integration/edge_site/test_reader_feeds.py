"""Feeds over real sockets: a stream that we ask for, and posts that we listen for."""

import asyncio
import json
from pathlib import Path
from random import Random

import httpx
import pytest

from coldport.clock import SystemClock
from coldport.ids import GatewayId, LinkId, PointId, SiteId
from edge.drivers.gates.json_gate import JsonGate
from edge.drivers.gates.report import GateSettings
from edge.health.book import HealthBook
from edge.links.http_stream_feed import HttpStreamFeed
from edge.links.posts_feed import BODY_LIMIT, POSTS_LIMIT, PostsFeed
from edge.ports import LinkDownError, Outlet
from edge.protocols.impinj import ImpinjReader

CLOCK = SystemClock()
EVENT = json.dumps({"tagInventoryEvent": {"epc": "MDQle_cZTkAAABqF", "antennaPort": 2}}).encode() + b"\r\n"


class Streamer:
    """A reader's HTTP server, one connection at a time: it answers, then sends what it is given."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.requests: list[str] = []
        self.writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(f"HTTP/1.1 {self.status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        self.writer = writer

    def send(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


@pytest.fixture
async def streamer():
    streamer = Streamer()
    server = await asyncio.start_server(streamer.serve, "127.0.0.1", 0)
    streamer.port = server.sockets[0].getsockname()[1]
    yield streamer
    if streamer.writer is not None:
        streamer.writer.close()
    server.close()


def stream_of(streamer: Streamer, auth: tuple[str, str] | None = None) -> HttpStreamFeed:
    return HttpStreamFeed(f"http://127.0.0.1:{streamer.port}/api/v1/data/stream", auth, None, CLOCK)


async def test_a_stream_is_asked_for_and_read_as_it_comes(streamer, eventually) -> None:
    feed = stream_of(streamer, ("root", "impinj"))
    await feed.open()
    await eventually(lambda: streamer.writer is not None)
    streamer.send(EVENT[:20])
    assert await feed.read(5.0) == EVENT[:20]
    streamer.send(EVENT[20:])
    assert await feed.read(5.0) == EVENT[20:]
    assert await feed.read(0.05) == b""
    assert "GET /api/v1/data/stream" in streamer.requests[0]
    assert "authorization: basic" in streamer.requests[0].lower()
    await feed.close()


async def test_a_stream_that_the_reader_ends_is_a_line_that_is_down(streamer) -> None:
    feed = stream_of(streamer)
    await feed.open()
    streamer.writer.transport.abort()
    with pytest.raises(LinkDownError) as caught:
        await feed.read(5.0)
    assert caught.value.reason == "closed"
    await feed.close()


async def test_a_reader_that_refuses_is_told_with_its_status(streamer) -> None:
    streamer.status = "401 Unauthorized"
    with pytest.raises(LinkDownError) as caught:
        await stream_of(streamer).open()
    assert caught.value.reason == "http-401"


async def test_a_reader_that_is_not_there_is_unreachable(streamer) -> None:
    feed = HttpStreamFeed("http://127.0.0.1:9/", None, None, CLOCK)
    with pytest.raises(LinkDownError) as caught:
        await feed.open()
    assert caught.value.reason == "unreachable"


async def test_a_certificate_that_is_not_there_is_told(streamer, tmp_path: Path) -> None:
    feed = HttpStreamFeed(f"http://127.0.0.1:{streamer.port}/", None, tmp_path / "none.pem", CLOCK)
    with pytest.raises(LinkDownError):
        await feed.open()


@pytest.fixture
async def posts():
    feed = PostsFeed("127.0.0.1", 0, "/dock-1", CLOCK)
    await feed.open()
    yield feed
    await feed.close()


async def test_posts_are_taken_in_their_order_and_answered(posts) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{posts.port}", trust_env=False) as client:
        for number in range(3):
            assert (await client.post("/dock-1", content=b"%d" % number)).status_code == 200
        assert (await client.post("/dock-2", content=b"x")).status_code == 404
        assert (await client.get("/dock-1")).status_code == 405
    assert [await posts.read(1.0) for _ in range(3)] == [b"0", b"1", b"2"]
    assert await posts.read(0.05) == b""


async def test_a_body_of_the_limit_is_taken_and_one_past_it_refused(posts) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{posts.port}", trust_env=False) as client:
        assert (await client.post("/dock-1", content=bytes(BODY_LIMIT))).status_code == 200
        assert (await client.post("/dock-1", content=bytes(BODY_LIMIT + 1))).status_code == 413
    assert len(await posts.read(1.0)) == BODY_LIMIT


async def test_a_reader_is_told_to_come_again_while_nobody_reads(posts) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{posts.port}", trust_env=False) as client:
        statuses = [(await client.post("/dock-1", content=b"x")).status_code for _ in range(POSTS_LIMIT + 1)]
        assert statuses == [200] * POSTS_LIMIT + [503]
        await posts.read(1.0)
        assert (await client.post("/dock-1", content=b"x")).status_code == 200


async def test_a_port_that_is_taken_is_occupied(posts) -> None:
    second = PostsFeed("127.0.0.1", posts.port, "/", CLOCK)
    with pytest.raises(LinkDownError) as caught:
        await second.open()
    assert caught.value.reason == "occupied"


class Seen:
    """A sink and a board that remember."""

    def __init__(self) -> None:
        self.reads: list = []
        self.states: list = []

    async def record(self, observations) -> None:
        self.reads += observations

    def up(self, link, device=None) -> None:
        self.states.append("up")

    def down(self, link, reason, device=None) -> None:
        self.states.append(reason)


async def test_a_gate_reads_a_stream_and_comes_back_when_it_was_cut(streamer, eventually) -> None:
    seen = Seen()
    outlet = Outlet(seen, seen, CLOCK, HealthBook(SiteId("s"), GatewayId("edge-1"), CLOCK))
    settings = GateSettings(name=LinkId("dock-1-reader"), point=PointId("dock-1-gate"))
    gate = JsonGate(settings, stream_of(streamer), ImpinjReader(), outlet, float("inf"), Random(1))
    running = asyncio.create_task(gate.run())
    await eventually(lambda: streamer.writer is not None)
    first = streamer.writer
    streamer.send(EVENT * 3)
    await eventually(lambda: len(seen.reads) == 3)
    first.transport.abort()
    await eventually(lambda: streamer.writer is not first)
    streamer.send(EVENT)
    await eventually(lambda: len(seen.reads) == 4)
    assert "closed" in seen.states
    running.cancel()
    await asyncio.wait([running])
