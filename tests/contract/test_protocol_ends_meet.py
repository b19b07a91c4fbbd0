"""The edge's codecs and the simulator's, written apart from the same manuals, understand each other."""

import random

import pytest

from coldport.messages.observation import Quality
from edge.points import BitScale, RegisterScale
from edge.protocols import sics
from edge.protocols.llrp.events import Closed, Connected, RefusedBusy
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.modbus import ExceptionReplyError, Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.protocols.reader_events import ReaderProblem, TagRead
from edge.protocols.toledo import continuous_stream
from firmware_sim.devices.device import TagRead as SimulatedRead
from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.llrp.reader import LlrpReader
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modbus_rtu import RtuSlaves
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.modules import contacts
from firmware_sim.servers.profiles import Model, transmitter
from firmware_sim.servers.sics import SicsTerminal
from firmware_sim.servers.toledo import ToledoContinuous

TENTHS = RegisterScale(scale=0.1, sentinels=(0x8000,), minimum=-40.0, maximum=100.0)
EPC = bytes.fromhex("3054257BF7194E4000001A85")


@pytest.fixture
def faults() -> Faults:
    return Faults(random.Random(1))


@pytest.fixture
def scale() -> Scale:
    return Scale(Platform(capacity_kg=60, division_kg=0.005, noise_divisions=0), random.Random(1))


def put(scale: Scale, load_kg: float, *, seconds: float, overload: float = 0.0) -> None:
    """Put a load on, and let so many seconds pass."""
    inputs = {"load_kg": load_kg, "disturbance": 0.0, "overload": overload}
    scale.update(100.0, inputs)
    scale.update(100.0 + seconds, inputs)


def values_of(exchange, server):
    server.receive(exchange.outgoing, 0.0)
    return exchange.feed(server.send(0.0))


@pytest.mark.parametrize("temperature_c", [-39.9, -18.0, -0.1, 0.0, 7.3, 25.0])
@pytest.mark.parametrize(
    ("model", "request_", "order"),
    [
        (Model.RS_WS_N01, ReadRequest(Function.HOLDING_REGISTERS, 0, 2), (1, 0)),
        (Model.XY_MD02, ReadRequest(Function.INPUT_REGISTERS, 1, 2), (0, 1)),
    ],
    ids=["renke", "xy-md02"],
)
def test_a_simulated_transmitter_is_read_to_the_tenth(temperature_c, model, request_, order, faults) -> None:
    unit = transmitter(model, 5, 9600, temperature_c=lambda: temperature_c, humidity_percent=lambda: 65.8)
    line = RtuSlaves(Slaves("cold-a", {5: unit}, faults))

    registers = values_of(RtuExchange(5, request_), line)

    assert [TENTHS.measure([registers[at]]).value for at in order] == [temperature_c, 65.8]


def test_simulated_faults_of_a_transmitter_are_told_apart(faults) -> None:
    unit = transmitter(Model.XY_MD02, 1, 9600, temperature_c=lambda: 5.0, humidity_percent=lambda: 50.0)
    line = RtuSlaves(Slaves("cold-b", {1: unit}, faults))
    request = ReadRequest(Function.INPUT_REGISTERS, 1, 2)

    faults.begin(probe_open := Fault(kind=FaultKind.SENTINEL, target="cold-b", unit=1))
    assert TENTHS.measure(values_of(RtuExchange(1, request), line)[:1]).reason == "sentinel"
    faults.end(probe_open)

    faults.begin(refusing := Fault(kind=FaultKind.EXCEPTION, target="cold-b", unit=1, code=6))
    with pytest.raises(ExceptionReplyError) as caught:
        values_of(RtuExchange(1, request), line)
    assert caught.value.reason == "exception-6"
    faults.end(refusing)

    faults.begin(Fault(kind=FaultKind.SILENCE, target="cold-b", unit=1))
    exchange = RtuExchange(1, request)
    assert values_of(exchange, line) is None
    assert exchange.give_up().reason == "timeout"


def test_simulated_door_contacts_are_read_over_tcp(faults) -> None:
    doors = [lambda: 1.0, lambda: 0.0, lambda: 1.0, lambda: 0.0]
    server = TcpSlaves(Slaves("io-1", {1: contacts(doors)}, faults))

    bits = values_of(TcpExchange(1, ReadRequest(Function.DISCRETE_INPUTS, 0, 4), 7), server)

    assert [BitScale().measure(bit).value for bit in bits] == [1.0, 0.0, 1.0, 0.0]


def test_a_simulated_sics_scale_answers_every_command_we_have(scale, faults) -> None:
    terminal = SicsTerminal("lane-1-scale", "B021", scale, faults)
    conversation = sics.Conversation()
    put(scale, 12.345, seconds=30.0)

    def ask(command: sics.Command):
        terminal.receive(conversation.ask(command), 0.0)
        heard = conversation.feed(terminal.send(0.0))
        assert conversation.waiting is None
        assert all(one.asked is command for one in heard)
        return heard[-1].reply

    assert ask(sics.STABLE_WEIGHT) == sics.WeightReply("S", 12.345, stable=True)
    assert ask(sics.TARE) == sics.WeightReply("T", 12.345, stable=True)
    assert ask(sics.WEIGHT_NOW) == sics.WeightReply("S", 0.0, stable=True)
    assert ask(sics.TARE_WEIGHT) == sics.WeightReply("TA", 12.345, stable=None)
    assert ask(sics.CLEAR_TARE) == sics.DoneReply("TAC")
    assert ask(sics.ZERO) == sics.RefusedReply("Z", "overload")
    for command in (sics.COMMANDS, sics.LEVELS, sics.MODEL, sics.SOFTWARE, sics.SOFTWARE_NUMBER):
        assert ask(command).texts
    assert ask(sics.SERIAL_NUMBER).texts == ask(sics.RESET).texts == ("B021",)

    put(scale, 12.345, seconds=30.0, overload=1.0)
    assert ask(sics.WEIGHT_NOW).reason == "overload"


def test_a_simulated_toledo_scale_shows_what_stands_on_it(scale, faults) -> None:
    terminal = ToledoContinuous("lane-2-scale", scale, faults)
    reader = continuous_stream(with_checksum=True)
    put(scale, 12.345, seconds=30.0)
    (gross,) = reader.feed(terminal.send(0.0))
    terminal.receive(b"T", 0.0)
    (net,) = reader.feed(terminal.send(1.0))
    put(scale, 12.345, seconds=30.0, overload=1.0)
    (over,) = reader.feed(terminal.send(2.0))

    assert (gross.gross_kg, gross.net_kg, gross.device_stable, gross.division_kg) == (12.345, None, True, 0.005)
    assert (net.net_kg, net.tare_kg, net.gross_kg) == (0.0, 12.345, None)
    assert (over.quality, over.reason) == (Quality.BAD, "overload")
    assert gross.warnings == ()
    assert reader.tally.spoiled == reader.tally.skipped_bytes == 0


class Gate:
    """Our session and a connection to a simulated reader, with nothing between."""

    def __init__(self, reader: LlrpReader, setup: Setup) -> None:
        self.there = reader.connect()
        self.session = Session(setup, now_s=0.0)

    def talk(self, now_s: float) -> list:
        """Carry bytes to and fro until both have said what they have to say."""
        events = []
        while True:
            sent = self.session.take_outgoing()
            if sent:
                self.there.receive(sent, now_s)
            heard = self.there.send(now_s)
            events += self.session.receive(heard, now_s)
            if not sent and not heard:
                return events


@pytest.fixture
def reader(faults) -> LlrpReader:
    return LlrpReader("lane-1-gate", 2, faults, stamps=Stamps(1_594_174_805_140_192, lambda: 0.0))


def test_a_simulated_gate_is_set_up_read_watched_and_left(reader, faults) -> None:
    gate = Gate(reader, Setup(antennas=(1, 2), power_dbm=27.0, keepalive_s=2.0))

    (connected,) = gate.talk(0.0)
    assert isinstance(connected, Connected)
    assert connected.capabilities.country == 156

    reader.reads([SimulatedRead(epc=EPC, antenna=2, rssi_dbm=-48, at_s=0.0, channel=1)], 1.0)
    (read,) = gate.talk(1.0)
    assert (read.epc, read.antenna, read.rssi_dbm, read.count) == (EPC.hex().upper(), 2, -48, 1)
    for second in range(2, 10):
        assert gate.talk(float(second)) == []
        assert gate.session.deadline_s > second + 0.5

    gate.session.stop(10.0)
    (closed,) = gate.talk(10.0)
    assert closed == Closed(reason="stopped", text="the reader has closed the session")


def test_a_second_client_of_a_simulated_gate_is_refused_and_the_first_is_told(reader) -> None:
    first = Gate(reader, Setup(antennas=(1,)))
    first.talk(0.0)
    second = Gate(reader, Setup(antennas=(1,)))

    assert [type(event) for event in second.talk(1.0)] == [RefusedBusy, Closed]
    assert [event.reason for event in first.talk(1.0)] == ["another-client"]


def test_a_stalled_simulated_gate_is_lost_within_one_and_a_half_keepalive_periods(reader, faults) -> None:
    gate = Gate(reader, Setup(antennas=(1,), keepalive_s=2.0))
    gate.talk(0.0)
    gate.talk(2.0)
    faults.begin(Fault(kind=FaultKind.SILENCE, target="lane-1-gate"))

    assert gate.talk(4.0) == []
    (closed,) = gate.session.tick(2.0 + 1.5 * 2.0)
    assert closed.reason == "silent"


def test_unknown_messages_of_a_simulated_gate_cost_nothing(reader, faults) -> None:
    faults.begin(Fault(kind=FaultKind.UNKNOWN_MESSAGE, target="lane-1-gate"))
    gate = Gate(reader, Setup(antennas=(1, 2)))
    gate.talk(0.0)
    reader.reads([SimulatedRead(epc=EPC, antenna=1, rssi_dbm=-48, at_s=0.0, channel=1)], 1.0)

    events = gate.talk(1.0)

    assert [event.reason for event in events if isinstance(event, ReaderProblem)] == ["unknown-message"]
    assert [event.epc for event in events if isinstance(event, TagRead)] == [EPC.hex().upper()]
