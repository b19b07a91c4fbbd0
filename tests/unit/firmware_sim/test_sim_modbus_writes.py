import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.modbus import Slaves
from firmware_sim.servers.modules import Diverter, MeterModel, Relay, controller, meter, outputs
from firmware_sim.servers.profiles import Model, ten_thousand_below, transmitter


class Cell:
    """A value that can be asked for and told."""

    def __init__(self, value=0.0):
        self.value = value

    def ask(self):
        return self.value

    def tell(self, value):
        self.value = value


@pytest.fixture
def cells():
    return [Cell() for _ in range(10)]


@pytest.fixture
def module(cells, faults):
    """Ten relays, and a diverter of three ways at holding register 0 that has not moved yet."""
    way, stands = Cell(), Cell()
    unit = outputs([Relay(cell.ask, cell.tell) for cell in cells], [Diverter(way.ask, way.tell, stands.ask, 3)])
    return Slaves("io-2", {1: unit}, faults)


@pytest.fixture
def setpoint():
    return Cell(5.0)


@pytest.fixture
def cold_room(setpoint, faults):
    unit = controller(lambda: -3.2, (setpoint.ask, setpoint.tell), (-25.0, 10.0), [lambda: 1.0, lambda: 0.0])
    return Slaves("cold-c", {1: unit}, faults)


def ask(slaves, request):
    answer = slaves.answer(1, bytes.fromhex(request))
    return None if answer is None else answer.hex(" ")


def states(cells):
    return [int(cell.value) for cell in cells]


def test_a_coil_is_switched_on_and_off_and_the_request_is_its_own_answer(module, cells):
    assert ask(module, "05 0002 ff00") == "05 00 02 ff 00"
    assert states(cells) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert ask(module, "01 0000 000a") == "01 02 04 00"
    assert ask(module, "05 0002 0000") == "05 00 02 00 00"
    assert states(cells) == [0] * 10


def test_ten_coils_are_written_at_once_as_in_the_standards_example(module, cells):
    assert ask(module, "0f 0000 000a 02 cd01") == "0f 00 00 00 0a"
    assert states(cells) == [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]
    assert ask(module, "01 0000 000a") == "01 02 cd 01"


def test_a_diverter_takes_its_way_in_a_register_and_tells_where_it_stands_in_another(module):
    assert ask(module, "06 0000 0002") == "06 00 00 00 02"
    assert ask(module, "03 0000 0001") == "03 02 00 02"
    assert ask(module, "04 0000 0001") == "04 02 00 00"
    assert ask(module, "10 0000 0001 02 0001") == "10 00 00 00 01"
    assert ask(module, "03 0000 0001") == "03 02 00 01"


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        ("05 000a ff00", "85 02"),
        ("05 0000 0001", "85 03"),
        ("05 0000", "85 03"),
        ("0f 0009 0002 01 03", "8f 02"),
        ("0f 0000 0000 00", "8f 03"),
        ("0f 0000 000a 01 cd", "8f 03"),
        ("0f 0000 000a 02 cd", "8f 03"),
        ("06 0000 0003", "86 03"),
        ("06 0000 ffff", "86 03"),
        ("06 0001 0000", "86 02"),
        ("06 0000 00", "86 03"),
        ("10 0000 0002 04 00010001", "90 02"),
        ("10 0000 0001 02 0009", "90 03"),
        ("10 0000 0001 03 000100", "90 03"),
        ("16 0000 0000 0000", "96 01"),
    ],
)
def test_what_cannot_be_written_gets_its_exception_and_moves_nothing(module, cells, request_body, answer):
    assert ask(module, request_body) == answer
    assert states(cells) == [0] * 10
    assert ask(module, "03 0000 0001") == "03 02 00 00"


def test_a_set_point_below_zero_is_taken_and_the_controllers_own_limits_hold(cold_room, setpoint):
    assert ask(cold_room, "06 0001 ff38") == "06 00 01 ff 38"
    assert setpoint.value == -20.0
    assert ask(cold_room, "03 0000 0002") == "03 04 ff e0 ff 38"
    for refused in ("06 0001 ff05", "06 0001 0065", "10 0001 0001 02 8000"):
        assert ask(cold_room, refused).endswith("03")
        assert setpoint.value == -20.0
    assert ask(cold_room, "06 0001 0064") == "06 00 01 00 64"
    assert ask(cold_room, "06 0000 0000") == "86 02"
    assert ask(cold_room, "02 0000 0002") == "02 01 01"


@given(tenths=st.integers(-250, 100))
def test_every_set_point_within_the_limits_is_read_back_as_it_was_written(tenths):
    cell = Cell()
    unit = controller(lambda: 0.0, (cell.ask, cell.tell), (-25.0, 10.0), [])
    slaves = Slaves("cold-c", {1: unit}, Faults(random.Random(1)))
    word = struct.pack(">h", tenths).hex()
    assert ask(slaves, f"06 0001 {word}") == bytes.fromhex(f"060001{word}").hex(" ")
    assert ask(slaves, "03 0001 0001") == bytes.fromhex(f"0302{word}").hex(" ")
    assert cell.value == tenths / 10


def test_a_busy_module_refuses_writes_and_a_silent_one_does_not_hear_them(module, cells, faults):
    for fault, answer in (
        (Fault(kind=FaultKind.EXCEPTION, target="io-2", code=6), "85 06"),
        (Fault(kind=FaultKind.SILENCE, target="io-2"), None),
    ):
        faults.begin(fault)
        assert ask(module, "05 0000 ff00") == answer
        faults.end(fault)
    assert states(cells) == [0] * 10


def test_meters_say_power_and_energy_as_floats_with_the_high_word_first(faults):
    units = {n: meter(model, lambda: 12.5, lambda: 1234.5) for n, model in enumerate(MeterModel, start=1)}
    slaves = Slaves("meter", units, faults)
    assert ask(slaves, "04 000c 0002") == "04 04 " + struct.pack(">f", 12_500.0).hex(" ")
    assert ask(slaves, "04 0048 0002") == "04 04 " + struct.pack(">f", 1234.5).hex(" ")
    assert ask(slaves, "04 0000 0002") == "84 02"
    assert slaves.answer(2, bytes.fromhex("0320120002")) == b"\x03\x04" + struct.pack(">f", 125_000.0)
    assert slaves.answer(2, bytes.fromhex("03101e0002")) == b"\x03\x04" + struct.pack(">f", 1234.5)


@pytest.mark.parametrize(
    ("model", "request_body", "answer"),
    [
        (Model.R444A01, "03 0000 0004", "03 08 ff 33 02 22 00 07 00 02"),
        (Model.SRTH100, "03 0000 0002", "03 04 02 22 ff 33"),
        (Model.SRTH100, "03 0017 0001", "03 02 00 07"),
        (Model.KINCONY_SHT30, "03 0000 0002", "03 04 27 dd 02 22"),
        (Model.NTC, "03 0002 0002", "03 04 ff 33 80 00"),
    ],
)
def test_each_transmitter_has_its_own_map_and_its_own_way_below_zero(faults, model, request_body, answer):
    unit = transmitter(model, 7, 9600, temperature_c=lambda: -20.5, humidity_percent=lambda: 54.6)
    assert ask(Slaves("line", {1: unit}, faults), request_body) == answer


def test_a_little_below_zero_is_no_ten_thousand():
    assert [ten_thousand_below(value) for value in (-0.04, -0.06, -0.1, 0.0)] == [0, 10_001, 10_001, 0]
