import asyncio
import base64
import json
from datetime import UTC, datetime

import pytest
from chirpstack_api import integration
from google.protobuf import json_format

from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from firmware_sim.devices.device import Report, Sample
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.floor import build
from firmware_sim.lines.line import Address
from firmware_sim.places.street import WAITING_LIMIT, Post
from firmware_sim.servers.lora import Model, decoded, payload
from firmware_sim.site import served

EPOCH = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CHIRPSTACK = "application/+/device/+/event/+"
TIMES = ("gwTime", "nsTime")


def report(temperature_c, humidity_percent, battery=92.0, *, is_open=False):
    sample = Sample(at_s=0.0, temperature_c=temperature_c, humidity_percent=humidity_percent, is_open=is_open)
    return Report(at_s=0.0, number=0, battery_percent=battery, sample=sample, history=())


def old(at, temperature_c, humidity_percent):
    at_s = (at - EPOCH).total_seconds()
    sample = Sample(at_s=at_s, temperature_c=temperature_c, humidity_percent=humidity_percent, is_open=False)
    return Report(at_s=0.0, number=0, battery_percent=92.0, sample=None, history=(sample,))


def test_an_em300_sends_battery_temperature_and_humidity_as_in_its_manual():
    assert payload(Model.EM300_TH, report(30.8, 50.5), EPOCH).hex() == "01755c03673401046865"
    assert decoded(Model.EM300_TH, report(30.8, 50.5), EPOCH) == {"battery": 92, "temperature": 30.8, "humidity": 50.5}


def test_an_em300_sends_an_old_sample_with_its_own_time_as_in_its_manual():
    sent = old(datetime.fromtimestamp(1_665_561_758, UTC), 27.2, 46.5)
    assert payload(Model.EM300_TH, sent, EPOCH).hex() == "20ce9e74466310015d00"
    assert decoded(Model.EM300_TH, sent, EPOCH)["history"] == [
        {"timestamp": 1_665_561_758, "temperature": 27.2, "humidity": 46.5}
    ]


def test_a_door_magnet_adds_its_contact_and_below_zero_is_twos_complement_low_byte_first():
    sent = report(-20.5, 78.0, is_open=True)
    assert payload(Model.EM300_MCS, sent, EPOCH).hex() == "01755c036733ff04689c060001"
    assert decoded(Model.EM300_MCS, sent, EPOCH)["magnet_status"] == "open"


def test_an_lht65n_sends_eleven_bytes_with_the_high_byte_first_and_7fff_for_a_probe_that_is_open():
    sent = report(28.29, 88.6, battery=93.7)
    assert payload(Model.LHT65N, sent, EPOCH).hex() == "cbf60b0d0376010b0d7fff"
    assert payload(Model.LHT65N, sent, EPOCH, probe_open=True).hex() == "cbf60b0d0376017fff7fff"
    fields = decoded(Model.LHT65N, sent, EPOCH, probe_open=True)
    assert (fields["BatV"], fields["TempC_SHT"], fields["TempC_DS"]) == (3.062, "28.29", "327.67")


class NoEnds:
    """Makes lines that nobody is on; the devices of these tests speak over the bus."""

    def serial(self, name):
        raise NotImplementedError(name)

    def listen(self, name, address: Address, serve):
        raise NotImplementedError(name)

    def plug(self, name, *, wanted):
        pass

    async def open(self):
        pass

    async def close(self):
        pass


@pytest.fixture
def clock():
    return ManualClock(EPOCH)


@pytest.fixture
def broker():
    return MemoryBroker()


@pytest.fixture
def run(on_the_road, clock, broker):
    """Let the wireless site live for some seconds; return what was published to a filter, decoded."""

    async def published(topic_filter, duration_s, *, seed=1, faults=()):
        floor = build(on_the_road, seed)
        for fault in faults:
            floor.faults.begin(fault)
        heard = broker.client(f"test-{topic_filter}", [topic_filter])
        async with served(floor, NoEnds(), clock, bus=broker.client("sim"), speed=100.0):
            await clock.advance(duration_s / 100)
        return [(message.topic, json.loads(message.payload)) for message in heard.waiting]

    return published


async def test_chirpstack_publishes_a_join_and_then_uplinks_without_what_has_its_default_value(run):
    events = await run(CHIRPSTACK, 1900)
    mine = [(topic, event) for topic, event in events if event["deviceInfo"]["deviceName"] == "c1-w"]
    kinds = [topic.rsplit("/", 1)[1] for topic, _ in mine]
    assert kinds == ["join", "up", "up", "up", "up"]
    assert mine[0][0] == "application/6f1a3f0e-5b2c-4d51-9c3e-0a7f5c1d2e3b/device/24e124136b000002/event/join"
    first, second = mine[1][1], mine[2][1]
    assert "fCnt" not in first
    assert "confirmed" not in first
    assert (second["fCnt"], second["fPort"], second["adr"], second["regionConfigId"]) == (1, 85, True, "cn470_10")
    assert second["time"].endswith("+00:00")
    assert base64.b64decode(second["data"])[:2] == b"\x01\x75"
    assert second["rxInfo"][0]["crcStatus"] == "CRC_OK"
    assert 2.0 < second["object"]["temperature"] < 8.0
    assert len({event["deduplicationId"] for _, event in events}) == len(events)


@pytest.mark.thirdparty
async def test_chirpstacks_own_messages_read_every_event_and_would_write_it_the_same_way(run):
    kinds = {"up": integration.UplinkEvent, "join": integration.JoinEvent}
    events = await run(CHIRPSTACK, 6000)
    assert len(events) > 40
    for topic, event in events:
        message = json_format.Parse(json.dumps(event), kinds[topic.rsplit("/", 1)[1]]())
        again = json.loads(json_format.MessageToJson(message))
        for owner, key in ((again, "time"), *((heard, key) for heard in again.get("rxInfo", ()) for key in TIMES)):
            owner[key] = datetime.fromisoformat(owner[key]).isoformat(timespec="milliseconds")
        assert event["deviceInfo"].pop("deviceClassEnabled") == "CLASS_A"  # servers write it, default or not
        assert again == event


async def test_the_same_seed_publishes_the_same_bytes_and_another_one_others(on_the_road):
    async def once(seed):
        broker, clock = MemoryBroker(), ManualClock(EPOCH)
        heard = broker.client("test", ["#"])
        async with served(build(on_the_road, seed), NoEnds(), clock, bus=broker.client("sim"), speed=100.0):
            await clock.advance(20)
        return [(message.topic, message.payload) for message in heard.waiting]

    first = await once(9)
    assert len(first) > 20
    assert await once(9) == first
    assert await once(10) != first


async def test_a_network_that_is_silent_publishes_nothing_of_any_of_its_devices(run):
    assert await run(CHIRPSTACK, 1900, faults=[Fault(kind=FaultKind.SILENCE, target="lora")]) == []


async def test_zigbee2mqtt_says_true_for_a_closed_contact_and_when_it_saw_the_device(run):
    messages = dict(await run("zigbee2mqtt/#", 700))
    assert messages["zigbee2mqtt/bridge/state"] == {"state": "online"}
    assert messages["zigbee2mqtt/c1-z/availability"] == {"state": "online"}
    assert messages["zigbee2mqtt/c1-z-door"]["contact"] is True
    state = messages["zigbee2mqtt/c1-z"]
    assert set(state) == {"temperature", "humidity", "battery", "voltage", "linkquality", "last_seen"}
    assert state["last_seen"].startswith("2026-11-24T02:")


async def test_messages_wait_for_the_broker_and_the_oldest_are_lost_first(broker, clock):
    post, heard = Post(), broker.client("test", ["t/+"])
    for n in range(WAITING_LIMIT + 5):
        post.put(Outgoing(f"t/{n}", b""))
    broker.up = False
    with pytest.raises(UnavailableError):
        await post.deliver(broker.client("sim"))
    broker.up = True
    delivering = asyncio.create_task(post.deliver(broker.client("sim")))
    await clock.settle()
    delivering.cancel()
    assert [message.topic for message in heard.waiting] == [f"t/{n}" for n in range(5, WAITING_LIMIT + 5)]
