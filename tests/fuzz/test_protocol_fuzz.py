"""Mutated frames for each parser: none with a wrong checksum, or in a wrong form, becomes a value.

Whether a checksum is right is worked out here, bit by bit, not by the code under test: some mutations leave it right
(an insertion in front of the frame), some make it right by chance, and those may be accepted.
"""

import re
from collections.abc import Callable

import pytest
from mutation import FRAMES, mutants

from edge.protocols import yaohua, yaohua_text
from edge.protocols.framing import FrameError
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.llrp.states import State
from edge.protocols.modbus import Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.protocols.modbus_write import WriteFunction, WriteRequest
from edge.protocols.reader_clock import OLDEST_S
from edge.protocols.reader_events import TagRead
from edge.protocols.sics import Conversation, Heard, WeightReply
from edge.protocols.toledo import continuous_stream

REQUEST = ReadRequest(Function.HOLDING_REGISTERS, 0, 2)
RTU = [bytes.fromhex(text) for text in ("01 03 04 02 92 ff 9b 5a 3d", "01 83 02 c0 f1")]
TCP = [bytes.fromhex(text) for text in ("0017 0000 0007 01 03 04 0292ff9b", "0017 0000 0003 01 83 02")]
TOLEDO = [
    bytes.fromhex(text)
    for text in (
        "02 2c 30 20 20 20 31 32 33 34 20 20 20 20 20 30 0d 1b",
        "02 2d 39 20 20 31 32 33 34 35 20 20 20 32 35 30 0d 55",
        "02 2c 34 20 20 20 20 20 20 30 20 20 20 20 20 30 0d 51",
    )
]
WRITE = WriteRequest(WriteFunction.REGISTER, 1, (50,))
ECHO = bytes.fromhex("01 06 00 01 00 32 59 df")
YAOHUA = [bytes.fromhex("02 2b 30 30 31 32 33 34 32 31 44 03"), bytes.fromhex("02 2d 30 30 30 32 35 30 32 31 38 03")]
A12 = [b"WG0012.34kg36\r\n", b"WG0012.34kg36\r\nWN0002.50kg3C\r\n"]
SICS = [b"S S     12.345 kg\r\n", b"S +\r\n", b"TA A      1.200 kg\r\n", b'I4 A "B021"\r\n', b"ES\r\n"]
LLRP = [
    bytes.fromhex(text)
    for text in (
        "043f00000020 00000000 00f60016 0080000c0005a9e4bef862e0 010000060000",
        "043d00000029 00000001 00f0001f 8d3000abcdef00000000000003 810001 86d0 820005a9e4bef862e0",
        "043e0000000a 00000005",
        "042000000012 00000007 011f000800000000",
        "043f0000001e 00000009 00f60014 0080000c0005ac35bd20d1da 01010004",
    )
]


def in_two_halves(feed: Callable[[bytes], list], data: bytes) -> list:
    middle = len(data) // 2
    return [*feed(data[:middle]), *feed(data[middle:])]


def crc_is_right(window: bytes) -> bool:
    crc = 0xFFFF
    for byte in window[:-2]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little") == window[-2:]


def read_rtu(data: bytes) -> bool:
    """Feed, and tell whether it held no right frame; a value must not come out of it then."""
    windows = (data[at : at + 9] for at in range(len(data) - 8) if data.startswith(b"\x01\x03\x04", at))
    right = any(map(crc_is_right, windows))
    try:
        values = RtuExchange(1, REQUEST).feed(data)
    except FrameError:
        values = None
    assert values is None or right, data.hex(" ")
    return not right


def read_echo(data: bytes) -> bool:
    right = ECHO in data
    try:
        confirmed = RtuExchange(1, WRITE).feed(data)
    except FrameError:
        confirmed = None
    assert confirmed is None or right, data.hex(" ")
    return not right


def read_tcp(data: bytes) -> bool:
    right = bytes.fromhex("0017 0000 0007 01 03 04") in data
    try:
        values = TcpExchange(1, REQUEST, 0x17).feed(data)
    except FrameError:
        values = None
    assert values is None or right, data.hex(" ")
    return not right


def read_toledo(data: bytes) -> bool:
    windows = (data[at : at + 18] for at in range(len(data) - 17))
    right = sum(
        sum(byte & 0x7F for byte in window) & 0x7F == 0 and window[0] & 0x7F == 2 and window[16] & 0x7F == 13
        for window in windows
    )
    frames = in_two_halves(continuous_stream(with_checksum=True).feed, data)
    assert len(frames) <= right, data.hex(" ")
    return not right


def xor(body: bytes) -> bytes:
    value = 0
    for byte in body:
        value ^= byte
    return f"{value:02X}".encode()


def read_yaohua(data: bytes) -> bool:
    windows = (data[at : at + 12] for at in range(len(data) - 11))
    right = sum((one[0], one[11]) == (2, 3) and xor(one[1:9]) == one[9:11] for one in windows)
    assert len(in_two_halves(yaohua.continuous_stream("kg").feed, data)) <= right, data.hex(" ")
    return not right


def read_a12(data: bytes) -> bool:
    lines = data.replace(b"\r", b"\n").split(b"\n")
    right = sum(len(line) == 13 and xor(line[:11]) == line[11:] for line in lines)
    assert len(in_two_halves(yaohua_text.a12_stream(with_checksum=True).feed, data)) <= right, data
    return not right


WEIGHT_LINE = re.compile(rb"^(?:S [SD]|TA? [SDA]|TI [SD]) +[+-]?\d+\.?\d* +\w+ *\r?$", re.MULTILINE)


def read_sics(data: bytes) -> bool:
    right = len(WEIGHT_LINE.findall(data))
    heard = in_two_halves(Conversation().feed, data)
    weights = [one for one in heard if isinstance(one, Heard) and isinstance(one.reply, WeightReply)]
    assert sum(one.reply.mass_kg is not None for one in weights) <= right, data
    return not right


def read_llrp(data: bytes) -> bool:
    session = Session(Setup(antennas=(1, 2)), now_s=0.0)
    session.state = State.RUNNING
    events = in_two_halves(lambda chunk: session.receive(chunk, 1.0), data)
    reads = [event for event in events if isinstance(event, TagRead)]
    shown = data.hex().upper()
    assert all(read.epc in shown and 0.0 <= read.age_s <= OLDEST_S for read in reads), shown
    return not reads


@pytest.mark.parametrize(
    ("frames", "read"),
    [
        (RTU, read_rtu),
        ([ECHO], read_echo),
        (TCP, read_tcp),
        (TOLEDO, read_toledo),
        (YAOHUA, read_yaohua),
        (A12, read_a12),
        (SICS, read_sics),
        (LLRP, read_llrp),
    ],
    ids=["modbus-rtu", "modbus-write", "modbus-tcp", "toledo", "yaohua", "yaohua-a12", "sics", "llrp"],
)
def test_no_mutated_frame_gets_a_value_past_a_wrong_checksum(
    frames: list[bytes], read: Callable[[bytes], bool]
) -> None:
    wrong = sum(map(read, mutants(frames)))

    assert wrong > FRAMES / 3, "the mutations leave too many frames right to prove anything"
