"""One simulated device on a real pty or socket, and the source of the edge that reads it: what an operator is told."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from coldport.bus_memory import MemoryBroker
from coldport.clock import SystemClock
from coldport.ids import GatewayId, SiteId
from coldport.site import load_site
from edge.health.book import HealthBook
from edge.lines.base import HttpPosts, HttpStream, Serial, Tcp
from edge.lines.modbus import ModbusDevice, ModbusRtuLine, ModbusTcpLine
from edge.lines.reader import ReaderLine
from edge.lines.scale import ScaleLine
from edge.lines.vendor import Network, UplinkDevice, UplinkLine
from edge.main import SystemLinks
from edge.ports import Outlet
from edge.profiles import load_profile, profile_path
from edge.sources.around import Around
from edge.sources.build import source_of
from firmware_sim.faults import Fault
from firmware_sim.places.lora import LoraDevice, LoraNetwork
from firmware_sim.places.readers import ImpinjHttp, LlrpLink, UhfTcp, ZebraHttp, ZebraMqtt
from firmware_sim.places.zigbee import ZigbeeDevice, ZigbeeNetwork
from firmware_sim.scenario import load_scenario
from firmware_sim.servers.lora import Model
from firmware_sim.servers.uhf.inventory import UhfModel
from firmware_sim.site import running

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"
EUI = "24e124136b0000ff"
PERIOD_S = 0.2
RADIO = {"lora": 60.0, "lht": 60.0, "zigbee": 10.0}
"""How often devices by radio send, in seconds of the floor; what hears them has its clock."""


SILENT_S = {"impinj": 3.0, "zebra": 3.0, "zebra-http": 3.0}
"""After how long a pause between parcels such a reader is silent, in the profiles of these tests."""


class FastClock(SystemClock):
    """The clock of a gateway whose floor's time goes faster."""

    def __init__(self, speed):
        self._speed = speed
        self._start, self._start_s = super().now(), super().monotonic_s()

    def now(self):
        return self._start + timedelta(seconds=self.monotonic_s() - self._start_s * self._speed)

    def monotonic_s(self):
        return super().monotonic_s() * self._speed

    async def sleep(self, duration_s):
        await super().sleep(duration_s / self._speed)


class Links(SystemLinks):
    """Real ports and sockets, and a broker in this process."""

    broker: MemoryBroker

    @asynccontextmanager
    async def bus(self, line, mqtt, filters):
        yield self.broker.client(line, filters)


class Operator:
    """All that the source of one line tells of it, and a hand at what is broken."""

    def __init__(self, sim, clock):
        self.sim = sim
        self.observations = []
        self.states = {}
        self.health = HealthBook(SiteId("s"), GatewayId("gw-1"), clock)

    async def record(self, observations):
        self.observations += observations

    def up(self, link, device=None):
        self.states[device or link] = None

    def down(self, link, reason, device=None):
        self.states[device or link] = reason

    def of(self, point):
        return [seen for seen in self.observations if seen.point == point]

    def newest(self, point):
        return (self.of(point) or [None])[-1]

    def pulse(self, device):
        return self.health._pulses.get(device)

    def begin(self, kind, target, **parameters):
        fault = Fault(kind=kind, target=target, **parameters)
        self.sim.faults.begin(fault)
        return fault


def _example(**changed):
    """The example site with nothing on its floor but its rooms."""
    bare = {
        "timeline": (), "probe_lines": (), "controller_lines": (), "meters": (), "contact_modules": (), "trucks": (),
        "output_modules": (), "lora_networks": (), "zigbee_networks": (), "lanes": (), "dock_gates": (),
    }  # fmt: skip
    return msgspec.structs.replace(load_scenario(EXAMPLE), **{**bare, **changed})


def _rtu(free_port, *, over_tcp=False):
    port = free_port() if over_tcp else None
    line = next(one for one in load_scenario(EXAMPLE).probe_lines if one.id == "cold-a")
    kept = tuple(probe for probe in line.probes if probe.id in ("c1-1", "c1-2"))
    devices = tuple(
        ModbusDevice(id=probe.id, unit=probe.unit, profile="renke-rs-ws-n01", points={
            "temperature": f"{probe.id}-temperature", "humidity": f"{probe.id}-humidity",
        })
        for probe in kept
    )  # fmt: skip
    way = {"tcp": Tcp(host="127.0.0.1", port=port)} if over_tcp else {"serial": Serial(path="lines/cold-a")}
    reads = ModbusRtuLine(id="cold-a", devices=devices, timeout_s=0.15, **way)
    return _example(probe_lines=(msgspec.structs.replace(line, probes=kept, port=port),)), reads


def _tcp(free_port):
    module, port = load_scenario(EXAMPLE).contact_modules[0], free_port()
    device = ModbusDevice(id="io-1-doors", unit=1, profile="door-module", points={"input-3": "c1-door"})
    reads = ModbusTcpLine(id="io-1", devices=(device,), tcp=Tcp(host="127.0.0.1", port=port), timeout_s=0.15)
    return _example(contact_modules=(msgspec.structs.replace(module, port=port),)), reads


def _meter(free_port):
    meter, port = load_scenario(EXAMPLE).meters[0], free_port()
    points = {"power": "plant-power", "energy": "plant-energy"}
    device = ModbusDevice(id="plant-supply", unit=1, profile="dtsu666", points=points)
    reads = ModbusTcpLine(id="plant-meter", devices=(device,), tcp=Tcp(host="127.0.0.1", port=port), timeout_s=0.15)
    return _example(meters=(msgspec.structs.replace(meter, port=port),)), reads


def _scale(lane, profile):
    def make(free_port):
        del free_port
        one = load_scenario(EXAMPLE).lanes[lane - 1]
        one = msgspec.structs.replace(one, gate=msgspec.structs.replace(one.gate, hears=None))
        reads = ScaleLine(
            id=f"lane-{lane}-weight", profile=profile, point=f"lane-{lane}-scale", division_kg=0.005 * lane,
            serial=Serial(path=f"lines/lane-{lane}-scale"),
        )  # fmt: skip
        return _example(lanes=(one,)), reads

    return make


def _reader(profile, link, way=lambda port: {"tcp": Tcp(host="127.0.0.1", port=port)}):
    def make(free_port):
        port = free_port()
        one = load_scenario(EXAMPLE).lanes[0]
        gate = msgspec.structs.replace(one.gate, reader=link(port))
        reads = ReaderLine(id="lane-1-reader", profile=profile, point="lane-1-gate", antennas=(1, 2), **way(port))
        return _example(lanes=(msgspec.structs.replace(one, gate=gate),)), reads

    return make


def _lora(model, temperature):
    def make(free_port):
        del free_port
        device = LoraDevice(id="c1-lora", room="c1", model=model, dev_eui=EUI, every_s=60.0)
        network = LoraNetwork(id="lora", application_id="6f1a3f0e-5b2c-4d51-9c3e-0a7f5c1d2e3b", devices=(device,))
        points = {temperature: "c1-1-temperature", "humidity": "c1-1-humidity"}
        heard = UplinkDevice(id="c1-lora", address=EUI, profile=model, points=points)
        return _example(lora_networks=(network,)), UplinkLine(id="air", network=Network.CHIRPSTACK, devices=(heard,))

    return make


def _zigbee(free_port):
    del free_port
    network = ZigbeeNetwork(id="zigbee", devices=(ZigbeeDevice(id="c1-zig", room="c1", every_s=10.0),))
    points = {"temperature": "c1-1-temperature", "humidity": "c1-1-humidity"}
    heard = UplinkDevice(id="c1-zig", address="c1-zig", profile="zigbee-climate", points=points)
    return _example(zigbee_networks=(network,)), UplinkLine(id="air", network=Network.ZIGBEE2MQTT, devices=(heard,))


DEVICES = {
    "rtu": (_rtu, 1.0),
    "rtu-tcp": (partial(_rtu, over_tcp=True), 1.0),
    "tcp": (_tcp, 1.0),
    "meter": (_meter, 10.0),
    "sics": (_scale(1, "mt-sics"), 1.0),
    "toledo": (_scale(2, "toledo-continuous"), 1.0),
    "llrp": (
        _reader(
            "llrp-1-1",
            lambda port: LlrpLink(port=port),
            lambda port: {"tcp": Tcp(host="127.0.0.1", port=port), "keepalive_s": 0.4},
        ),
        5.0,
    ),
    "impinj": (
        _reader(
            "impinj-iot",
            lambda port: ImpinjHttp(port=port),
            lambda port: {"http_stream": HttpStream(url=f"http://127.0.0.1:{port}/api/v1/data/stream")},
        ),
        20.0,
    ),
    "zebra": (
        _reader(
            "zebra-iot-connector",
            lambda _: ZebraMqtt(topic="zebra/data", management_topic="zebra/management"),
            lambda _: {"topics": ("zebra/data", "zebra/management")},
        ),
        20.0,
    ),
    "zebra-http": (
        _reader(
            "zebra-iot-connector",
            lambda port: ZebraHttp(url=f"http://127.0.0.1:{port}/lane-1"),
            lambda port: {"http_posts": HttpPosts(host="127.0.0.1", port=port, path="/lane-1")},
        ),
        20.0,
    ),
    "uhf": (_reader("uhf-reader-288", lambda port: UhfTcp(model=UhfModel.UHF288, port=port)), 5.0),
    "lora": (_lora(Model.EM300_TH, "temperature"), 200.0),
    "lht": (_lora(Model.LHT65N, "external-temperature"), 200.0),
    "zigbee": (_zigbee, 50.0),
}
"""A function that makes the scenario and the line for each kind of device, and how fast time goes on its floor."""


@pytest.fixture
def watching(tmp_path, free_port):
    """Watch a device of some kind."""

    @asynccontextmanager
    async def watch(device):
        make, speed = DEVICES[device]
        scenario, line = make(free_port)
        is_radio = device in RADIO
        clock, broker, site = FastClock(speed) if is_radio else SystemClock(), MemoryBroker(), load_site(EXAMPLE)
        links = Links(site, "gw-1", tmp_path, clock)
        links.broker = broker
        profiles = {one.profile for one in getattr(line, "devices", (line,))}
        points = {
            name: msgspec.structs.replace(point, every_s=RADIO.get(device, PERIOD_S))
            for name, point in site.points().items()
        }
        read = {name: load_profile(profile_path(EXAMPLE, name)) for name in profiles}
        if device in SILENT_S:
            read = {name: msgspec.structs.replace(one, silent_s=SILENT_S[device]) for name, one in read.items()}
        async with running(scenario, tmp_path, SystemClock(), bus=broker.client("vendors"), speed=speed) as sim:
            operator = Operator(sim, clock)
            around = Around(
                points=points,
                profiles=read,
                links=links,
                outlet=Outlet(operator, operator, clock, operator.health),
            )
            task = asyncio.create_task(source_of(line, around).run())
            try:
                yield operator
                assert not task.done(), task.exception()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    return watch
