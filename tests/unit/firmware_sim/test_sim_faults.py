import random

import msgspec
import pytest

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.distortion import Distortion
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.display import Display


class World:
    """A value that goes up by one each time it is asked, and a time that a test sets."""

    def __init__(self):
        self.now_s = 0.0
        self.value = 0.0
        self.faults = Faults(random.Random(1), lambda: self.now_s)

    def ask(self):
        self.value += 1.0
        return self.value


@pytest.fixture
def world():
    return World()


def test_a_stuck_value_is_that_of_the_first_question_until_it_is_mended(world):
    unit = Distortion(world.faults, "cold-a", 1)
    assert unit.number("t", world.ask, 0.0) == 1.0
    world.faults.begin(stuck := Fault(kind=FaultKind.STUCK, target="cold-a", unit=1))
    assert [unit.number("t", world.ask, 0.0) for _ in range(3)] == [2.0, 2.0, 2.0]
    assert Distortion(world.faults, "cold-a", 2).number("t", world.ask, 0.0) == 3.0
    world.faults.end(stuck)
    assert unit.number("t", world.ask, 0.0) == 4.0


def test_values_drift_from_the_moment_the_fault_began(world):
    unit = Distortion(world.faults, "cold-a", 1)
    world.now_s = 600.0
    world.faults.begin(Fault(kind=FaultKind.DRIFT, target="cold-a", per_h=-2.0))
    assert unit.number("t", lambda: 5.0, 600.0) == 5.0
    assert unit.number("t", lambda: 5.0, 600.0 + 5400) == pytest.approx(2.0)
    assert unit.number("t", lambda: 5.0, 60.0) == 5.0  # measured before


def test_values_jump_for_one_second_of_every_so_many(world):
    unit = Distortion(world.faults, "cold-a", 1)
    world.now_s = 3.0
    world.faults.begin(Fault(kind=FaultKind.SPIKE, target="cold-a", by=40.0, every_s=10.0))
    moments = (2.9, 3.0, 3.9, 4.0, 12.9, 13.0, 14.0)
    assert [unit.number("t", lambda: 1.0, at_s) for at_s in moments] == [1, 41, 41, 1, 1, 41, 1]


def test_a_scale_that_drifts_shows_whole_divisions_and_says_when_it_is_out_of_range(world):
    scale = Scale(Platform(capacity_kg=60.0, division_kg=0.02, noise_divisions=0.0), random.Random(1))
    scale.update(0.0, {"load_kg": 0.0, "disturbance": 0.0, "overload": 0.0})
    display = Display("s", scale, world.faults)
    world.faults.begin(Fault(kind=FaultKind.DRIFT, target="s", per_h=36.0))
    world.now_s = 3.1
    assert display.weighing().gross_kg == 0.04
    world.now_s = 7200.0
    assert display.weighing().overload


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"kind": "silence", "target": "a", "code": 6}', "silence has no `code`; it has no parameters"),
        ('{"kind": "spike", "target": "a", "per_h": 6}', "spike has no `per_h`; it has by, every_s"),
        ('{"kind": "unplugged", "target": "a", "unit": 1}', "concerns the whole target"),
        ('{"kind": "slow", "target": "a", "delay_s": 61}', "<= 60"),
        ('{"kind": "swallow", "target": "a", "every": 0}', ">= 1"),
    ],
)
def test_a_fault_takes_the_parameters_of_its_kind_and_no_others(text, message):
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.json.decode(text, type=Fault)


def test_a_fault_that_names_no_parameters_has_those_of_its_kind():
    assert Fault(kind=FaultKind.EXCEPTION, target="a").parameter("code") == 4
    assert Fault(kind=FaultKind.EXCEPTION, target="a", code=6).parameter("code") == 6


def test_what_is_broken_is_listed_in_order_and_counted(world):
    first, second = (Fault(kind=kind, target="a") for kind in (FaultKind.HALF_OPEN, FaultKind.SLOW))
    for fault in (first, second, first):
        world.faults.begin(fault)
    assert world.faults.active == [first, second]
    assert world.faults.begun(FaultKind.HALF_OPEN, "a") == 1
    world.faults.end(first)
    world.faults.begin(first)
    assert world.faults.begun(FaultKind.HALF_OPEN, "a") == 2
