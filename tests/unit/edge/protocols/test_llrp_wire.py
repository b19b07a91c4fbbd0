import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.wire import (
    MESSAGE_LIMIT,
    SKIP_LIMIT,
    Message,
    MessageReader,
    Skipped,
    encode_message,
    parameters,
    tlv,
)


@settings(max_examples=100)
@given(
    messages=st.lists(
        st.tuples(st.sampled_from(MessageType), st.integers(0, 0xFFFFFFFF), st.binary(max_size=60)), max_size=6
    ),
    size=st.integers(1, 50),
)
def test_messages_come_out_as_they_went_in_whatever_the_chunks(messages, size):
    stream = b"".join(encode_message(*one) for one in messages)
    reader = MessageReader()

    found = [one for at in range(0, len(stream), size) for one in reader.feed(stream[at : at + size])]

    assert found == [Message(*one) for one in messages]
    assert not reader.amid_message


@settings(max_examples=50)
@given(contents=st.lists(st.tuples(st.integers(128, 1023), st.binary(max_size=40)), max_size=6))
def test_parameters_come_out_as_they_went_in(contents):
    assert list(parameters(b"".join(tlv(*one) for one in contents))) == contents


def header(length: int, kind: int = 61, version: int = 1, reserved: int = 0) -> bytes:
    return struct.pack(">HII", reserved << 13 | version << 10 | kind, length, 5)


def test_a_message_of_the_longest_length_is_read_and_one_byte_more_is_passed_over():
    reader = MessageReader()
    longest = header(MESSAGE_LIMIT) + bytes(MESSAGE_LIMIT - 10)
    longer = header(MESSAGE_LIMIT + 1) + bytes(MESSAGE_LIMIT - 9)

    (read,) = reader.feed(longest)
    (passed,) = reader.feed(longer)
    (after,) = reader.feed(encode_message(MessageType.KEEPALIVE, 1))

    assert len(read.body) == MESSAGE_LIMIT - 10
    assert passed == Skipped(61, 5, MESSAGE_LIMIT + 1)
    assert passed.too_long
    assert after == Message(MessageType.KEEPALIVE, 1, b"")


def test_nothing_is_kept_of_a_message_that_is_passed_over():
    reader = MessageReader()
    reader.feed(header(SKIP_LIMIT, kind=999))
    for _ in range(100):
        reader.feed(bytes(10_000))

    assert reader.amid_message
    assert len(reader._buffer) == 0


@pytest.mark.parametrize(
    "wrong",
    [header(9), header(0), header(SKIP_LIMIT + 1, kind=999), header(10, version=0), header(10, version=3)],
    ids=["length-9", "length-0", "too-long-to-skip", "version-0", "version-3"],
)
def test_a_header_that_cannot_be_right_loses_the_stream(wrong):
    first, lost = MessageReader().feed(encode_message(MessageType.KEEPALIVE, 1) + wrong)

    assert first.type is MessageType.KEEPALIVE
    assert isinstance(lost, StreamLostError)


def test_reserved_bits_and_version_1_1_are_taken():
    (found,) = MessageReader().feed(header(10, kind=62, version=2, reserved=7))

    assert found == Message(MessageType.KEEPALIVE, 5, b"")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\x00\xf0\x00\x03", "has a length of 3"),
        (b"\x00\xf0\x00\x05", "ends 1 bytes too late"),
        (b"\x00\xf0", "are no parameter"),
        (b"\xff", "TV parameter 127 at byte 0 is unknown"),
        (b"\x81\x00", "ends 1 bytes too late"),
    ],
)
def test_a_broken_parameter_says_where_it_is_broken(body, text):
    with pytest.raises(FrameError, match=text) as caught:
        list(parameters(body))

    assert caught.value.reason == "malformed"
