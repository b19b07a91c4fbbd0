"""The catalogue's cold-chain profiles and the simulated devices, written apart from the same manuals, agree."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.bus import Received
from coldport.ids import PointId
from coldport.site import Point, Quantity
from edge.drivers.modbus.units import Unit, units_of
from edge.drivers.radio.chirpstack import ChirpstackDialect
from edge.drivers.radio.devices import RadioDevice
from edge.drivers.radio.uplinks import Trouble
from edge.drivers.radio.zigbee import ZigbeeDialect
from edge.lines.modbus import ModbusTcpLine
from edge.profiles import CATALOGUE, load_profile
from edge.protocols.modbus import ExceptionReplyError
from edge.protocols.modbus_tcp import TcpExchange
from firmware_sim.devices.device import Report, Sample
from firmware_sim.faults import Faults
from firmware_sim.servers import chirpstack, zigbee2mqtt
from firmware_sim.servers.lora import Model as RadioModel
from firmware_sim.servers.lora import decoded, payload
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.modules import Diverter, MeterModel, Relay, controller, meter, outputs
from firmware_sim.servers.profiles import Model, transmitter

EUI = "24e124136b000001"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Bench:
    """One simulated unit, and our side of the line to it."""

    def __init__(self, name: str, simulated, *values: str) -> None:
        line = msgspec.convert(
            {
                "kind": "modbus-tcp",
                "id": "line",
                "tcp": {"host": "bench", "port": 502},
                "devices": [{"id": "one", "unit": 1, "profile": name, "points": {value: value for value in values}}],
            },
            ModbusTcpLine,
        )
        points = {PointId(value): Point(id=value, quantity=Quantity.DOOR, every_s=1) for value in values}
        profiles = {name: load_profile(CATALOGUE / f"{name}.toml")}
        [self.unit] = units_of(line, profiles, points)
        assert isinstance(self.unit, Unit)
        self._server = TcpSlaves(Slaves("line", {1: simulated}, Faults(random.Random(1))))
        self._number = 0

    def ask(self, request) -> tuple[int, ...]:
        self._number += 1
        exchange = TcpExchange(1, request, self._number)
        self._server.receive(exchange.outgoing, 0.0)
        values = exchange.feed(self._server.send(0.0))
        assert values is not None
        return values

    def read(self) -> dict:
        return {
            value.point: value.measure(reply)
            for block in self.unit.blocks
            for reply in [self.ask(block.request)]
            for value in block.values
        }

    def put(self, point: str, value: float) -> None:
        [place] = (place for place in self.unit.outputs if place.point == point)
        self.ask(place.writing(value))


class Cell:
    """A value of the simulated floor that can be told."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def ask(self) -> float:
        return self.value

    def tell(self, value: float) -> None:
        self.value = value


@pytest.mark.parametrize("temperature_c", [-39.9, -18.0, -0.1, 0.0, 25.0])
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Model.RS_WS_N01, "renke-rs-ws-n01"),
        (Model.XY_MD02, "xy-md02"),
        (Model.R444A01, "r444a01"),
        (Model.SRTH100, "l-com-srth100"),
        (Model.KINCONY_SHT30, "kincony-sht30"),
    ],
)
def test_a_transmitter_is_read_by_its_profile(model: Model, name: str, temperature_c: float) -> None:
    bench = Bench(name, transmitter(model, 1, 9600, lambda: temperature_c, lambda: 54.6), "temperature", "humidity")
    assert {point: measured.value for point, measured in bench.read().items()} == {
        "temperature": temperature_c,
        "humidity": 54.6,
    }


def test_an_open_probe_is_a_sentinel_and_no_temperature() -> None:
    bench = Bench("ntc-module", transmitter(Model.NTC, 1, 9600, lambda: -21.5, lambda: 0.0), "probe-1", "probe-2")
    read = bench.read()
    assert (read["probe-1"].value, read["probe-2"].reason) == (-21.5, "sentinel")


@pytest.mark.parametrize(("model", "name"), [(MeterModel.SDM120, "sdm120"), (MeterModel.DTSU666, "dtsu666")])
def test_a_meter_is_read_by_its_profile(model: MeterModel, name: str) -> None:
    bench = Bench(name, meter(model, lambda: 7.25, lambda: 1234.5), "power", "energy")
    read = bench.read()
    assert read["power"].value == pytest.approx(7.25, rel=1e-6)
    assert read["energy"].value == pytest.approx(1234.5, rel=1e-6)


def test_lamps_siren_and_diverter_are_moved_by_the_profile_and_read_back() -> None:
    relays, way = [Cell() for _ in range(4)], Cell()
    simulated = outputs([Relay(one.ask, one.tell) for one in relays], [Diverter(way.ask, way.tell, way.ask, ways=3)])
    bench = Bench("relay-module", simulated, "red", "amber", "green", "siren", "diverter")

    for point, value in {"red": 1, "green": 1, "siren": 1, "diverter": 2}.items():
        bench.put(point, value)
    bench.put("green", 0)

    assert ([one.value for one in relays], way.value) == ([1, 0, 0, 1], 2)
    assert {point: measured.value for point, measured in bench.read().items()} == {
        "red": 1, "amber": 0, "green": 0, "siren": 1, "diverter": 2,
    }  # fmt: skip
    with pytest.raises(ExceptionReplyError):
        bench.put("diverter", 3)


def test_a_controller_takes_a_set_point_within_its_own_limits_only() -> None:
    cold = Cell(-18.0)
    simulated = controller(lambda: -17.4, (cold.ask, cold.tell), (-25.0, -10.0), [lambda: 1.0, lambda: 0.0])
    bench = Bench("cold-room-controller", simulated, "air", "compressor", "defrost", "setpoint")

    bench.put("setpoint", -20.5)

    assert {point: measured.value for point, measured in bench.read().items()} == {
        "air": -17.4, "compressor": 1, "defrost": 0, "setpoint": -20.5,
    }  # fmt: skip
    with pytest.raises(ExceptionReplyError) as refused:
        bench.put("setpoint", 4.0)
    assert (refused.value.reason, cold.value) == ("exception-3", -20.5)


def device_of(name: str, address: str) -> RadioDevice:
    profile = load_profile(CATALOGUE / f"{name}.toml")
    return RadioDevice("one", address, profile.payload, {n: (PointId(n), v) for n, v in profile.values.items()}, 600.0)


def sample(*, is_open: bool = False, at_s: float = 0.0) -> Sample:
    return Sample(at_s=at_s, temperature_c=-5.3, humidity_percent=71.5, is_open=is_open)


def heard(model: RadioModel, report: Report, *, with_bytes: bool, probe_open: bool = False):
    info = chirpstack.DeviceInfo(application_id="7", dev_eui=EUI)
    frame = chirpstack.Frame(
        number=report.number,
        port=model.port,
        data=payload(model, report, NOON, probe_open=probe_open) if with_bytes else b"",
        decoded=None if with_bytes else decoded(model, report, NOON, probe_open=probe_open),
        heard=chirpstack.Reception(gateway_id="g", rssi=-97),
    )
    dialect = ChirpstackDialect("application", [device_of(model.value, EUI)])
    message = chirpstack.uplink(info, "01a2b3c4", "id", NOON, frame)
    said = dialect.hear(Received(chirpstack.topic(info, "up"), message, retained=False, ack=lambda: None))
    assert said is not None
    assert not isinstance(said, Trouble)
    return said


@pytest.mark.parametrize("with_bytes", [True, False], ids=["bytes", "decoded-by-the-network"])
@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        (RadioModel.EM300_TH, {"temperature": -5.3, "humidity": 71.5}),
        (RadioModel.EM300_MCS, {"temperature": -5.3, "humidity": 71.5, "contact": 1.0}),
        (RadioModel.LHT65N, {"temperature": -5.3, "humidity": 71.5, "external-temperature": -5.3}),
    ],
)
def test_a_device_by_radio_is_heard_alike_by_its_bytes_and_by_the_network_s_codec(model, wanted, with_bytes) -> None:
    report = Report(number=0, at_s=0.0, battery_percent=92.0, sample=sample(is_open=True), history=())
    said = heard(model, report, with_bytes=with_bytes)
    assert {name: said.sent.values[name] for name in wanted} == wanted
    assert (said.at, said.rssi_dbm) == (NOON, -97)


@pytest.mark.parametrize("with_bytes", [True, False], ids=["bytes", "decoded-by-the-network"])
def test_an_open_probe_by_radio_has_no_value(with_bytes) -> None:
    report = Report(number=0, at_s=0.0, battery_percent=92.0, sample=sample(), history=())
    said = heard(RadioModel.LHT65N, report, with_bytes=with_bytes, probe_open=True)
    value = device_of("lht65n", EUI).values["external-temperature"][1]
    assert value.measure(said.sent.values["external-temperature"]).value is None


def test_what_an_em300_kept_comes_with_its_own_time() -> None:
    kept = tuple(sample(at_s=600.0 * n) for n in range(10))
    report = Report(number=7, at_s=9_000.0, battery_percent=92.0, sample=None, history=kept)
    said = heard(RadioModel.EM300_TH, report, with_bytes=True)
    assert [past.epoch_s for past in said.sent.history] == [
        int((NOON + timedelta(seconds=600 * n)).timestamp()) for n in range(10)
    ]
    assert {past.values["temperature"] for past in said.sent.history} == {-5.3}


@pytest.mark.parametrize("is_open", [False, True])
def test_a_zigbee_contact_is_open_when_the_door_is(is_open) -> None:
    report = Report(number=0, at_s=0.0, battery_percent=88.0, sample=sample(is_open=is_open), history=())
    device = device_of("zigbee-contact", "bay")
    message = zigbee2mqtt.state(report, NOON, is_contact=True, linkquality=120)
    said = ZigbeeDialect("zigbee2mqtt", [device]).hear(
        Received("zigbee2mqtt/bay", message, retained=False, ack=lambda: None)
    )
    assert device.values["contact"][1].measure(said.sent.values["contact"]).value == float(is_open)
    assert (said.at, said.battery_percent) == (NOON, 88.0)
