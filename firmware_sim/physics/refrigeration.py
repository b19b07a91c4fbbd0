"""The cooling plant of one room: a compressor on a thermostat, and a coil that must be defrosted."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.physics.thermal import Flow, Positive, lagged


class Cooling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a room is cooled.

    The compressor starts one `deadband_k` above the set point's lower end and stops at it: half of it to either side.
    `min_off_s` and `min_on_s` guard the compressor. While it runs, the air exchanges heat with a coil at
    `evaporating_c` through `coil_w_per_k`, and it draws `compressor_w`, fans included: at one evaporating temperature
    that hardly changes.
    """

    setpoint_c: float
    evaporating_c: float
    coil_w_per_k: Positive
    deadband_k: Positive = 2.0
    min_off_s: Positive = 180.0
    min_on_s: Positive = 120.0
    compressor_w: Positive = 4000.0


class Defrost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the coil is freed of ice: heated until it has `end_c` or `max_s` are over, then left to drip.

    `heater_w` warms a coil of `coil_kj_per_k` (metal and ice), which gives `leak_w_per_k` to the room's air meanwhile.
    Zero watts is a defrost by the room's own air.
    """

    every_s: Positive
    end_c: float
    heater_w: Annotated[float, Meta(ge=0)]
    max_s: Positive = 1800.0
    drip_s: Positive = 120.0
    coil_kj_per_k: Positive = 200.0
    leak_w_per_k: Positive = 120.0


class Phase(StrEnum):
    """What the plant is doing."""

    IDLE = "idle"
    COOLING = "cooling"
    DEFROST = "defrost"
    DRIP = "drip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """The state of the plant: its phase since when, how warm the coil is, and when the next defrost is due."""

    phase: Phase
    since_s: float
    coil_c: float
    defrost_due_s: float


def tripped(plant: Plant, now_s: float) -> Plant:
    """Return the plant with its compressor stopped by its own protection, if it was running."""
    return replace(plant, phase=Phase.IDLE, since_s=now_s) if plant.phase is Phase.COOLING else plant


def power_w(plant: Plant, cooling: Cooling, defrost: Defrost) -> float:
    """Return what the plant draws; it stays so until it is switched."""
    if plant.phase is Phase.COOLING:
        return cooling.compressor_w
    return defrost.heater_w if plant.phase is Phase.DEFROST else 0.0


def switched(plant: Plant, cooling: Cooling, defrost: Defrost, *, air_c: float, door_open: bool, now_s: float) -> Plant:
    """Return the plant after the controller has looked at it, at `now_s`.

    A defrost does not start while the door is open; it waits until it is closed.
    """
    lasted_s = now_s - plant.since_s
    if plant.phase is Phase.DEFROST:
        done = plant.coil_c >= defrost.end_c or lasted_s >= defrost.max_s
        return replace(plant, phase=Phase.DRIP, since_s=now_s) if done else plant
    if plant.phase is Phase.DRIP:
        return replace(plant, phase=Phase.COOLING, since_s=now_s) if lasted_s >= defrost.drip_s else plant
    if now_s >= plant.defrost_due_s and not door_open:
        due_s = plant.defrost_due_s
        while due_s <= now_s:
            due_s += defrost.every_s
        return replace(plant, phase=Phase.DEFROST, since_s=now_s, defrost_due_s=due_s)
    half = cooling.deadband_k / 2
    if plant.phase is Phase.IDLE and air_c >= cooling.setpoint_c + half and lasted_s >= cooling.min_off_s:
        return replace(plant, phase=Phase.COOLING, since_s=now_s)
    if plant.phase is Phase.COOLING and air_c <= cooling.setpoint_c - half and lasted_s >= cooling.min_on_s:
        return replace(plant, phase=Phase.IDLE, since_s=now_s)
    return plant


def coil_after(plant: Plant, cooling: Cooling, defrost: Defrost, *, air_c: float, duration_s: float) -> float:
    """Return the coil's temperature `duration_s` later, in the plant's present phase, in air of `air_c`."""
    if plant.phase is Phase.COOLING:
        return cooling.evaporating_c
    heater_w = defrost.heater_w if plant.phase is Phase.DEFROST else 0.0
    at_rest_c = air_c + heater_w / defrost.leak_w_per_k
    return lagged(plant.coil_c, at_rest_c, duration_s, defrost.coil_kj_per_k * 1e3 / defrost.leak_w_per_k)


def coil_flow(plant: Plant, cooling: Cooling, defrost: Defrost) -> Flow:
    """Return what the coil is to the air now: a strong cold flow, or a weak one to whatever temperature it has."""
    if plant.phase is Phase.COOLING:
        return Flow(cooling.coil_w_per_k, cooling.evaporating_c)
    return Flow(defrost.leak_w_per_k, plant.coil_c)
