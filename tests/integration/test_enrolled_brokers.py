"""What was enrolled, on real brokers: the right certificate works, and nothing else does."""

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from coldport import broker as embedded
from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, SiteId
from coldport.site import Broker, Site, Text, Tls, Zone, ZoneClass
from edge.enroll.authority import LIFE, issue
from edge.enroll.folder import Folder, enroll

pytestmark = pytest.mark.broker

SITE, EDGE_1, EDGE_2 = SiteId("s"), GatewayId("edge-1"), GatewayId("edge-2")


class Enrolled:
    """A broker of an enrolled site, and clients of it."""

    def __init__(self, folder: Path, port: int, stack: AsyncExitStack) -> None:
        tls = Tls(ca=f"{folder}/ca.crt", certificate=f"{folder}/{{process}}.crt", key=f"{folder}/{{process}}.key")
        self.broker = Broker(port=port, tls=tls)
        self.folder = Folder(folder)
        self._stack = stack

    async def client(self, process: str, *filters: str) -> MqttBus:
        bus = MqttBus(client_id=process, broker=self.broker.seen_by(process), filters=filters)
        return await self._stack.enter_async_context(bus)


@pytest.fixture(params=["nats", "mosquitto"])
async def enrolled(request, tmp_path, free_port, eventually) -> AsyncIterator[Enrolled]:
    """A real broker with the files that enrolling two gateways has written."""
    port, path = free_port(), tmp_path / "tls"
    site = _site(Broker(port=port))
    for name in (EDGE_1, EDGE_2):
        enroll(Folder(path), site, None, name, SystemClock().now(), renew=False)
    async with AsyncExitStack() as stack:
        one = Enrolled(path, port, stack)
        if request.param == "nats":
            command = embedded.command(one.broker, tmp_path / "broker")
        else:
            if shutil.which("mosquitto") is None:
                pytest.skip("mosquitto is not installed")
            if os.geteuid() == 0:  # else it gives its rights away, and with them the files
                with (path / "mosquitto.conf").open("a") as configuration:
                    configuration.write("user root\n")
            command = ["mosquitto", "-c", str(path / "mosquitto.conf")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        stack.callback(process.wait)
        stack.callback(process.kill)
        await eventually(lambda: _listens(port))
        yield one


def _site(broker: Broker) -> Site:
    text = Text(zh="站", en="site")
    return Site(
        id=SITE, name=text, timezone="UTC", broker=broker, zones=(Zone(id="z", name=text, zone_class=ZoneClass.LANE),)
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def connected(bus: MqttBus, within_s: float = 5.0) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await bus.wait_connected()
    except TimeoutError:
        return False
    return True


async def say(bus: MqttBus, message: Outgoing) -> None:
    """Publish, again if the connection was just ended."""
    for _ in range(3):
        assert await connected(bus)
        with contextlib.suppress(UnavailableError):
            await bus.publish(message)
            return
        await SystemClock().sleep(0.3)
    pytest.fail("it could not be said")


async def test_a_gateway_and_control_talk_with_their_own_certificates(enrolled) -> None:
    control = await enrolled.client("control", topics.OBSERVATIONS.filter(SITE))
    gateway = await enrolled.client(EDGE_1, topics.receipts(SITE, EDGE_1))
    assert await connected(control)
    assert await connected(gateway)
    await gateway.publish(Outgoing(topics.observations(SITE, EDGE_1), b"batch"))
    await control.publish(Outgoing(topics.receipts(SITE, EDGE_1), b"receipt"))
    async with asyncio.timeout(5):
        assert [one.payload for one in await control.receive(10)] == [b"batch"]
        assert [one.payload for one in await gateway.receive(10)] == [b"receipt"]


async def test_a_gateway_can_neither_speak_nor_listen_as_another(enrolled) -> None:
    control = await enrolled.client("control", topics.OBSERVATIONS.filter(SITE))
    second = await enrolled.client(EDGE_2, topics.receipts(SITE, EDGE_1), topics.observations(SITE, EDGE_1))
    assert await connected(control)
    await connected(second)
    with contextlib.suppress(UnavailableError):  # mosquitto 2.0 ends the connection over it, nats-server drops it
        await second.publish(Outgoing(topics.observations(SITE, EDGE_1), b"forged"))
    await control.publish(Outgoing(topics.receipts(SITE, EDGE_1), b"receipt of another"))
    await say(second, Outgoing(topics.observations(SITE, EDGE_2), b"own"))
    async with asyncio.timeout(5):
        assert {one.payload for one in await control.receive(10)} == {b"own"}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await second.receive(1)


async def test_nobody_is_let_in_without_a_certificate(enrolled) -> None:
    trusting = ssl.create_default_context(cafile=enrolled.broker.tls.ca)
    hello = bytes.fromhex("10 10 0004 4d515454 04 02 000a 0004 61616161")  # CONNECT of MQTT 3.1.1, client "aaaa"
    for context in (None, trusting):
        answer = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            reader, writer = await asyncio.open_connection("127.0.0.1", enrolled.broker.port, ssl=context)
            writer.write(hello)
            answer = await asyncio.wait_for(reader.read(4), 5)
            writer.close()
        assert answer[:2] != b"\x20\x02", "a CONNACK"


async def test_an_expired_certificate_is_refused_and_the_log_says_why(enrolled, caplog, eventually) -> None:
    authority = enrolled.folder.pair("ca")
    long_ago = SystemClock().now() - LIFE - timedelta(days=1)
    enrolled.folder.keep(EDGE_1, issue(authority, EDGE_1, long_ago))
    with caplog.at_level(logging.ERROR, "coldport.bus"):
        gateway = await enrolled.client(EDGE_1)
        await eventually(lambda: "certificate expired" in caplog.text.lower().replace("_", " "))
    assert not gateway.connected


async def test_a_certificate_of_another_authority_is_refused(enrolled, tmp_path) -> None:
    other = Folder(tmp_path / "other")
    enroll(other, _site(enrolled.broker), None, EDGE_1, SystemClock().now(), renew=False)
    mixed = Tls(ca=enrolled.broker.tls.ca, certificate=f"{other.path}/edge-1.crt", key=f"{other.path}/edge-1.key")
    intruder = MqttBus(client_id="edge-1", broker=Broker(port=enrolled.broker.port, tls=mixed))
    async with intruder:
        assert not await connected(intruder, within_s=1.5)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves the socket to the collector
async def test_a_broker_of_another_authority_is_not_talked_to(enrolled, tmp_path, caplog, eventually) -> None:
    other = Folder(tmp_path / "other")
    enroll(other, _site(enrolled.broker), None, EDGE_1, SystemClock().now(), renew=False)
    foreign = Tls(ca=f"{other.path}/ca.crt", certificate=f"{other.path}/edge-1.crt", key=f"{other.path}/edge-1.key")
    with caplog.at_level(logging.ERROR, "coldport.bus"):
        async with MqttBus(client_id="edge-1", broker=Broker(port=enrolled.broker.port, tls=foreign)) as bus:
            await eventually(lambda: "certificate verify failed" in caplog.text.lower())
            assert not bus.connected
