"""Types of Modbus devices: what a profile may say, and which requests become of it."""

import msgspec
import pytest

from coldport.ids import PointId
from coldport.site import Point, Quantity
from edge.drivers.modbus.units import Unit, units_of
from edge.lines.modbus import ModbusProfile, ModbusRtuLine
from edge.ports import Limits
from edge.profiles import CATALOGUE, load_profile
from edge.protocols.modbus import Function

PERIODS = {"slow": 60.0, "meter-energy": 300.0}


def profile_of(**told) -> ModbusProfile:
    return msgspec.convert({"kind": "modbus", "title": "A device", "source": "its manual", **told}, ModbusProfile)


def unit_of(profile: ModbusProfile, names: dict[str, str]) -> Unit:
    line = msgspec.convert(
        {
            "kind": "modbus-rtu",
            "id": "line",
            "serial": {"path": "line"},
            "devices": [{"id": "one", "unit": 1, "profile": "it", "points": names}],
        },
        ModbusRtuLine,
    )
    points = {
        PointId(name): Point(id=name, quantity=Quantity.TEMPERATURE, every_s=PERIODS.get(name, 5.0))
        for name in names.values()
    }
    [unit] = units_of(line, {"it": profile}, points)
    return unit


def asked(unit: Unit) -> set[tuple[Function, int, int, float]]:
    return {
        (block.request.function, block.request.address, block.request.count, block.every_s) for block in unit.blocks
    }


def temperatures(*addresses: int, **more) -> dict:
    return {f"r{address}": {"address": address, "quantity": "temperature", **more} for address in addresses}


def test_values_with_a_small_hole_between_them_are_read_in_one_request() -> None:
    profile = profile_of(function="input-registers", registers=temperatures(1, 18))
    unit = unit_of(profile, {"r1": "a", "r18": "b"})
    assert asked(unit) == {(Function.INPUT_REGISTERS, 1, 18, 5.0)}
    [block] = unit.blocks
    assert {value.point: value.measure(range(18)).value for value in block.values} == {"a": 0.0, "b": 17.0}


def test_a_wider_hole_is_asked_around() -> None:
    profile = profile_of(function="input-registers", registers=temperatures(1, 19))
    assert asked(unit_of(profile, {"r1": "a", "r19": "b"})) == {
        (Function.INPUT_REGISTERS, 1, 1, 5.0),
        (Function.INPUT_REGISTERS, 19, 1, 5.0),
    }


def test_a_device_that_refuses_holes_is_asked_for_nothing_it_does_not_have() -> None:
    profile = profile_of(function="input-registers", registers=temperatures(1, 3), merge_gap=0)
    assert len(unit_of(profile, {"r1": "a", "r3": "b"}).blocks) == 2


def test_no_request_asks_for_more_than_the_standard_allows() -> None:
    profile = profile_of(function="holding-registers", registers=temperatures(*range(0, 160, 10)))
    unit = unit_of(profile, {f"r{address}": f"p{address}" for address in range(0, 160, 10)})
    assert asked(unit) == {(Function.HOLDING_REGISTERS, 0, 121, 5.0), (Function.HOLDING_REGISTERS, 130, 21, 5.0)}


def test_a_two_register_value_is_read_whole() -> None:
    profile = profile_of(function="input-registers", registers=temperatures(12, type="float32"))
    assert asked(unit_of(profile, {"r12": "a"})) == {(Function.INPUT_REGISTERS, 12, 2, 5.0)}


def test_each_point_is_read_at_its_own_period() -> None:
    profile = profile_of(function="input-registers", registers=temperatures(1, 2))
    assert asked(unit_of(profile, {"r1": "a", "r2": "slow"})) == {
        (Function.INPUT_REGISTERS, 1, 1, 5.0),
        (Function.INPUT_REGISTERS, 2, 1, 60.0),
    }


def test_one_device_is_read_by_all_the_functions_its_values_need() -> None:
    profile = load_profile(CATALOGUE / "cold-room-controller.toml")
    assert isinstance(profile, ModbusProfile)
    unit = unit_of(profile, {"air": "a", "compressor": "b", "defrost": "c", "setpoint": "d"})
    assert asked(unit) == {(Function.HOLDING_REGISTERS, 0, 2, 5.0), (Function.DISCRETE_INPUTS, 0, 2, 5.0)}
    [place] = unit.outputs
    assert place.limits == Limits(-30, 15, 0.1)
    assert place.writing(-18.5).pdu().hex() == "060001ff47"


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.toml")), ids=lambda path: path.stem)
def test_every_profile_of_the_catalogue_is_whole_and_says_where_its_facts_are_from(path) -> None:
    assert load_profile(path).source


def test_the_energy_meters_say_that_they_are_to_be_checked() -> None:
    assert all("to be checked on the device" in load_profile(CATALOGUE / f"{name}.toml").source
               for name in ("sdm120", "dtsu666"))  # fmt: skip


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "at least one of registers, inputs, outputs"),
        ({"registers": temperatures(1)}, "which `function` reads it"),
        ({"function": "coils", "registers": temperatures(1)}, "r1: coils reads inputs only"),
        ({"function": "input-registers", "inputs": {"i": {"address": 1}}}, "i: input-registers reads registers only"),
        ({"function": "input-registers", "registers": temperatures(65_535, type="int32")}, "leaves no room"),
        ({"function": "input-registers", "registers": temperatures(1, 2, type="int32")}, "r1 and r2 lie over one"),
        ({"function": "input-registers", "registers": {"s": {"address": 1, "quantity": "setpoint"}}}, "is an output"),
        ({"function": "input-registers", "registers": {"s": {"address": 1, "quantity": "mass"}}}, "not come over"),
        ({"function": "input-registers", "registers": {"s": {"address": 1, "quantity": "colour"}}}, "Invalid enum"),
        ({"function": "coils", "inputs": {"i": {"address": 1, "quantity": "power"}}}, "it does not measure power"),
        ({"outputs": {"o": {"at": "coil", "address": 1, "quantity": "door"}}}, "door is no output"),
        ({"outputs": {"o": {"at": "register", "address": 1, "quantity": "lamp"}}}, "needs `minimum` and `maximum`"),
        (
            {"outputs": {n: {"at": "coil", "address": 1, "quantity": "lamp"} for n in "ab"}},
            "a and b lie over one another",
        ),
        (
            {
                "function": "coils",
                "inputs": {"a": {"address": 1}},
                "outputs": {"a": {"at": "coil", "address": 2, "quantity": "lamp"}},
            },
            "one name stands for two",
        ),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused_with_the_reason(told: dict, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        profile_of(**told)
