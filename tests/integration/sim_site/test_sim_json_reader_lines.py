"""Impinj and Zebra readers of a running site, over HTTP both ways and over MQTT topics."""

import asyncio
import json

import httpx
import msgspec
import pytest

from coldport.bus_memory import MemoryBroker
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.places.readers import ImpinjHttp, ImpinjMqtt, ZebraHttp, ZebraMqtt


@pytest.fixture
def with_reader(quiet):
    def changed(reader):
        lane = quiet.lanes[0]
        gate = msgspec.structs.replace(lane.gate, reader=reader)
        return msgspec.structs.replace(quiet, lanes=(msgspec.structs.replace(lane, gate=gate),))

    return changed


def objects(chunk):
    """Take glued JSON objects apart."""
    text, found, decoder = chunk.decode(), [], json.JSONDecoder()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


async def drained(bus):
    """Take what was said, until nothing has come for two seconds."""
    try:
        while True:
            await asyncio.wait_for(bus.receive(1000), 2)
    except TimeoutError:
        return


@pytest.mark.parametrize("split", [False, True], ids=["whole", "byte-by-byte"])
async def test_an_http_client_reads_the_status_and_the_stream_of_an_impinj_reader(start, with_reader, split):
    async with (
        start(with_reader(ImpinjHttp(port=8080)), speed=6.0) as site,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.ports['lane-1-gate']}/api/v1", timeout=20) as client,
    ):
        if split:
            site.faults.begin(Fault(kind=FaultKind.SPLIT, target="lane-1-gate"))
        assert (await client.get("/status")).json()["status"] == "running"
        assert (await client.post("/profiles/inventory/start", json={"eventConfig": {}})).status_code == 204
        antennas = set()
        async with client.stream("GET", "/data/stream") as stream:
            assert stream.headers["content-type"] == "application/x-ndjson"
            async for line in stream.aiter_lines():
                tag = json.loads(line).get("tagInventoryEvent")
                antennas |= {tag["antennaPort"]} if tag else set()
                if antennas == {1, 2}:
                    break
        assert (await client.post("/profiles/stop")).status_code == 204


async def test_an_impinj_reader_publishes_on_its_topic_and_catches_up_after_a_silence(start, with_reader):
    broker = MemoryBroker()
    ours = broker.client("test", ("impinj/#",))
    reader = ImpinjMqtt(topic="impinj/lane-1")
    async with start(with_reader(reader), speed=6.0, bus=broker.client("sim")) as site, asyncio.timeout(30):
        (first, *_) = await ours.receive(1)
        assert json.loads(first.payload)["eventType"] == "tagInventory"
        silence = Fault(kind=FaultKind.SILENCE, target="lane-1-gate")
        site.faults.begin(silence)
        await drained(ours)
        site.faults.end(silence)
        assert len(await ours.receive(1000)) > 1


async def test_a_zebra_reader_publishes_glued_objects_with_numbers_that_follow_each_other(start, with_reader):
    broker = MemoryBroker()
    ours = broker.client("test", ("zebra/data",))
    reader = ZebraMqtt(topic="zebra/data", management_topic="zebra/management", utc_offset_h=0)
    numbers = []
    async with start(with_reader(reader), speed=6.0, bus=broker.client("sim")), asyncio.timeout(30):
        while len(numbers) < 20:
            for message in await ours.receive(100):
                events = objects(message.payload)
                assert all(event["timestamp"].endswith("+0000") for event in events)
                numbers += [event["data"]["eventNum"] for event in events]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_zebra_reader_posts_its_events_to_an_address_and_survives_its_absence(start, with_reader):
    bodies, enough = [], asyncio.Event()

    async def listener(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.splitlines() if line.lower().startswith(b"content-len")))
        bodies.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        if len(bodies) >= 5:
            enough.set()

    placeholder = await asyncio.start_server(listener, "127.0.0.1", 0)
    port = placeholder.sockets[0].getsockname()[1]
    placeholder.close()
    await placeholder.wait_closed()
    async with start(with_reader(ZebraHttp(url=f"http://127.0.0.1:{port}/events")), speed=6.0):
        server = await asyncio.start_server(listener, "127.0.0.1", port)
        async with server:
            await asyncio.wait_for(enough.wait(), 30)
    events = [event for body in bodies for event in objects(body)]
    assert {event["type"] for event in events} == {"CUSTOM"}
    assert len(events) >= 5


async def test_an_antenna_that_is_pulled_off_is_told_and_reads_nothing_until_it_is_back(start, with_reader):
    broker = MemoryBroker()
    ours = broker.client("test", ("impinj/#",))
    pulled = Fault(kind=FaultKind.ANTENNA, target="lane-1-gate", unit=2)
    told = []
    async with (
        start(with_reader(ImpinjMqtt(topic="impinj/lane-1")), speed=6.0, bus=broker.client("sim")) as site,
        asyncio.timeout(60),
    ):
        site.faults.begin(pulled)
        while len(told) < 20:
            told += [json.loads(message.payload) for message in await ours.receive(100)]
        site.faults.end(pulled)
        while not any(event["eventType"] == "antennaConnected" for event in told):
            told += [json.loads(message.payload) for message in await ours.receive(100)]
    kinds = [event["eventType"] for event in told]
    dead = told[kinds.index("antennaDisconnected") : kinds.index("antennaConnected")]
    assert {event["tagInventoryEvent"]["antennaPort"] for event in dead if "tagInventoryEvent" in event} == {1}
