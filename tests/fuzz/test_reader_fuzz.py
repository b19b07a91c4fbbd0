"""Mutated frames for each parser of readers: none gets past a wrong CRC, and no event says what cannot be."""

from collections.abc import Callable

import pytest
from mutation import FRAMES, mutants

from edge.protocols.epc import identify
from edge.protocols.framing import FrameError
from edge.protocols.impinj import EPC, ImpinjReader
from edge.protocols.json_stream import ObjectStream
from edge.protocols.reader_events import LostEvent, TagRead
from edge.protocols.uhf_reader import Family, ReplyReader, tags
from edge.protocols.zebra import ZebraReader

UHF = [
    bytes.fromhex(text)
    for text in (
        "13000101010c3034257bf7194e4000001a85964f",
        "15000103 04010c3034257bf7194e4000001a85b43501",
        "050001fbf23d",
        "1100ee003034257bf7194e4000001a854110",
    )
]
IMPINJ = [
    (
        b'{"timestamp":"2026-11-24T02:10:11.123456789Z","eventType":"tagInventory","tagInventoryEvent":{"epc":'
        b'"MDQle_cZTkAAABqF","antennaPort":2,"peakRssiCdbm":-5234,"lastSeenTime":"2026-11-24T02:10:11.120Z"}}'
    ),
    b'{"timestamp":"2026-11-24T02:10:11Z","gpiTransitionEvent":{"gpi":1,"transition":"low-to-high"}}\n',
    b'{"overflowEvent":{"eventsPurged":12}}',
]
ZEBRA = [
    (
        b'{"type":"CUSTOM","timestamp":"2026-11-24T10:10:11.123+0800","data":{"antenna":1,"eventNum":1204,'
        b'"format":"epc","idHex":"3034257bf7194e4000001a85","peakRssi":-47,"reads":3}}'
    ),
    b'{"eventType":"gpi","timestamp":"2026-11-24T02:10:11.123+0000","data":{"pin":1,"state":"HIGH"}}',
]
EPCS = [bytes.fromhex(text) for text in ("3034257BF7194E4000001A85", "3154257BF4499602D2000000", "36" + "00" * 25)]


def crc_is_right(frame: bytes) -> bool:
    crc = 0xFFFF
    for byte in frame[:-2]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return frame[-2:] == crc.to_bytes(2, "little")


def read_uhf(data: bytes) -> int:
    """Feed, and return how many frames came out; each must be there, and right."""
    reader = ReplyReader()
    middle = len(data) // 2
    replies = [*reader.feed(data[:middle]), *reader.feed(data[middle:]), *reader.give_up()]
    for reply in replies:
        head = bytes([len(reply.data) + 5, reply.address, reply.command, reply.status]) + reply.data
        at = data.find(head)
        assert at >= 0, data.hex(" ")
        assert any(
            crc_is_right(data[start : start + len(head) + 2])
            for start in range(at, len(data))
            if data.startswith(head, start)
        ), data.hex(" ")
        for family in Family:
            try:
                assert all(EPC.match(tag.epc) for tag in tags(family, reply))
            except FrameError:
                continue
    assert len(reader._buffer) <= 256
    return len(replies)


def read_json(reader: ImpinjReader | ZebraReader, data: bytes) -> int:
    stream = ObjectStream()
    count = 0
    for one in [*stream.feed(data), *stream.end()]:
        if isinstance(one, FrameError):
            continue
        try:
            events = reader.read(one, 1.0)
        except FrameError:
            continue
        count += len(events)
        for event in events:
            if isinstance(event, TagRead):
                assert EPC.match(event.epc)
                assert event.age_s >= 0
            elif isinstance(event, LostEvent):
                assert event.count is None or event.count >= 0
    return count


def read_epc(data: bytes) -> int:
    words = data[: len(data) // 2 * 2].hex().upper()
    identity = identify(words)
    assert identity is None or len(identity.uri) <= 100
    return identity is not None


@pytest.mark.parametrize(
    ("frames", "read"),
    [
        (UHF, read_uhf),
        (IMPINJ, lambda data: read_json(ImpinjReader(), data)),
        (ZEBRA, lambda data: read_json(ZebraReader(), data)),
        (EPCS, read_epc),
    ],
    ids=["uhf-reader", "impinj", "zebra", "epc"],
)
def test_no_mutated_frame_becomes_an_event_that_cannot_be(frames: list[bytes], read: Callable[[bytes], int]) -> None:
    passed = sum(read(data) > 0 for data in mutants(frames))

    assert passed < FRAMES * 2 / 3, "the mutations leave too many frames right to prove anything"
