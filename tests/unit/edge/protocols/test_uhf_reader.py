"""UHFReader18 and 288: golden frames, round trips by an encoder in this test, and a library we did not write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uhfreader18.frame import validate_frame

from edge.protocols.framing import FrameError
from edge.protocols.uhf_reader import Command, Family, Reply, ReplyReader, Tag, encode_command, inventory, tags

EPC = "3034257BF7194E4000001A85"
epcs = st.binary(min_size=1, max_size=31).map(lambda half: half + half)


def crc_by_bits(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


def frame(command: int, status: int, data: bytes = b"", address: int = 0) -> bytes:
    body = bytes([5 + len(data), address, command, status]) + data
    return body + crc_by_bits(body)


@pytest.mark.parametrize(
    ("family", "hexes", "found"),
    [
        ("18", "13 00 01 01 01 0c 30 34 25 7b f7 19 4e 40 00 00 1a 85 96 4f", Tag(EPC, None, None)),
        ("288", "15 00 01 03 04 01 0c 30 34 25 7b f7 19 4e 40 00 00 1a 85 b4 35 01", Tag(EPC, 3, 0xB4)),
        ("18", "11 00 ee 00 30 34 25 7b f7 19 4e 40 00 00 1a 85 41 10", Tag(EPC, None, None)),
    ],
)
def test_a_golden_reply_is_read(family, hexes, found) -> None:
    (reply,) = ReplyReader().feed(bytes.fromhex(hexes))
    assert tags(Family(family), reply) == [found]


@pytest.mark.parametrize(("hexes", "status"), [("05 00 01 fb f2 3d", 0xFB), ("07 00 01 01 01 00 1e 4b", 0x01)])
def test_an_inventory_without_tags_ends(hexes, status) -> None:
    (reply,) = ReplyReader().feed(bytes.fromhex(hexes))
    assert (reply.status, reply.ends_inventory, tags(Family.UHF288, reply)) == (status, True, [])


def test_commands_are_as_in_the_manual() -> None:
    assert encode_command(0xFF, Command.INFO).hex(" ") == "04 ff 21 19 95"
    assert inventory(Family.UHF18, 0, 1, 1.0).hex(" ") == "04 00 01 db 4b"
    asked = inventory(Family.UHF288, 0, 3, 0.3)
    assert asked[:-2].hex(" ") == "0d 00 01 04 00 01 00 00 00 00 82 03"
    assert asked[-2:] == crc_by_bits(asked[:-2])


@given(st.lists(epcs, max_size=3), st.integers(0, 7), st.integers(0, 255))
def test_every_list_of_a_288_is_read_back(found, antenna, rssi) -> None:
    listed = b"".join(bytes([len(epc)]) + epc + bytes([rssi]) for epc in found)
    (reply,) = ReplyReader().feed(frame(1, 3, bytes([1 << antenna, len(found)]) + listed))
    assert tags(Family.UHF288, reply) == [Tag(epc.hex().upper(), antenna + 1, rssi) for epc in found]


@pytest.mark.thirdparty
@given(st.lists(epcs, max_size=3), st.integers(0, 255), st.integers(0, 4))
def test_every_list_of_an_18_is_read_back_and_is_a_frame_to_another_library(found, address, status) -> None:
    sent = frame(1, status, bytes([len(found)]) + b"".join(bytes([len(epc)]) + epc for epc in found), address)

    (reply,) = ReplyReader().feed(sent)

    foreign = validate_frame(sent)
    assert reply == Reply(foreign.reader_address, foreign.command, foreign.status, foreign.data)
    assert [tag.epc for tag in tags(Family.UHF18, reply)] == [epc.hex().upper() for epc in found]


@given(epcs, st.integers(0, 10_000))
def test_a_flipped_bit_is_never_read(epc, at) -> None:
    sent = bytearray(frame(1, 1, bytes([1, len(epc)]) + epc))
    sent[at // 8 % len(sent)] ^= 1 << at % 8
    reader = ReplyReader()
    assert [*reader.feed(bytes(sent)), *reader.give_up()] == []


@given(st.binary(max_size=20), epcs, st.integers(1, 6))
def test_after_noise_and_a_torn_frame_the_next_is_found(noise, epc, torn) -> None:
    sent = frame(Command.PUSH, 0, epc)
    reader = ReplyReader()
    found = [*reader.feed(noise), *reader.feed(sent[:-torn]), *reader.give_up(), *reader.feed(sent), *reader.give_up()]
    assert found[-1] == Reply(0, Command.PUSH, 0, epc)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_frames_are_found_however_the_line_cuts_them(size) -> None:
    sent = frame(1, 3, b"\x01\x02\x30\x34") * 3 + frame(1, 0xFB)
    reader = ReplyReader()
    found = [reply for at in range(0, len(sent), size) for reply in reader.feed(sent[at : at + size])]
    assert [reply.status for reply in found] == [3, 3, 3, 0xFB]
    assert reader.tally.spoiled == 0


@pytest.mark.parametrize(
    ("family", "data"),
    [
        ("18", b"\x02\x02\x30\x34"),
        ("18", b"\x01\x02\x30\x34\x00"),
        ("18", b"\x01\x03\x30\x34\x00"),
        ("18", b"\x01\x00"),
        ("288", b"\x03\x01\x02\x30\x34\x6d"),
        ("288", b"\x00\x00"),
        ("288", b"\x01\x01\x02\x30\x34"),
    ],
)
def test_a_reply_whose_lengths_are_wrong_is_malformed(family, data) -> None:
    (reply,) = ReplyReader().feed(frame(1, 1, data))
    with pytest.raises(FrameError):
        tags(Family(family), reply)


def test_a_pushed_tag_of_a_288_names_antenna_and_rssi() -> None:
    (reply,) = ReplyReader().feed(frame(Command.PUSH, 0, b"\x02\x02\x30\x34\x55"))
    assert tags(Family.UHF288, reply) == [Tag("3034", 2, 0x55)]
    for broken in (b"\x02\x05\x30\x34\x55", b"\x02"):
        (reply,) = ReplyReader().feed(frame(Command.PUSH, 0, broken))
        with pytest.raises(FrameError):
            tags(Family.UHF288, reply)


def test_a_heartbeat_holds_no_tags() -> None:
    (reply,) = ReplyReader().feed(frame(Command.PUSH, 0x28, bytes(16)))
    assert tags(Family.UHF288, reply) == []
