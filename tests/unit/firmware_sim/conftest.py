import random

import pytest

from firmware_sim.devices.room import RoomKind
from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Faults
from firmware_sim.physics.moisture import Moisture
from firmware_sim.physics.refrigeration import Cooling, Defrost
from firmware_sim.physics.thermal import Shell


@pytest.fixture
def dice():
    return random.Random(1)


@pytest.fixture
def faults(dice):
    return Faults(dice)


@pytest.fixture
def shell():
    return Shell(air_kj_per_k=1500, product_kj_per_k=27_000, wall_w_per_k=150, door_w_per_k=3200, product_w_per_k=1500)


@pytest.fixture
def chilled(shell):
    return RoomKind(
        shell=shell,
        cooling=Cooling(setpoint_c=5.0, evaporating_c=-5.0, coil_w_per_k=1500),
        defrost=Defrost(every_s=21_600, end_c=4.0, heater_w=4000, max_s=1200, coil_kj_per_k=80, leak_w_per_k=100),
        moisture=Moisture(
            leak_per_h=0.1, door_per_h=20, coil_per_h=2.0, product_per_h=1.0, product_humidity_percent=90
        ),
    )


@pytest.fixture
def still_scale(dice):
    """A parcel scale without noise."""
    scale = Scale(Platform(capacity_kg=60, division_kg=0.005, noise_divisions=0), dice)
    load(scale, 0.0, 0.0)
    return scale


def load(scale, now_s, load_kg, *, disturbance=0.0, overload=0.0):
    return scale.update(now_s, {"load_kg": load_kg, "disturbance": disturbance, "overload": overload})


@pytest.fixture
def put():
    """Put a load on a scale at a moment, and let it settle or not."""
    return load
