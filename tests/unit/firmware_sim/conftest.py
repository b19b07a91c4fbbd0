import random

import msgspec
import pytest

from firmware_sim.devices.room import RoomKind
from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Faults
from firmware_sim.physics.moisture import Moisture
from firmware_sim.physics.refrigeration import Cooling, Defrost
from firmware_sim.physics.thermal import Shell
from firmware_sim.scenario import Scenario


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


@pytest.fixture
def on_the_road(chilled):
    """A room with wireless devices, and a truck with one that is out of reach most of the time."""
    leg = {"speed_km_per_h": 60, "stand_s": 600}
    return msgspec.convert(
        {
            "weather": {"mean_c": 26, "swing_c": 4, "humidity_percent": 70},
            "room_kinds": {"chilled": msgspec.to_builtins(chilled)},
            "rooms": [{"zone": "c1", "kind": "chilled", "door": "c1-door", "first_defrost_s": 5000}],
            "trucks": [
                {
                    "zone": "truck-1",
                    "kind": "chilled",
                    "starts_s": 100,
                    "legs": [
                        leg | {"to_km": 30, "open_s": 240, "warmer_k": 3},
                        leg | {"to_km": 0, "speed_km_per_h": 45},
                    ],
                }
            ],
            "lora_networks": [
                {
                    "id": "lora",
                    "application_id": "6f1a3f0e-5b2c-4d51-9c3e-0a7f5c1d2e3b",
                    "devices": [
                        {
                            "id": "truck-1-a",
                            "model": "em300-th",
                            "dev_eui": "24e124136b000001",
                            "room": "truck-1",
                            "near": "truck-1-drive.near",
                            "every_s": 120,
                        },
                        {"id": "c1-w", "model": "em300-th", "dev_eui": "24e124136b000002", "room": "c1"},
                        {"id": "c1-x", "model": "lht65n", "dev_eui": "a840410000000001", "room": "c1"},
                        {
                            "id": "c1-y",
                            "model": "em300-mcs",
                            "dev_eui": "24e124136b000003",
                            "room": "c1",
                            "door": "c1-door",
                        },
                    ],
                }
            ],
            "zigbee_networks": [
                {
                    "id": "zigbee",
                    "devices": [
                        {"id": "c1-z", "room": "c1"},
                        {"id": "c1-z-door", "room": "c1", "door": "c1-door"},
                    ],
                }
            ],
        },
        Scenario,
    )


def load(scale, now_s, load_kg, *, disturbance=0.0, overload=0.0):
    return scale.update(now_s, {"load_kg": load_kg, "disturbance": disturbance, "overload": overload})


@pytest.fixture
def put():
    """Put a load on a scale at a moment, and let it settle or not."""
    return load
