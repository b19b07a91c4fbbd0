"""Events of Zebra readers, and what is missing between their numbers."""

import json

import pytest

from edge.protocols.framing import FrameError
from edge.protocols.reader_events import GpiEvent, LostEvent, TagRead
from edge.protocols.zebra import GAP_LIMIT, ZebraReader

EPC = "3034257bf7194e4000001a85"
DATA = {
    "antenna": 1,
    "eventNum": 1204,
    "format": "epc",
    "idHex": "3034257bf7194e4000001a85",
    "peakRssi": -47,
    "reads": 3,
}


def tag(kind: str = "CUSTOM", stamp: str = "2026-11-24T10:10:11.123+0800", **data: object) -> bytes:
    return json.dumps({"type": kind, "timestamp": stamp, "data": DATA | data}).encode()


def losses(events: list) -> list:
    return [event.count for event in events if isinstance(event, LostEvent)]


@pytest.mark.parametrize("kind", ["CUSTOM", "SIMPLE", "INVENTORY", "PORTAL", "CONVEYOR"])
def test_a_tag_of_any_operating_mode_is_read(kind) -> None:
    assert ZebraReader().read(tag(kind, channel=920.625, MAC="84:24:8D:EE:01:02"), 1.0) == [
        TagRead(epc=EPC.upper(), antenna=1, rssi_dbm=-47, age_s=0.0, count=3)
    ]


def test_a_gap_in_the_numbers_is_lost_reads_and_the_read_behind_it_counts() -> None:
    reader = ZebraReader()
    reader.read(tag(eventNum=10), 1.0)
    assert losses(reader.read(tag(eventNum=11), 1.1)) == []
    events = reader.read(tag(eventNum=15), 1.2)
    assert losses(events) == [3]
    assert isinstance(events[-1], TagRead)


def test_the_same_number_again_is_the_same_event() -> None:
    reader = ZebraReader()
    reader.read(tag(eventNum=10), 1.0)
    assert reader.read(tag(eventNum=10), 1.1) == []


def test_a_reader_that_counts_anew_has_lost_nothing_that_we_know_of() -> None:
    reader = ZebraReader()
    reader.read(tag(eventNum=5_000), 1.0)
    assert [type(event) for event in reader.read(tag(eventNum=1), 1.1)] == [TagRead]


def test_a_number_that_leaps_out_of_all_reason_is_a_loss_that_nobody_can_count() -> None:
    reader = ZebraReader()
    reader.read(tag(eventNum=1), 1.0)
    assert losses(reader.read(tag(eventNum=GAP_LIMIT + 2), 1.1)) == [GAP_LIMIT]
    assert losses(reader.read(tag(eventNum=2 * GAP_LIMIT + 4), 1.2)) == [None]


def test_without_numbers_nothing_is_counted() -> None:
    reader = ZebraReader()
    for _ in range(2):
        assert len(reader.read(tag(eventNum=None), 1.0)) == 1


def test_the_age_of_a_read_is_by_the_readers_clock() -> None:
    reader = ZebraReader()
    reader.read(tag(stamp="2026-11-24T02:10:11.000+0000", eventNum=1), 50.0)
    (late,) = reader.read(tag(stamp="2026-11-24T10:10:11.500+0800", eventNum=2), 51.0)
    assert late.age_s == pytest.approx(0.5)


@pytest.mark.parametrize(("state", "high"), [("HIGH", True), ("low", False)])
def test_a_light_barrier_is_read(state, high) -> None:
    text = json.dumps({"eventType": "gpi", "data": {"pin": 2, "state": state}}).encode()
    assert ZebraReader().read(text, 1.0) == [GpiEvent(port=2, high=high, age_s=0.0)]


def test_a_heartbeat_says_nothing() -> None:
    assert ZebraReader().read(b'{"eventType":"heartbeat","data":{"radio":"on"},"eventNum":3}', 1.0) == []


@pytest.mark.parametrize(
    "text",
    [
        b"half",
        b'{"type":"\xff"}',
        tag(antenna=None),
        tag(antenna=0),
        tag(idHex="303"),
        tag(idHex="ZZZZ"),
        tag(format="tid"),
        tag(reads=0),
        b'{"eventType":"gpi","data":{"state":"HIGH"}}',
        b'{"eventType":"gpi","data":{"pin":1,"state":"UP"}}',
    ],
)
def test_what_cannot_be_read_is_malformed(text) -> None:
    with pytest.raises(FrameError) as caught:
        ZebraReader().read(text, 1.0)
    assert caught.value.reason == "malformed"
