import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols.framing import FrameError
from edge.protocols.modbus import BIT_LIMIT, REGISTER_LIMIT, ExceptionReplyError, Function, ReadRequest
from edge.protocols.modbus_rtu import BUFFER_LIMIT, RtuExchange, crc16, frame
from edge.protocols.modbus_tcp import TcpExchange

TWO = ReadRequest(Function.HOLDING_REGISTERS, 0, 2)
GOOD = bytes.fromhex("01 03 04 02 92 ff 9b 5a 3d")
REGISTERS = (0x0292, 0xFF9B)


@settings(max_examples=100)
@given(
    unit=st.integers(1, 247),
    registers=st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=REGISTER_LIMIT),
    noise=st.binary(max_size=20),
)
def test_registers_come_out_as_they_went_in_whatever_noise_stood_before(unit, registers, noise):
    exchange = RtuExchange(unit, ReadRequest(Function.INPUT_REGISTERS, 0, len(registers)))
    pdu = struct.pack(f">BB{len(registers)}H", 4, 2 * len(registers), *registers)

    # Noise in which a whole right reply stands is a reply; hypothesis does not find one in sixteen checksum bits.
    assert exchange.feed(noise + frame(unit, pdu)) == tuple(registers)


@settings(max_examples=100)
@given(bits=st.lists(st.booleans(), min_size=1, max_size=100), transaction=st.integers(0, 0xFFFF))
def test_bits_come_out_as_they_went_in(bits, transaction):
    packed = sum(bit << index for index, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    pdu = bytes([2, len(packed)]) + packed
    exchange = TcpExchange(1, ReadRequest(Function.DISCRETE_INPUTS, 0, len(bits)), transaction)

    values = exchange.feed(struct.pack(">HHHB", transaction, 0, 1 + len(pdu), 1) + pdu)

    assert values == tuple(map(int, bits))


@pytest.mark.parametrize("bit", range(8 * len(GOOD)))
def test_one_flipped_bit_never_becomes_a_value(bit):
    spoiled = bytearray(GOOD)
    spoiled[bit // 8] ^= 1 << bit % 8
    exchange = RtuExchange(1, TWO)

    try:
        values = exchange.feed(bytes(spoiled))
    except FrameError:
        return
    assert values is None
    assert exchange.give_up().reason in ("short", "crc")


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_torn_reply_is_waited_for_and_then_given_up(length):
    exchange = RtuExchange(1, TWO)

    assert exchange.feed(GOOD[:length]) is None
    assert exchange.give_up().reason == ("short" if length else "timeout")


def test_a_spoiled_reply_is_overtaken_by_a_good_one_behind_it():
    exchange = RtuExchange(1, TWO)

    assert exchange.feed(GOOD[:-1] + b"\x00" + GOOD) == REGISTERS


def test_a_babbling_line_is_looked_at_up_to_a_limit_only():
    exchange = RtuExchange(1, ReadRequest(Function.HOLDING_REGISTERS, 0, REGISTER_LIMIT))
    head = bytes([1, 3, 250])
    assert exchange.feed(head) is None

    with pytest.raises(FrameError) as caught:
        exchange.feed(bytes([7]) * 100_000)

    assert caught.value.reason == "crc"
    assert len(exchange._buffer) == BUFFER_LIMIT


def test_an_exception_says_its_number_and_a_gateways_silence_is_the_units_time_out():
    with pytest.raises(ExceptionReplyError, match="illegal data address") as refused:
        RtuExchange(1, TWO).feed(bytes.fromhex("01 83 02 c0 f1"))
    with pytest.raises(ExceptionReplyError) as silent:
        TcpExchange(1, TWO, 5).feed(bytes.fromhex("0005 0000 0003 01 83 0b"))

    assert (refused.value.reason, refused.value.unit_silent) == ("exception-2", False)
    assert (silent.value.reason, silent.value.unit_silent) == ("timeout", True)


@pytest.mark.parametrize(
    ("function", "limit"), [(Function.COILS, BIT_LIMIT), (Function.HOLDING_REGISTERS, REGISTER_LIMIT)]
)
def test_a_request_asks_for_what_the_specification_allows_and_not_for_one_more(function, limit):
    assert ReadRequest(function, 0, limit).pdu()[3:] == limit.to_bytes(2, "big")
    with pytest.raises(ValueError, match="values at once"):
        ReadRequest(function, 0, limit + 1)


def test_a_request_does_not_reach_past_the_last_address():
    assert ReadRequest(Function.COILS, 0xFFFF, 1).pdu().hex() == "01ffff0001"
    with pytest.raises(ValueError, match="are not in"):
        ReadRequest(Function.COILS, 0xFFFF, 2)


@pytest.mark.parametrize("unit", [0, 248, -1])
def test_a_serial_unit_that_cannot_answer_is_refused(unit):
    with pytest.raises(ValueError, match="1 to 247"):
        RtuExchange(unit, TWO)


def test_a_tcp_unit_outside_one_byte_is_refused():
    with pytest.raises(ValueError, match="0 to 255"):
        TcpExchange(256, TWO, 1)


def test_a_tcp_reply_that_does_not_come_is_told_from_one_that_is_torn():
    silent, torn = TcpExchange(1, TWO, 1), TcpExchange(1, TWO, 1)
    torn.feed(bytes(3))

    assert silent.give_up().reason == "timeout"
    assert torn.give_up().reason == "short"


@pytest.mark.parametrize(
    ("pdu", "reason"),
    [
        (b"", "short"),
        (b"\x03", "short"),
        (b"\x04\x04\x00\x01\x00\x02", "wrong-function"),
        (b"\x03\x02\x00\x01", "wrong-length"),
        (b"\x03\x04\x00\x01\x00", "wrong-length"),
        (b"\x83\x02\x00", "wrong-function"),
    ],
)
def test_a_pdu_that_is_no_reply_to_the_request_says_why(pdu, reason):
    with pytest.raises(FrameError) as caught:
        TWO.values(pdu)

    assert caught.value.reason == reason


def test_the_crc_is_the_one_of_the_specifications_example():
    assert crc16(b"\x02\x07") == 0x1241
