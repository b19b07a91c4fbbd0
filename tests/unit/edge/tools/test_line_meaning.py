"""What a technician is told of the bytes on a line."""

import pytest

from edge.tools.meaning import LlrpMeaning, ModbusMeaning, TextMeaning, UhfMeaning
from edge.tools.tap import Way


def bytes_of(text: str) -> bytes:
    return bytes.fromhex(text)


def test_a_modbus_request_is_told_by_its_fields_and_the_reply_by_its_registers() -> None:
    meaning = ModbusMeaning(over_tcp=False)
    asked = meaning.of(Way.SENT, bytes_of("01 04 00 01 00 02 20 0b"))
    assert asked == "unit 1: read 2 input registers from 0x0001"
    assert meaning.of(Way.RECEIVED, bytes_of("01 04 04 01 31")) == "a part of the reply"
    assert meaning.of(Way.RECEIVED, bytes_of("02 22 2a ce")) == "reply: 305 546"
    assert meaning.of(Way.RECEIVED, bytes_of("01 04")) == "unasked"


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("01 83 02 c0 f1", "exception-2: the unit answered with exception 2: illegal data address"),
        ("01 03 04 02 92 ff 9b 5a 3e", "crc: the CRC of 01 03 04 02 92 ff 9b 5a 3e is wrong"),
        ("02 03 04 02 92 ff 9b 5a 3d", "wrong-unit: unit 2 spoke, unit 1 was asked"),
    ],
)
def test_a_modbus_reply_that_is_no_good_says_why(frame: str, said: str) -> None:
    meaning = ModbusMeaning(over_tcp=False)
    meaning.of(Way.SENT, bytes_of("01 03 00 00 00 02 c4 0b"))
    assert meaning.of(Way.RECEIVED, bytes_of(frame)) == said


def test_modbus_over_tcp_is_read_behind_its_header() -> None:
    meaning = ModbusMeaning(over_tcp=True)
    assert (
        meaning.of(Way.SENT, bytes_of("0017 0000 0006 01 02 0000 0004")) == "unit 1: read 4 discrete inputs from 0x0000"
    )
    assert meaning.of(Way.RECEIVED, bytes_of("0017 0000 0004 01 02 01 05")) == "reply: 1 0 1 0"


def test_llrp_messages_are_told_by_name_and_foreign_ones_by_length() -> None:
    meaning = LlrpMeaning()
    assert meaning.of(Way.RECEIVED, bytes_of("043e0000000a00000004 0448")) == "KEEPALIVE 4"
    assert meaning.of(Way.RECEIVED, bytes_of("0000000a00000005 07e70000000a00000001")) == (
        "KEEPALIVE_ACK 5, message 999 of 10 bytes, passed over"
    )
    assert "stream-lost" in meaning.of(Way.RECEIVED, b"HTTP/1.1 400 Bad Request")
    assert meaning.of(Way.RECEIVED, bytes_of("043e0000000a00000004")) == "KEEPALIVE 4"


def test_uhf_readers_are_told_by_command_and_status() -> None:
    meaning = UhfMeaning()
    assert meaning.of(Way.SENT, bytes_of("04 00 01 db 4b")) == "reader 0x00: command 0x01"
    assert meaning.of(Way.RECEIVED, bytes_of("050001fb")) == "a part of a reply"
    assert meaning.of(Way.RECEIVED, bytes_of("f23d")) == "reply to 0x01: no tag, 0 bytes"


def test_text_is_shown_with_its_control_characters_and_not_without_end() -> None:
    assert TextMeaning().of(Way.RECEIVED, b"S S     12.345 kg\r\n") == "S S     12.345 kg<CR><LF>"
    assert TextMeaning().of(Way.RECEIVED, b"\x02,\xb8\x00") == "<STX>,.."
    assert len(TextMeaning().of(Way.RECEIVED, b"x" * 10_000)) == 403
