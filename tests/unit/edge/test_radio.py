"""Devices by radio on a memory broker: what is new, what was said before, what is late, and who is silent."""

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest

from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.ids import LinkId, PointId
from coldport.site import Point
from edge.lines.vendor import UplinkLine, UplinkProfile
from edge.profiles import CATALOGUE, load_profile
from edge.protocols.frame_counter import LONGEST_GAP, FrameCounter
from edge.sources.around import Around
from edge.sources.vendor import uplink_source

EUI = "24e124136b000001"
PERIOD_S = 600.0

POINTS = {
    PointId(name): Point(id=name, quantity=quantity, every_s=PERIOD_S)
    for name, quantity in {
        "cold": "temperature",
        "damp": "humidity",
        "door": "door",
        "shelf": "temperature",
    }.items()
}
LORA = {
    "kind": "uplink",
    "id": "lora",
    "network": "chirpstack",
    "devices": [
        {
            "id": "room3-a",
            "address": EUI,
            "profile": "em300-th",
            "points": {"temperature": "cold", "humidity": "damp"},
        }
    ],
}
ZIGBEE = {
    "kind": "uplink",
    "id": "zigbee",
    "network": "zigbee2mqtt",
    "devices": [
        {"id": "bay", "address": "truck bay", "profile": "zigbee-contact", "points": {"contact": "door"}},
        {"id": "shelf-1", "address": "shelf", "profile": "zigbee-climate", "points": {"temperature": "shelf"}},
    ],
}


class MemoryLinks:
    """Sessions on one memory broker."""

    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.filters: Sequence[str] = ()

    @asynccontextmanager
    async def bus(self, line: LinkId, mqtt: object, filters: Sequence[str]) -> AsyncIterator:
        self.filters = filters
        yield self.broker.client(line, filters)


@pytest.fixture
def links() -> MemoryLinks:
    return MemoryLinks()


@pytest.fixture
def listening(outlet, clock, links):
    """Run a line, and say what its vendor's broker says."""

    @asynccontextmanager
    async def listen(told: dict) -> AsyncIterator:
        line = msgspec.convert(told, UplinkLine)
        profiles = {device.profile: load_profile(CATALOGUE / f"{device.profile}.toml") for device in line.devices}
        around = Around(points=POINTS, profiles=profiles, links=links, outlet=outlet)
        running = asyncio.create_task(uplink_source(line, around).run())
        await clock.advance(0.1)

        async def say(topic: str, message: dict | bytes, *, retained: bool = False) -> None:
            payload = message if isinstance(message, bytes) else json.dumps(message).encode()
            links.broker.deliver(Outgoing(topic, payload, retained))
            await clock.advance(0.01)

        yield say
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    return listen


def uplink(data: bytes, f_cnt: int, *, at=None, eui: str = EUI, **more) -> tuple[str, dict]:
    told = {
        "deduplicationId": f"id-{f_cnt}",
        "deviceInfo": {"devEui": eui},
        "fCnt": f_cnt,
        "fPort": 85,
        "data": base64.b64encode(data).decode(),
        "rxInfo": [{"rssi": -71}],
        **more,
    }
    if at is not None:
        told["time"] = at.isoformat()
    return f"application/7/device/{eui}/event/up", told


def degrees(value: float) -> bytes:
    return b"\x03\x67" + struct.pack("<h", round(value * 10))


def kept(epoch_s: int, value: float) -> bytes:
    return b"\x20\xce" + struct.pack("<IhBB", epoch_s, round(value * 10), 101, 0)


async def test_an_uplink_becomes_readings_at_the_time_it_was_received(listening, clock, sink, board, outlet) -> None:
    at = clock.now() - timedelta(seconds=3)
    async with listening(LORA) as say:
        await say(*uplink(bytes.fromhex("01755c03673401046865"), 0, at=at))
        await clock.advance(1.0)
    assert [(seen.value, seen.observed_at, seen.quality, seen.reason) for seen in sink.of("cold")] == [
        (30.8, at, "good", None)
    ]
    assert [seen.value for seen in sink.of("damp")] == [50.5]
    assert board.states == {"lora": None, "room3-a": None}
    pulse = outlet.health._pulses["room3-a"]
    assert (pulse.frames, pulse.errors, pulse.rssi_dbm, pulse.battery_percent) == (1, 0, -71, 92.0)


async def test_a_repeat_changes_nothing_whether_the_broker_or_the_device_sent_it_again(listening, sink) -> None:
    async with listening(LORA) as say:
        first = uplink(degrees(4.0), 7)
        await say(*first)
        await say(*first)
        await say(*uplink(degrees(4.0), 7, deduplicationId="another"))
        await say(*uplink(degrees(4.0), 8))
    assert [seen.value for seen in sink.of("cold")] == [4.0, 4.0]


async def test_uplinks_that_went_missing_are_counted_and_a_join_begins_anew(listening, outlet) -> None:
    async with listening(LORA) as say:
        for f_cnt in (5, 6, 9):
            await say(*uplink(degrees(4.0), f_cnt))
        await say(f"application/7/device/{EUI}/event/join", {"deviceInfo": {"devEui": EUI}})
        await say(*uplink(degrees(4.5), 0, deduplicationId="after"))
    pulse = outlet.health._pulses["room3-a"]
    assert (pulse.frames, pulse.errors, pulse.last_error) == (4, 2, "uplink-lost")


async def test_what_a_device_kept_while_nobody_heard_it_comes_with_its_own_time(listening, clock, sink, board) -> None:
    then = int(clock.now().timestamp()) - 7_200
    async with listening(LORA) as say:
        for f_cnt in (1, 2):
            await say(*uplink(kept(then, 3.1) + kept(then + 600, 3.2), f_cnt))
    assert [(seen.value, seen.observed_at.timestamp() - then, seen.reason) for seen in sink.of("cold")] == [
        (3.1, 0, "backfilled"),
        (3.2, 600, "backfilled"),
    ]
    assert {seen.quality for seen in sink.of("cold")} == {"good"}


async def test_a_time_that_cannot_be_right_is_not_believed_and_the_reading_says_so(listening, clock, sink) -> None:
    ahead = clock.now() + timedelta(hours=3)
    async with listening(LORA) as say:
        await say(*uplink(degrees(4.0) + kept(int(ahead.timestamp()), 9.9), 1, at=ahead))
    [seen] = sink.of("cold")
    assert (seen.value, seen.quality, seen.reason) == (4.0, "uncertain", "device-clock")
    assert abs((seen.observed_at - clock.now()).total_seconds()) < 1


async def test_an_uplink_that_was_held_up_for_hours_is_late_and_does_not_make_its_device_present(
    listening, clock, sink, board
) -> None:
    async with listening(LORA) as say:
        await clock.advance(2.6 * PERIOD_S)
        assert board.states["room3-a"] == "no-answer"
        await say(*uplink(degrees(4.0), 1, at=clock.now() - timedelta(hours=3)))
        assert board.states["room3-a"] == "no-answer"
    assert sink.of("cold")[-1].reason == "backfilled"


async def test_a_silent_device_is_bad_after_two_and_a_half_periods_and_once_a_period_then(
    listening, clock, sink, board
) -> None:
    async with listening(LORA) as say:
        await say(*uplink(degrees(4.0), 1))
        await clock.advance(2.4 * PERIOD_S)
        assert board.states["room3-a"] is None
        await clock.advance(2.2 * PERIOD_S)
        assert board.states["room3-a"] == "no-answer"
        for point in ("cold", "damp"):
            assert [(seen.value, seen.reason) for seen in sink.of(point, since_s=1.0)] == [(None, "no-answer")] * 3
        await say(*uplink(degrees(4.0), 2))
        assert board.states["room3-a"] is None


async def test_a_broken_probe_and_a_value_no_probe_can_have_are_bad_with_the_reason(listening, sink) -> None:
    async with listening(LORA) as say:
        await say(*uplink(degrees(812.0), 1))
    assert [(seen.value, seen.reason) for seen in sink.of("cold")] == [(None, "out-of-range")]


async def test_a_broker_that_is_away_takes_its_line_down_and_back(listening, clock, links, board) -> None:
    async with listening(LORA):
        links.broker.up = False
        await clock.advance(1.5)
        assert board.states["lora"] == "unreachable"
        links.broker.up = True
        await clock.advance(1.5)
        assert board.states["lora"] is None


async def test_garbage_and_strangers_are_counted_and_harm_nobody(listening, sink, board) -> None:
    async with listening(LORA) as say:
        topic, told = uplink(degrees(4.0), 1)
        await say(topic, b"\xff{")
        await say(*uplink(degrees(9.0), 1, eui="24e124136b0000ff"))
        await say(topic, {**told, "data": "!"})
        await say(topic, told)
    assert [seen.value for seen in sink.of("cold")] == [4.0]


async def test_a_closed_contact_is_a_door_that_is_shut(listening, sink) -> None:
    async with listening(ZIGBEE) as say:
        await say("zigbee2mqtt/truck bay", {"contact": True})
        await say("zigbee2mqtt/truck bay", {"contact": False})
    assert [seen.value for seen in sink.of("door")] == [0.0, 1.0]


async def test_a_state_that_the_broker_kept_is_not_fresh(listening, links, clock, sink, board) -> None:
    seen_at = clock.now() - timedelta(seconds=90)
    for topic, told in {
        "zigbee2mqtt/truck bay": {"contact": False},
        "zigbee2mqtt/shelf": {"temperature": 4.1, "last_seen": seen_at.isoformat()},
    }.items():
        links.broker.deliver(Outgoing(topic, json.dumps(told).encode(), retained=True))
    async with listening(ZIGBEE) as say:
        await clock.advance(1.0)
        assert sink.of("door") == []
        assert [(seen.value, seen.observed_at) for seen in sink.of("shelf")] == [(4.1, seen_at)]
        await say("zigbee2mqtt/shelf", {"temperature": 4.1, "last_seen": seen_at.isoformat()})
        assert len(sink.of("shelf")) == 1


async def test_a_device_that_its_carrier_has_lost_is_bad_at_once(listening, clock, sink, board) -> None:
    async with listening(ZIGBEE) as say:
        await say("zigbee2mqtt/shelf", {"temperature": 4.1})
        await say("zigbee2mqtt/shelf/availability", {"state": "offline"})
        assert board.states["shelf-1"] == "offline"
        await say("zigbee2mqtt/shelf/availability", {"state": "offline"})
        assert [seen.reason for seen in sink.of("shelf")] == [None, "offline"]
        await say("zigbee2mqtt/shelf", {"temperature": 4.2})
        assert board.states["shelf-1"] is None


async def test_a_bridge_that_is_gone_takes_its_line_down(listening, clock, board) -> None:
    async with listening(ZIGBEE) as say:
        await say("zigbee2mqtt/bridge/state", {"state": "offline"}, retained=True)
        await clock.advance(1.0)
        assert board.states["zigbee"] == "bridge-offline"
        await say("zigbee2mqtt/bridge/state", b"online")
        await clock.advance(1.0)
        assert board.states["zigbee"] is None


def test_a_counter_that_fell_far_or_leapt_far_is_a_new_one_and_nothing_was_lost() -> None:
    counter = FrameCounter()
    assert [counter.take(f_cnt, bytes([f_cnt & 0xFF])) for f_cnt in (100, 103, 101, 0, 1, LONGEST_GAP + 3)] == [
        0, 2, 0, 0, 0, 0,
    ]  # fmt: skip
    assert counter.lost == 2


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"values": {"pressure": {"quantity": "temperature"}}}, "pressure: milesight has no value of that name"),
        ({"values": {"temperature": {"quantity": "setpoint"}}}, "setpoint does not come by radio"),
        ({"payload": "fields", "values": {"temperature": {"quantity": "temperature"}}}, "names no key"),
    ],
)
def test_a_profile_whose_values_nothing_could_fill_is_refused(told: dict, problem: str) -> None:
    whole = {"kind": "uplink", "title": "A device", "source": "its manual", "payload": "milesight", **told}
    with pytest.raises(msgspec.ValidationError, match=problem):
        msgspec.convert(whole, UplinkProfile)
