"""Events of Impinj readers: as from the factory, with everything on, and spoiled."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.framing import FrameError
from edge.protocols.impinj import ImpinjReader, hex_of_base64, stamp_of
from edge.protocols.reader_events import (
    AntennaEvent,
    GpiEvent,
    InventoryEvent,
    LostEvent,
    ReaderProblem,
    TagRead,
)

FACTORY = {"epc": "MDQle_cZTkAAABqF", "antennaPort": 2, "peakRssiCdbm": -5234, "frequency": 920_625}


def event(kind: str, contents: dict, **more: object) -> bytes:
    return json.dumps(
        {"timestamp": "2026-11-24T02:10:11.123456789Z", "eventType": kind, kind + "Event": contents} | more
    ).encode()


def read(text: bytes) -> list:
    return ImpinjReader().read(text, 100.0)


@pytest.mark.parametrize("epc", ["MDQle_cZTkAAABqF", "MDQle/cZTkAAABqF"], ids=["url-safe", "standard"])
def test_a_tag_of_a_reader_as_it_comes_from_the_factory_is_read(epc) -> None:
    assert read(event("tagInventory", FACTORY | {"epc": epc})) == [
        TagRead(epc="3034257BF7194E4000001A85", antenna=2, rssi_dbm=-52.34, age_s=0.0, count=1)
    ]


def test_hex_is_taken_where_the_reader_tells_it() -> None:
    (tag,) = read(event("tagInventory", {"epcHex": "3034257bf7194e4000001a85", "antennaPort": 1, "unknown": [1]}))
    assert (tag.epc, tag.rssi_dbm) == ("3034257BF7194E4000001A85", None)


@given(st.binary(min_size=1, max_size=31).map(lambda half: half + half), st.booleans(), st.booleans())
def test_base64_of_both_alphabets_padded_or_not_is_the_bytes_it_was_made_of(epc, url_safe, padded) -> None:
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(epc).decode()
    assert hex_of_base64(text if padded else text.rstrip("=")) == epc.hex().upper()


def test_the_age_of_a_read_is_by_the_readers_clock_wherever_that_stands() -> None:
    reader = ImpinjReader()
    stamps = ["2026-11-24T05:10:11.000Z", "2026-11-24T05:10:12.000Z"]
    for seconds, stamp in enumerate(stamps):
        reader.read(event("tagInventory", FACTORY, timestamp=stamp), 50.0 + seconds)
    (late,) = reader.read(event("tagInventory", FACTORY | {"lastSeenTime": "2026-11-24T05:10:12.250Z"}), 53.0)
    assert late.age_s == pytest.approx(1.75)


@pytest.mark.parametrize(
    ("kind", "contents", "events"),
    [
        ("gpiTransition", {"gpi": 1, "transition": "low-to-high"}, [GpiEvent(port=1, high=True, age_s=0.0)]),
        ("gpiTransition", {"gpi": 2, "transition": "high-to-low"}, [GpiEvent(port=2, high=False, age_s=0.0)]),
        ("antennaDisconnected", {"antennaPort": 3}, [AntennaEvent(antenna=3, connected=False)]),
        ("antennaConnected", {"antennaPort": 3}, [AntennaEvent(antenna=3, connected=True)]),
        ("inventoryStatus", {"inventoryStatus": "idle"}, [InventoryEvent(running=False)]),
        ("inventoryStatus", {"inventoryStatus": "armed"}, [InventoryEvent(running=True)]),
        ("antennaActivation", {"antennaPort": 1}, []),
    ],
)
def test_other_events_are_read(kind, contents, events) -> None:
    assert read(event(kind, contents)) == events


@pytest.mark.parametrize(("purged", "count"), [({"eventsPurged": 412}, 412), ({}, None)])
def test_an_overflow_is_lost_reads(purged, count) -> None:
    problem, lost = read(event("overflow", {"eventsRemaining": 0} | purged))
    assert isinstance(problem, ReaderProblem)
    assert (problem.reason, lost) == ("buffer-overflow", LostEvent(count=count))


@pytest.mark.parametrize(
    "text",
    [
        b"connected",
        b"",
        b"[1]",
        b'{"timestamp":"\xff"}',
        b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"tagInventoryEvent":{"epc":"MDQle_cZTkAAABqF"}}',
        b'{"tagInventoryEvent":{"antennaPort":1}}',
        b'{"tagInventoryEvent":{"antennaPort":0,"epcHex":"3034"}}',
        b'{"tagInventoryEvent":{"antennaPort":1,"epcHex":"303"}}',
        b'{"tagInventoryEvent":{"antennaPort":1,"epcHex":"XYZW"}}',
        b'{"tagInventoryEvent":{"antennaPort":1,"epc":"MDQle*"}}',
        b'{"tagInventoryEvent":{"antennaPort":1,"epc":"A"}}',
        b'{"gpiTransitionEvent":{"gpi":1,"transition":"up"}}',
        b'{"overflowEvent":{"eventsPurged":-1}}',
    ],
)
def test_what_cannot_be_read_is_malformed(text) -> None:
    with pytest.raises(FrameError) as caught:
        read(text)
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-11-24T02:10:11", "9" * 50])
def test_a_moment_that_says_nothing_for_sure_is_none(text) -> None:
    assert stamp_of(text) is None


def test_a_zone_may_be_written_without_a_colon() -> None:
    assert stamp_of("2026-11-24T10:10:11.123+0800") == stamp_of("2026-11-24T02:10:11.123Z")
