"""One parser fed mutated frames for long: it never crashes, is never busy for long, and its memory does not grow.

A stream parser is one object for all frames, so that what it keeps of one meets the next. That no value gets past a
wrong checksum is proven in the files beside this one, with checksums worked out there.
"""

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import thread_time

import pytest
from mutation import FRAMES, LONGEST_S, Feed, mutants, slow_frames

import edge.protocols
from edge.protocols import cas, label, st_gs, toledo, yaohua, yaohua_text
from edge.protocols.chirpstack import read_event
from edge.protocols.dragino import decode_lht65n, decode_log_text
from edge.protocols.epc import identify
from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.impinj import ImpinjReader
from edge.protocols.json_stream import ObjectStream
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.llrp.wire import MessageReader
from edge.protocols.milesight import decode_milesight
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.protocols.modbus_write import WriteFunction, WriteRequest
from edge.protocols.sics import WEIGHT_NOW, Conversation
from edge.protocols.uhf_reader import Family, ReplyReader, tags
from edge.protocols.zebra import ZebraReader
from edge.protocols.zigbee2mqtt import read_message

TRACED = 5_000
"""Frames of each half of the memory measurement, which makes everything some five times slower."""

GROWTH_BYTES = 64 * 1024
"""As much as an inbox may hold; a parser that kept every frame would have kept several times that."""


def streams(make: Callable[[], object]) -> Callable[[], Feed]:
    return lambda: make().feed  # type: ignore[attr-defined] - every stream has one


def exchange(begin: Callable[[], object]) -> Callable[[], Feed]:
    return lambda: lambda data: begin().feed(data)  # type: ignore[attr-defined] - an exchange is used once


def sics() -> Feed:
    conversation = Conversation()

    def feed(data: bytes) -> None:
        conversation.ask(WEIGHT_NOW)
        conversation.feed(data)
        conversation.give_up()

    return feed


def llrp_messages() -> Feed:
    reader = MessageReader()

    def feed(data: bytes) -> None:
        nonlocal reader
        if any(isinstance(one, StreamLostError) for one in reader.feed(data)):
            reader = MessageReader()

    return feed


def llrp_session() -> Feed:
    return lambda data: Session(Setup(antennas=(1, 2)), now_s=0.0).receive(data, 1.0)


def json_objects(reader: ImpinjReader | ZebraReader) -> Feed:
    stream = ObjectStream()

    def feed(data: bytes) -> None:
        for one in [*stream.feed(data), *stream.end()]:
            if not isinstance(one, FrameError):
                reader.read(one, 1.0)

    return feed


def chirpstack(kind: str) -> Callable[[], Feed]:
    return lambda: lambda data: read_event(f"application/a/device/24e124136b000001/event/{kind}", data)


def uhf() -> Feed:
    reader = ReplyReader()

    def feed(data: bytes) -> None:
        for reply in [*reader.feed(data), *reader.give_up()]:
            for family in Family:
                tags(family, reply)

    return feed


READ = ReadRequest(Function.HOLDING_REGISTERS, 0, 2)
WRITE = WriteRequest(WriteFunction.REGISTER, 1, (50,))
REPLY, WRITTEN = bytes.fromhex("01 03 04 02 92 ff 9b 5a 3d"), bytes.fromhex("01 06 00 01 00 32 59 df")
TOLEDO = bytes.fromhex("02 2c 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0d 1b")
GREETING = bytes.fromhex("043f00000020 00000000 00f60016 0080000c0005a9e4bef862e0 010000060000")
REPORT = bytes.fromhex("043d00000029 00000001 00f0001f 8d3000abcdef00000000000003 810001 86d0 820005a9e4bef862e0")
IMPINJ = b'{"timestamp":"2026-11-24T02:10:11Z","tagInventoryEvent":{"epc":"MDQle_cZTkAAABqF"}}'
ZEBRA = b'{"timestamp":"2026-11-24T10:10:11.123+0800","data":{"antenna":1,"idHex":"3034257bf7194e4000001a85"}}'
UPLINKS = [
    (
        b'{"deduplicationId":"3ac7","time":"2026-11-24T02:10:11Z","deviceInfo":{"devEui":"24e124136b000001"},'
        b'"fPort":85,"data":"AXVcA2c0AQRoZQ=="}'
    ),
    (
        b'{"time":"2026-11-24T02:10:11.123+00:00","deviceInfo":{"devEui":"24e124136b000001","tags":{"room":"3"}},'
        b'"fCnt":1042,"object":{"temperature":30.8,"humidity":"50.5"},"rxInfo":[{"rssi":-57,"snr":10.2}]}'
    ),
    b'{"deviceInfo":{"devEui":"24e124136b000001"},"batteryLevel":85.5}',
]
ZIGBEE = [
    b'{"contact":true,"battery":97,"linkquality":120}',
    b'{"temperature":4.12,"last_seen":1795486211123,"battery":97}',
    b'{"state":"online"}',
]

PARSERS: dict[str, tuple[Callable[[], Feed], list[bytes]]] = {
    "cas": (streams(cas.long_stream), [b"ST,GS,\x31\x40  12.34 kg\r\n", b"US,NT,\x31\x40  -2.34 kg\r\n"]),
    "cas short": (streams(lambda: cas.short_stream("kg")), [b"\x01\x02S    1234kg8\x03\x04"]),
    **{f"chirpstack {kind}": (chirpstack(kind), UPLINKS) for kind in ("up", "status", "log", "join")},
    "dragino": (
        lambda: decode_lht65n,
        [bytes.fromhex("cbf60b0d0376010add7fff"), bytes.fromhex("0b0d0376610add7fff60065f9762")],
    ),
    "dragino log": (lambda: lambda data: decode_log_text(data.decode("latin-1")), [b"[25.8,55.1,2026-11-24 02:10:11]"]),
    "epc": (
        lambda: lambda data: identify(data[: len(data) // 2 * 2].hex().upper()),
        [bytes.fromhex("3034257BF7194E4000001A85")],
    ),
    "impinj": (lambda: json_objects(ImpinjReader()), [IMPINJ]),
    "json_stream": (streams(ObjectStream), [IMPINJ + ZEBRA]),
    "label": (
        lambda: lambda data: label.read_label(data.decode("latin-1")),
        [b"]C1010950600013435217260630\x1d10ABC", b"00376130321109103420"],
    ),
    "llrp.session": (llrp_session, [GREETING, REPORT]),
    "llrp.wire": (llrp_messages, [GREETING, REPORT]),
    "milesight": (
        lambda: decode_milesight,
        [bytes.fromhex("01755c03673401046865"), bytes.fromhex("20ce9e74466310015d")],
    ),
    "modbus_rtu": (exchange(lambda: RtuExchange(1, READ)), [REPLY, bytes.fromhex("01 83 02 c0 f1")]),
    "modbus_tcp": (exchange(lambda: TcpExchange(1, READ, 0x17)), [bytes.fromhex("0017 0000 0007 01 03 04 0292ff9b")]),
    "modbus_write": (exchange(lambda: RtuExchange(1, WRITE)), [WRITTEN, bytes.fromhex("01 86 02 c3 a1")]),
    "sics": (sics, [b"S S     12.345 kg\r\n", b"S +\r\n", b"ES\r\n"]),
    "st_gs": (streams(lambda: st_gs.line_stream(None)), [b"ST,GS,+0012.34kg\r\n", b"US,NT,-0002.34kg\r\n"]),
    "toledo": (streams(lambda: toledo.continuous_stream(with_checksum=True)), [TOLEDO]),
    "uhf_reader": (uhf, [bytes.fromhex("13000101010c3034257bf7194e4000001a85964f"), bytes.fromhex("050001fbf23d")]),
    "yaohua": (streams(lambda: yaohua.continuous_stream("kg")), [b"\x02+012345" + b"21B\x03"]),
    "yaohua asked": (exchange(lambda: yaohua.ask_weight("A", "B", 6).replies), [b"\x02AB+001234" + b"21E\x03"]),
    "yaohua_text": (streams(lambda: yaohua_text.equals_stream("kg", backwards=True)), [b"=43.2100", b"=0.00000"]),
    "yaohua_text forward": (streams(lambda: yaohua_text.equals_stream("kg", backwards=False)), [b"=0012.340"]),
    "yaohua_text a12": (
        streams(lambda: yaohua_text.a12_stream(with_checksum=True)),
        [b"WG0012.34kg36\r\n", b"WN0002.50kg3C\r\n"],
    ),
    "yaohua_text a12 plain": (
        streams(lambda: yaohua_text.a12_stream(with_checksum=False)),
        [b"ww0012.34kg\r\n", b"wn-002.34kg\r\n"],
    ),
    "zebra": (lambda: json_objects(ZebraReader()), [ZEBRA]),
    "zigbee2mqtt": (lambda: lambda data: read_message("zigbee2mqtt/door", data), ZIGBEE),
    "zigbee2mqtt availability": (lambda: lambda data: read_message("zigbee2mqtt/door/availability", data), ZIGBEE),
}
"""By the module that reads them; what follows a blank tells two parsers of one module apart."""

NO_PARSERS = {
    "frame_counter": "counts numbers that chirpstack has read",
    "framing": "errors and counts",
    "llrp.about": "is fed by llrp.session",
    "llrp.events": "is fed by llrp.session",
    "llrp.names": "numbers",
    "llrp.replies": "is fed by llrp.session",
    "llrp.requests": "writes",
    "llrp.states": "the states of llrp.session",
    "mass": "units of what others have read",
    "modbus": "is fed by modbus_rtu and modbus_tcp",
    "reader_clock": "times that others have read",
    "reader_events": "what others have read",
    "shown": "what others have read",
    "streams": "is fed by every scale that speaks unasked",
    "uplink": "is fed by chirpstack and zigbee2mqtt",
}


def growth_bytes(feed: Feed, frames: list[bytes]) -> int:
    """Return how much more is held after the second half of the frames than after the first."""
    held = []
    half = min(FRAMES, TRACED)
    tracemalloc.start()
    try:
        for at, data in enumerate(mutants(frames, 2 * half), start=1):
            feed(data)
            if at % half == 0:
                gc.collect()  # an error and its traceback hold each other until then, which is no growth
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return held[1] - held[0]


def refusing(make: Callable[[], Feed]) -> Feed:
    """Return a parser whose errors about frames are no crash."""
    feed = make()

    def fed(data: bytes) -> None:
        with suppress(FrameError):
            feed(data)

    return fed


def test_a_parser_that_keeps_every_frame_would_be_noticed() -> None:
    kept: list[bytes] = []
    assert growth_bytes(kept.append, [TOLEDO]) > GROWTH_BYTES


def test_a_parser_that_is_busy_for_long_with_one_frame_would_be_noticed() -> None:
    number = 0

    def feed(data: bytes) -> None:
        nonlocal number
        number += 1
        until_s = thread_time() + LONGEST_S * (number % 100 == 0)
        while thread_time() < until_s:
            pass

    assert set(slow_frames(lambda: feed, [TOLEDO], 200)) == {99, 199}


@pytest.mark.parametrize("name", PARSERS)
def test_no_frame_crashes_a_parser_or_keeps_it_busy(name: str) -> None:
    make, frames = PARSERS[name]
    assert slow_frames(lambda: refusing(make), frames) == {}


@pytest.mark.parametrize("name", PARSERS)
def test_the_memory_of_a_parser_does_not_grow_with_the_frames(name: str) -> None:
    make, frames = PARSERS[name]
    assert growth_bytes(refusing(make), frames) < GROWTH_BYTES


def test_every_module_of_protocols_is_fuzzed_or_is_no_parser() -> None:
    folder = Path(edge.protocols.__file__).parent
    there = {".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("*.py")}
    there = {name for name in there if not name.endswith("__init__")}
    fuzzed = {name.split(" ")[0] for name in PARSERS}
    assert fuzzed | set(NO_PARSERS) == there
    assert not fuzzed & set(NO_PARSERS)
