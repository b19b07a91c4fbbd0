"""Devices by radio on a real broker that is not the site's own, spoken to by a client that is not ours."""

import asyncio
import json
import shutil

import aiomqtt
import msgspec
import pytest

from coldport.clock import SystemClock
from coldport.ids import GatewayId, PointId, SiteId
from coldport.site import Point, Site
from edge.health.book import HealthBook
from edge.lines.vendor import UplinkLine
from edge.main import SystemLinks
from edge.ports import Outlet
from edge.profiles import CATALOGUE, load_profile
from edge.sources.around import Around
from edge.sources.vendor import uplink_source

pytestmark = [pytest.mark.broker, pytest.mark.thirdparty]

EUI = "24e124136b000001"
SITE = msgspec.convert(
    {
        "id": "bench",
        "name": {"zh": "台", "en": "Bench"},
        "timezone": "Asia/Shanghai",
        "zones": [{"id": "c1", "name": {"zh": "一库", "en": "Room 1"}, "zone_class": "chilled"}],
    },
    Site,
)


class Sink:
    """Remembers what was seen."""

    def __init__(self) -> None:
        self.seen: list = []

    async def record(self, observations) -> None:
        self.seen += observations


class Board:
    """Remembers the latest state of each line and device: None for up."""

    def __init__(self) -> None:
        self.states: dict = {}

    def up(self, link, device=None) -> None:
        self.states[device or link] = None

    def down(self, link, reason, device=None) -> None:
        self.states[device or link] = reason


async def test_uplinks_and_kept_states_come_through_the_vendor_s_broker(tmp_path, start_broker, eventually) -> None:
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    broker = await start_broker("mosquitto")
    mqtt = {"host": "127.0.0.1", "port": broker.broker.port}
    lora = {"id": "room3-a", "address": EUI, "profile": "em300-th", "points": {"temperature": "cold"}}
    bay = {"id": "bay", "address": "truck bay", "profile": "zigbee-contact", "points": {"contact": "door"}}
    lines = [
        msgspec.convert({"kind": "uplink", "mqtt": mqtt, **line}, UplinkLine)
        for line in (
            {"id": "lora", "network": "chirpstack", "devices": [lora]},
            {"id": "zigbee", "network": "zigbee2mqtt", "devices": [bay]},
        )
    ]
    points = {
        PointId("cold"): Point(id="cold", quantity="temperature", every_s=600),
        PointId("door"): Point(id="door", quantity="door", every_s=600),
    }
    sink, board, clock = Sink(), Board(), SystemClock()
    around = Around(
        points=points,
        profiles={name: load_profile(CATALOGUE / f"{name}.toml") for name in ("em300-th", "zigbee-contact")},
        links=SystemLinks(SITE, GatewayId("edge-1"), tmp_path, clock),
        outlet=Outlet(sink, board, clock, HealthBook(SiteId("bench"), GatewayId("edge-1"), clock)),
    )
    async with aiomqtt.Client("127.0.0.1", broker.broker.port) as vendor:
        await vendor.publish("zigbee2mqtt/truck bay", json.dumps({"contact": True}), qos=1, retain=True)
        listening = [asyncio.create_task(uplink_source(line, around).run()) for line in lines]
        await eventually(lambda: board.states == {"lora": None, "zigbee": None})
        told = {"deviceInfo": {"devEui": EUI}, "fPort": 85, "data": "AXVcA2c0AQRoZQ=="}
        told["time"] = clock.now().isoformat()
        await vendor.publish(f"application/7/device/{EUI}/event/up", json.dumps(told), qos=0)
        await vendor.publish("zigbee2mqtt/truck bay", json.dumps({"contact": False}), qos=1)
        await eventually(lambda: {seen.point for seen in sink.seen} == {"cold", "door"})
    for task in listening:
        task.cancel()
    await asyncio.wait(listening)
    assert [(seen.point, seen.value) for seen in sorted(sink.seen, key=lambda seen: seen.point)] == [
        ("cold", 30.8),
        ("door", 1.0),
    ]
