"""What simulated UHF, Impinj and Zebra readers tell is read by the edge as it was read in the field."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols import uhf_reader as edge_uhf
from edge.protocols.impinj import ImpinjReader as EdgeImpinj
from edge.protocols.json_stream import ObjectStream
from edge.protocols.reader_events import AntennaEvent, GpiEvent, InventoryEvent, LostEvent, TagRead
from edge.protocols.zebra import ZebraReader as EdgeZebra
from firmware_sim.devices.device import TagRead as Simulated
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.http import Request
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
    sim = ImpinjReader("g", 4, faults, now=lambda: EPOCH, epoch=EPOCH)
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
        name="g", faults=faults, mode=Mode.CUSTOM, offset=timedelta(hours=8), epoch=EPOCH, now=lambda: EPOCH,
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
