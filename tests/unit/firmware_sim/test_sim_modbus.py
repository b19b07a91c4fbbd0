import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modbus_rtu import RtuSlaves, crc16
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.modules import contacts
from firmware_sim.servers.profiles import Model, transmitter


def values(temperature_c, humidity_percent):
    return {"temperature_c": lambda: temperature_c, "humidity_percent": lambda: humidity_percent}


@pytest.fixture
def renke(faults):
    units = {1: transmitter(Model.RS_WS_N01, 1, 9600, **values(-10.1, 65.8))}
    return RtuSlaves(Slaves("cold-a", units, faults))


@pytest.fixture
def xy(faults):
    units = {1: transmitter(Model.XY_MD02, 1, 9600, **values(30.5, 54.6))}
    return RtuSlaves(Slaves("cold-b", units, faults))


def ask(line, request, now_s=0.0):
    line.receive(bytes.fromhex(request), now_s)
    return line.send(now_s).hex(" ")


def framed(body):
    return (bytes.fromhex(body) + crc16(bytes.fromhex(body)).to_bytes(2, "little")).hex()


def test_a_renke_transmitter_answers_humidity_first_and_a_negative_temperature(renke):
    assert ask(renke, "01 03 00 00 00 02 c4 0b") == "01 03 04 02 92 ff 9b 5a 3d"


def test_an_xy_md02_answers_temperature_first_by_function_4(xy):
    assert ask(xy, "01 04 00 01 00 02 20 0b") == "01 04 04 01 31 02 22 2a ce"


def test_minus_twenty_and_a_half_is_ff33(faults):
    units = {1: transmitter(Model.XY_MD02, 1, 9600, **values(-20.5, 50))}
    line = RtuSlaves(Slaves("cold-b", units, faults))
    assert ask(line, framed("01 04 00 01 00 01")) == "01 04 02 ff 33 b8 d5"


def test_an_address_that_is_not_there_is_exception_2(renke):
    assert ask(renke, framed("01 03 00 02 00 01")) == "01 83 02 c0 f1"


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        ("01 06 00 00 00 01", "01 86 01"),
        ("01 10 00 00 00 01 02 00 05", "01 90 01"),
        ("01 04 00 00 00 01", "01 84 01"),
        ("01 2b 0e 01 00", "01 ab 01"),
        ("01 03 00 00 00 00", "01 83 03"),
        ("01 03 00 00 00 7e", "01 83 03"),
        ("01 03 00 01 00 02", "01 83 02"),
    ],
)
def test_writes_unknown_functions_and_impossible_spans_get_their_exception(renke, request_body, answer):
    assert ask(renke, framed(request_body)) == bytes.fromhex(framed(answer)).hex(" ")


def test_a_wrong_unit_and_a_wrong_crc_are_met_with_silence(renke):
    assert ask(renke, framed("02 03 00 00 00 02")) == ""
    assert ask(renke, "01 03 00 00 00 02 c4 0c") == ""
    assert ask(renke, "01 03 00 00 00 02 c4 0b") != ""


def test_the_config_registers_say_address_and_baud(renke, xy):
    assert ask(renke, framed("01 03 07 d0 00 02")) == bytes.fromhex(framed("01 03 04 00 01 00 02")).hex(" ")
    assert ask(xy, framed("01 03 01 01 00 02")) == bytes.fromhex(framed("01 03 04 00 01 25 80")).hex(" ")


def test_a_request_may_come_byte_by_byte_but_not_with_a_silence_inside(renke):
    request = bytes.fromhex("010300000002c40b")
    for position, byte in enumerate(request):
        renke.receive(bytes([byte]), position * 0.001)
    assert renke.send(0.01) != b""
    renke.receive(request[:4], 1.0)
    renke.receive(request[4:], 1.2)
    assert renke.send(1.2) == b""
    assert ask(renke, request.hex(), 2.0) != ""


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Fault(kind=FaultKind.SILENCE, target="cold-a", unit=1), ""),
        (Fault(kind=FaultKind.SILENCE, target="cold-a"), ""),
        (Fault(kind=FaultKind.EXCEPTION, target="cold-a", unit=1, code=6), framed("01 83 06")),
        (Fault(kind=FaultKind.SENTINEL, target="cold-a", unit=1), framed("01 03 04 80 00 80 00")),
        (Fault(kind=FaultKind.SILENCE, target="cold-a", unit=2), framed("01 03 04 02 92 ff 9b")),
        (Fault(kind=FaultKind.SILENCE, target="cold-b"), framed("01 03 04 02 92 ff 9b")),
    ],
)
def test_a_fault_shows_on_its_line_and_unit_and_ends(renke, faults, fault, answer):
    whole = "01 03 04 02 92 ff 9b 5a 3d"
    faults.begin(fault)
    assert ask(renke, "01 03 00 00 00 02 c4 0b") == bytes.fromhex(answer).hex(" ")
    faults.end(fault)
    assert ask(renke, "01 03 00 00 00 02 c4 0b") == whole


def test_a_flipped_bit_makes_the_crc_wrong(renke, faults):
    faults.begin(Fault(kind=FaultKind.CRC, target="cold-a"))
    for _ in range(50):
        frame = bytes.fromhex(ask(renke, "01 03 00 00 00 02 c4 0b"))
        assert len(frame) == 9
        assert crc16(frame[:-2]).to_bytes(2, "little") != frame[-2:]


def test_every_third_answer_of_a_unit_is_swallowed_and_none_of_its_neighbour(faults):
    faults.begin(Fault(kind=FaultKind.SWALLOW, target="cold-a", unit=1, every=3))
    unit = transmitter(Model.RS_WS_N01, 1, 9600, lambda: 5.0, lambda: 50.0)
    slaves = Slaves("cold-a", {1: unit, 2: unit}, faults)
    request = bytes.fromhex("0300000001")
    assert [slaves.answer(1, request) is None for _ in range(6)] == [False, False, True] * 2
    assert all(slaves.answer(2, request) for _ in range(6))


def test_door_contacts_are_packed_from_the_lowest_bit(faults):
    states = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    module = TcpSlaves(Slaves("io-1", {1: contacts([lambda s=s: s for s in states])}, faults))
    module.receive(bytes.fromhex("0007 0000 0006 01 02 0000 0009"), 0.0)
    assert module.send(0.0).hex(" ") == "00 07 00 00 00 05 01 02 02 0d 01"


def test_tcp_requests_may_be_glued_and_split_and_a_missing_unit_is_silent(faults):
    module = TcpSlaves(Slaves("io-1", {1: contacts([lambda: 1.0])}, faults))
    requests = bytes.fromhex("000100000006 01 0200000001 000200000006 09 0200000001 000300000006 01 0200000001")
    for byte in requests:
        module.receive(bytes([byte]), 0.0)
    assert module.send(0.0).hex() == "00010000000401020101" + "00030000000401020101"
    assert not module.finished


@pytest.mark.parametrize("header", ["0001 0001 0006 01", "0001 0000 0001 01", "0001 0000 00ff 01"])
def test_a_tcp_header_that_cannot_be_right_ends_the_connection(faults, header):
    module = TcpSlaves(Slaves("io-1", {1: contacts([lambda: 1.0])}, faults))
    module.receive(bytes.fromhex(header), 0.0)
    assert module.finished
    assert module.send(0.0) == b""


@settings(max_examples=300)
@given(noise=st.binary(max_size=600))
def test_no_bytes_break_a_line_and_a_good_request_after_a_silence_is_answered(noise):
    units = {1: transmitter(Model.RS_WS_N01, 1, 9600, **values(1.0, 50.0))}
    line = RtuSlaves(Slaves("cold-a", units, Faults(random.Random(1))))
    line.receive(noise, 0.0)
    line.send(0.0)
    assert ask(line, "010300000002c40b", 1.0).startswith("01 03 04")
