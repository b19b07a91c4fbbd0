"""What we send, held against LLRP frames captured from another client and against the standard's layout."""

import pytest

from edge.protocols.llrp import requests
from edge.protocols.llrp.about import Capabilities, read_capabilities, read_config
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.wire import encode_message, parameters

HOPPING = Capabilities(powers_dbm=((1, 10.0), (81, 30.0), (41, 20.0)), hop_tables=(3, 4))


def inside(body: bytes, *path: tuple[int, int]) -> bytes:
    """The contents of a nested parameter: (number, bytes of fields before the parameters of the level above)."""
    for kind, fields in path:
        body = next(contents for number, contents in parameters(body, fields) if number == kind)
    return body


def test_a_keepalive_acknowledge_is_as_in_the_standard():
    assert encode_message(MessageType.KEEPALIVE_ACK, 5) == bytes.fromhex("04 48 00 00 00 0a 00 00 00 05")


def test_the_settings_turn_on_the_events_we_read_and_the_keepalive():
    body = requests.set_config(Setup(antennas=(1,), keepalive_s=1.0, gpi_ports=(2,)))

    events = {contents[1]: contents[2] for _, contents in parameters(inside(body, (244, 1)))}
    assert body[0] == 0
    assert events == {0: 0, 1: 0x80, 2: 0x80, 3: 0x80, 4: 0x80, 5: 0, 6: 0, 7: 0, 8: 0x80}
    assert inside(body, (220, 1)).hex() == "01000003e8"
    assert inside(body, (225, 1)).hex() == "00028002"


def test_the_rospec_is_byte_for_byte_the_one_of_its_setup():
    body = requests.add_rospec(Setup(antennas=(1, 2), power_dbm=25, gen2_session=2, tag_population=4), HOPPING)

    assert body == bytes.fromhex(
        "00b1 0088 00000001 00 00"
        "00b2 0012 00b3 0005 00 00b6 0009 00 00000000"
        "00b7 005a 0002 0001 0002"
        "00b8 0009 00 00000000"
        "00ba 0047 0001 01"
        "00de 0020 0001 00e0 000a 0003 0000 0029 014a 0010 00 0150 000b 80 0004 00000000"
        "00de 0020 0002 00e0 000a 0003 0000 0029 014a 0010 00 0150 000b 80 0004 00000000"
        "00ed 0012 01 0001 00ee 000b 9780 015c 0005 00"
    )


@pytest.mark.parametrize(("power_dbm", "index"), [(30.0, 81), (29.9, 41), (20.0, 41), (10.0, 1), (5.0, 1)], ids=str)
def test_the_power_is_the_highest_step_that_is_not_above_the_wanted_one_or_the_lowest(power_dbm, index):
    body = requests.add_rospec(Setup(antennas=(1,), power_dbm=power_dbm), HOPPING)

    transmitter = inside(body, (177, 0), (183, 6), (186, 4), (222, 3), (224, 2))
    assert int.from_bytes(transmitter[4:6], "big") == index


@pytest.mark.parametrize(("channels", "sent"), [((920_625, 922_375), "000000010001"), ((), "000000000001")])
def test_a_reader_that_does_not_hop_gets_a_channel_of_its_own_table_in_place_of_a_hop_table(channels, sent):
    capabilities = Capabilities(powers_dbm=((1, 30.0),), channels_khz=channels)
    body = requests.add_rospec(Setup(antennas=(1,), power_dbm=30.0), capabilities)

    assert inside(body, (177, 0), (183, 6), (186, 4), (222, 3), (224, 2)).hex() == sent


def test_the_channels_of_a_reader_that_does_not_hop_are_read(llrp):
    table = llrp.tlv(148, bytes.fromhex("0002 000e0c31 000e1307"))
    band = llrp.tlv(144, llrp.tlv(146, b"\x00", table))

    read = read_capabilities(llrp.tlv(143, bytes.fromhex("009c000e"), band))

    assert (read.hop_tables, read.channels_khz) == ((), (920_625, 922_375))


@pytest.mark.parametrize(
    "capabilities", [HOPPING, Capabilities()], ids=["power-is-the-readers-own", "reader-tells-no-power"]
)
def test_without_a_wanted_power_or_a_power_table_the_readers_own_power_stays(capabilities):
    power_dbm = None if capabilities is HOPPING else 30.0
    body = requests.add_rospec(Setup(antennas=(1,), power_dbm=power_dbm), capabilities)

    antenna = inside(body, (177, 0), (183, 6), (186, 4), (222, 3))
    assert [kind for kind, _ in parameters(antenna, 2)] == [330]


def test_capabilities_are_read_as_far_as_a_gate_needs_them(llrp):
    assert read_capabilities(llrp.capabilities) == Capabilities(
        antennas=4,
        has_utc_clock=True,
        manufacturer=25882,
        model=2001007,
        firmware="5.14 ",
        country=156,
        powers_dbm=((1, 10.0), (2, 20.0), (3, 30.0)),
        hop_tables=(7,),
    )


def test_a_reader_without_a_name_has_none(llrp):
    assert read_config(llrp.status()).identity is None
    assert read_config(llrp.tlv(218, b"\x00\x00\x00")).identity is None
