"""What simulated UHF, Impinj and Zebra readers tell is read by the edge as it was read in the field."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols import uhf_reader as edge_uhf
from edge.protocols.impinj import ImpinjReader as EdgeImpinj
from edge.protocols.json_stream import ObjectStream
from edge.protocols.llrp.events import Closed, Connected
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.reader_events import AntennaEvent, GpiEvent, InventoryEvent, LostEvent, TagRead
from edge.protocols.zebra import ZebraReader as EdgeZebra
from firmware_sim.devices.device import TagRead as Simulated
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.http import Request
from firmware_sim.servers.llrp.outbox import REPORT_LIMIT
from firmware_sim.servers.llrp.reader import LlrpReader, identity
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import V1_0_1, V1_1
from firmware_sim.servers.uhf.inventory import UhfModel
from firmware_sim.servers.uhf.reader import UhfReader
from firmware_sim.servers.vendor.impinj import BUFFER_LIMIT, ImpinjReader
from firmware_sim.servers.vendor.impinj_rest import answer
from firmware_sim.servers.vendor.zebra import Mode, ZebraReader

EPOCH = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
FAMILIES = {UhfModel.UHF18: edge_uhf.Family.UHF18, UhfModel.UHF288: edge_uhf.Family.UHF288}

reads = st.builds(
    Simulated,
    epc=st.binary(min_size=12, max_size=12),
    antenna=st.integers(1, 4),
    rssi_dbm=st.integers(-80, -30),
    channel=st.integers(1, 16),
    at_s=st.just(1.0),
)


def quiet() -> Faults:
    return Faults(random.Random(1))


def signed(byte: int | None) -> int | None:
    return None if byte is None else byte - 256 if byte > 127 else byte


@pytest.mark.parametrize("model", list(UhfModel))
@given(heard=st.lists(reads, max_size=60), cut=st.integers(1, 300))
def test_an_inventory_of_a_uhf_reader_is_read_tag_by_tag(model, heard, cut) -> None:
    reader = UhfReader("g", model, 4, quiet())
    host, family = reader.connect(), FAMILIES[model]
    host.receive(edge_uhf.encode_command(0, edge_uhf.Command.INVENTORY), 0.0)
    reader.reads(heard, 0.05)
    sent, parser = host.send(1.0), edge_uhf.ReplyReader()

    replies = [reply for at in range(0, len(sent), cut) for reply in parser.feed(sent[at : at + cut])]
    told = {(tag.epc, tag.antenna, signed(tag.rssi)) for reply in replies for tag in edge_uhf.tags(family, reply)}

    assert [reply.ends_inventory for reply in replies] == [False] * (len(replies) - 1) + [True]
    if model is UhfModel.UHF18:
        assert told == {(read.epc.hex().upper(), None, None) for read in heard}
    else:
        keys = {(read.epc, read.antenna) for read in heard}
        assert told == {
            (epc.hex().upper(), antenna, max(r.rssi_dbm for r in heard if (r.epc, r.antenna) == (epc, antenna)))
            for epc, antenna in keys
        }
    assert parser.tally.spoiled == parser.tally.skipped_bytes == 0


@given(heard=st.lists(reads, min_size=1, max_size=20), antenna=st.integers(1, 4))
def test_a_288_asked_for_one_antenna_tells_of_that_one_alone(heard, antenna) -> None:
    reader = UhfReader("g", UhfModel.UHF288, 4, quiet())
    host, parser = reader.connect(), edge_uhf.ReplyReader()
    host.receive(edge_uhf.inventory(edge_uhf.Family.UHF288, 0, antenna, 0.5), 0.0)
    reader.reads(heard, 0.05)
    replies = parser.feed(host.send(0.5))
    tags = [tag for reply in replies for tag in edge_uhf.tags(edge_uhf.Family.UHF288, reply)]

    assert {tag.antenna for tag in tags} <= {antenna}
    assert len(tags) == len({read.epc for read in heard if read.antenna == antenna})


@pytest.mark.parametrize("model", list(UhfModel))
@given(read=reads, flip=st.integers(0, 22 * 8 - 1))
def test_pushed_tags_are_read_and_a_turned_bit_never(model, read, flip) -> None:
    reader = UhfReader("g", model, 4, quiet(), mode=1)
    host = reader.connect()
    reader.reads([read], 0.0)
    sent = bytearray(host.send(0.0))
    (reply,) = edge_uhf.ReplyReader().feed(bytes(sent))
    (tag,) = edge_uhf.tags(FAMILIES[model], reply)
    sent[flip // 8 % len(sent)] ^= 1 << flip % 8

    assert tag.epc == read.epc.hex().upper()
    told = (tag.antenna, signed(tag.rssi))
    assert told == ((None, None) if model is UhfModel.UHF18 else (read.antenna, read.rssi_dbm))
    parser = edge_uhf.ReplyReader()
    assert parser.feed(bytes(sent)) + parser.give_up() == []


def test_everything_an_impinj_reader_tells_is_understood() -> None:
    faults = quiet()
    sim = ImpinjReader("g", 4, faults, now=lambda: EPOCH, epoch=lambda: EPOCH)
    edge, told = EdgeImpinj(), []
    sim.listen(lambda event: told.extend(edge.read(event, 0.0)))
    read = Simulated(b"\xfb\xff" * 6, 3, -52, 1, 0.0)

    sim.reads([read], 0.0)
    sim.gpi(2, high=True)
    sim.antenna(1, connected=False)
    answer(sim, Request("POST", "/api/v1/profiles/stop", b""))
    assert told == [
        TagRead(epc="FBFF" * 6, antenna=3, rssi_dbm=-52.0, age_s=0.0, count=1),
        GpiEvent(port=2, high=True, age_s=0.0),
        AntennaEvent(antenna=1, connected=False),
        InventoryEvent(running=False),
    ]
    told.clear()
    answer(sim, Request("POST", "/api/v1/profiles/inventory/start", b""))
    faults.begin(silence := Fault(kind=FaultKind.SILENCE, target="g"))
    sim.reads([read] * (BUFFER_LIMIT + 7), 0.0)
    faults.end(silence)
    assert [event.count for event in told if isinstance(event, LostEvent)] == [7]
    assert len([event for event in told if isinstance(event, TagRead)]) == BUFFER_LIMIT


@given(
    rounds=st.lists(st.lists(reads, min_size=1, max_size=5), min_size=2, max_size=5),
    lost=st.integers(0, 3),
    cut=st.integers(1, 99),
)
def test_glued_zebra_events_are_read_in_any_cut_and_lost_ones_are_counted(rounds, lost, cut) -> None:
    faults, chunks = quiet(), []
    sim = ZebraReader(
        name="g", faults=faults, mode=Mode.CUSTOM, offset=timedelta(hours=8), epoch=lambda: EPOCH, now=lambda: EPOCH,
        on_data=chunks.append, on_management=chunks.append,
    )  # fmt: skip
    sim.reads(rounds[0], 0.0)
    faults.begin(silence := Fault(kind=FaultKind.SILENCE, target="g"))
    sim.reads(rounds[0][:1] * lost, 0.0)
    faults.end(silence)
    for heard in rounds[1:]:
        sim.reads(heard, 0.0)
    sim.gpi(1, high=True)
    stream, edge, sent = ObjectStream(), EdgeZebra(), b"".join(chunks)

    objects = [one for at in range(0, len(sent), cut) for one in stream.feed(sent[at : at + cut])]
    told = [event for one in objects for event in edge.read(one, 0.0)]

    tags = [event for event in told if isinstance(event, TagRead)]
    assert [(tag.epc, tag.antenna, tag.rssi_dbm) for tag in tags] == [
        (read.epc.hex().upper(), read.antenna, read.rssi_dbm) for heard in rounds for read in heard
    ]
    assert [event.count for event in told if isinstance(event, LostEvent)] == ([lost] if lost else [])
    assert told[-1] == GpiEvent(port=1, high=True, age_s=pytest.approx(told[-1].age_s))


class Talk:
    """The edge's session and a connection to a simulated LLRP reader, with nothing between."""

    def __init__(self, setup: Setup, *, newest: int = V1_1, has_clock: bool = True) -> None:
        self.now_s = 0.0
        stamps = Stamps(1_594_174_805_140_192, lambda: self.now_s, has_clock=has_clock)
        self.reader = LlrpReader("g", 2, quiet(), stamps=stamps, inputs=2, newest=newest)
        self.there = self.reader.connect()
        self.session = Session(setup, now_s=0.0)
        self.versions: set[int] = set()

    def talk(self, now_s: float = 0.0) -> list:
        events, self.now_s = [], now_s
        while True:
            sent = self.session.take_outgoing()
            if sent:
                self.versions.add(sent[0] >> 2)
                self.there.receive(sent, now_s)
            heard = self.there.send(now_s)
            events += self.session.receive(heard, now_s)
            if not sent and not heard:
                return events


READ = Simulated(bytes.fromhex("3054257BF7194E4000001A85"), 2, -48, 1, 1.0)


@pytest.mark.parametrize(("newest", "spoken"), [(V1_1, 2), (V1_0_1, 1)])
def test_the_newer_llrp_is_spoken_where_the_reader_knows_it_and_the_older_one_elsewhere(newest, spoken) -> None:
    gate = Talk(Setup(antennas=(1, 2), negotiate=True), newest=newest)
    assert isinstance(gate.talk()[-1], Connected)
    gate.versions.clear()
    gate.reader.reads([READ], 1.0)
    assert [event.epc for event in gate.talk(1.0)] == [READ.epc.hex().upper()]
    gate.session.stop(2.0)
    gate.talk(2.0)
    assert gate.versions == {spoken}


def test_light_barriers_antennas_and_lost_reports_of_an_llrp_reader_are_told() -> None:
    gate = Talk(Setup(antennas=(1, 2), gpi_ports=(1, 2)))
    gate.talk()
    gate.now_s = 1.0
    gate.reader.gpi(1, high=True)
    gate.reader.antenna(2, connected=False)
    assert [event for event in gate.talk(1.0) if isinstance(event, GpiEvent)] == [
        GpiEvent(port=1, high=True, age_s=pytest.approx(0.0, abs=0.1))
    ]
    gate.reader.antenna(2, connected=True)
    assert AntennaEvent(antenna=2, connected=True) in gate.talk(2.0)
    gate.reader.reads([READ] * (REPORT_LIMIT + 5000), 3.0)
    assert any(isinstance(event, LostEvent) for event in gate.talk(3.0))


def test_a_reader_that_knows_only_its_uptime_gives_tags_an_age() -> None:
    gate = Talk(Setup(antennas=(1, 2)), has_clock=False)
    gate.talk()
    gate.reader.reads([READ], 1.0)
    (read,) = gate.talk(1.0)
    assert read.age_s == pytest.approx(0.0, abs=0.1)


def test_another_reader_than_was_wired_is_left_alone() -> None:
    assert isinstance(Talk(Setup(antennas=(1,), identity=identity("g").hex())).talk()[0], Connected)
    (closed,) = Talk(Setup(antennas=(1,), identity=identity("h").hex())).talk()
    assert isinstance(closed, Closed)
    assert closed.reason == "wrong-device"
