"""Writing outputs: the request as the standard prints it, and an echo that names exactly what was written."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.points import BitScale, RegisterScale, RegisterType, Sign, WordOrder
from edge.protocols.framing import FrameError
from edge.protocols.modbus import ExceptionReplyError
from edge.protocols.modbus_rtu import RtuExchange, frame
from edge.protocols.modbus_tcp import TcpExchange
from edge.protocols.modbus_write import WRITE_LIMIT, WriteFunction, WriteRequest

COIL = WriteRequest(WriteFunction.COIL, 0x00AC, (1,))
REGISTER = WriteRequest(WriteFunction.REGISTER, 1, (3,))
REGISTERS = WriteRequest(WriteFunction.REGISTERS, 1, (0x000A, 0x0102))


@pytest.mark.parametrize(
    ("request_", "pdu", "echo"),
    [
        (COIL, "05 00ac ff00", "05 00ac ff00"),
        (REGISTER, "06 0001 0003", "06 0001 0003"),
        (REGISTERS, "10 0001 0002 04 000a 0102", "10 0001 0002"),
    ],
    ids=["6.5", "6.6", "6.12"],
)
def test_the_examples_of_the_standard_are_written_and_confirmed(request_, pdu, echo) -> None:
    assert request_.pdu() == bytes.fromhex(pdu)
    assert RtuExchange(9, request_).feed(frame(9, bytes.fromhex(echo))) == request_.written
    reply = bytes.fromhex(echo)
    assert TcpExchange(9, request_, 7).feed(struct.pack(">HHHB", 7, 0, 6, 9) + reply) == request_.written


WRITES = st.one_of(
    st.builds(
        lambda address, bit: WriteRequest(WriteFunction.COIL, address, (bit,)),
        st.integers(0, 0xFFFF),
        st.integers(0, 1),
    ),
    st.builds(
        lambda address, words: WriteRequest(WriteFunction.REGISTERS, address, tuple(words)),
        st.integers(0, 0xFF00),
        st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=WRITE_LIMIT),
    ),
)


@settings(max_examples=60)
@given(write=WRITES, noise=st.binary(max_size=8), flipped=st.integers(0, 5 * 8 - 1))
def test_an_echo_of_anything_else_is_never_a_confirmation(write, noise, flipped) -> None:
    echo = write.pdu()[:5]
    assert RtuExchange(3, write).feed(noise + frame(3, echo)) == write.written

    other = bytearray(echo)
    other[flipped // 8] ^= 1 << flipped % 8
    try:
        confirmed = RtuExchange(3, write).feed(frame(3, bytes(other)))
    except FrameError:
        return
    assert confirmed is None


@pytest.mark.parametrize("bit", range(8 * 8))
def test_one_flipped_bit_never_confirms_a_write(bit) -> None:
    spoiled = bytearray(frame(9, REGISTER.pdu()))
    spoiled[bit // 8] ^= 1 << bit % 8
    exchange = RtuExchange(9, REGISTER)
    try:
        assert exchange.feed(bytes(spoiled)) is None
    except FrameError:
        return
    assert exchange.give_up().reason in ("short", "crc")


@pytest.mark.parametrize("length", range(8))
def test_a_torn_echo_is_waited_for(length) -> None:
    assert RtuExchange(9, REGISTER).feed(frame(9, REGISTER.pdu())[:length]) is None


def test_a_unit_that_refuses_a_value_says_so() -> None:
    with pytest.raises(ExceptionReplyError) as caught:
        RtuExchange(9, REGISTER).feed(frame(9, b"\x86\x03"))
    assert caught.value.reason == "exception-3"


@pytest.mark.parametrize(
    ("function", "address", "written"),
    [
        (WriteFunction.COIL, 0, (2,)),
        (WriteFunction.COIL, 0, (0, 1)),
        (WriteFunction.REGISTER, 0, ()),
        (WriteFunction.REGISTER, 0, (0x1_0000,)),
        (WriteFunction.REGISTERS, 0xFFFF, (1, 2)),
        (WriteFunction.REGISTERS, 0, (0,) * (WRITE_LIMIT + 1)),
    ],
)
def test_what_no_unit_could_take_is_refused_before_it_is_sent(function, address, written) -> None:
    with pytest.raises(ValueError, match=r"writes|address"):
        WriteRequest(function, address, written)


SCALES = st.builds(
    RegisterScale,
    type=st.sampled_from([RegisterType.INT16, RegisterType.UINT16, RegisterType.INT32, RegisterType.UINT32]),
    word_order=st.sampled_from(WordOrder),
    sign=st.sampled_from(Sign),
    scale=st.sampled_from([0.1, 0.5, 1.0, -0.01]),
    offset=st.sampled_from([0.0, -40.0]),
)


@settings(max_examples=100)
@given(scale=SCALES, steps=st.integers(-9_999, 9_999))
def test_what_is_put_into_registers_is_what_is_read_out_of_them(scale, steps) -> None:
    value = round(steps * scale.scale + scale.offset, 6)
    try:
        registers = scale.registers_of(value)
    except ValueError:
        assert steps < 0 or steps >= 10_000
        assert scale.type in (RegisterType.UINT16, RegisterType.UINT32)
        return
    assert scale.measure(registers).value == value


def test_a_value_outside_an_output_s_ends_is_refused_not_clamped() -> None:
    scale = RegisterScale(scale=0.1, minimum=-30, maximum=15)
    assert scale.registers_of(15) == (150,)
    for value in (15.1, -30.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="outside"):
            scale.registers_of(value)


def test_a_float_output_is_written_in_the_order_of_its_words() -> None:
    scale = RegisterScale(type=RegisterType.FLOAT32, word_order=WordOrder.LOW_FIRST)
    assert scale.registers_of(30.5) == (0x0000, 0x41F4)


def test_a_bit_is_on_or_off_and_nothing_between() -> None:
    assert [BitScale().bit_of(1), BitScale(inverted=True).bit_of(1)] == [1, 0]
    with pytest.raises(ValueError, match="neither"):
        BitScale().bit_of(0.5)
