"""Builds the world of a scenario, and lets time pass in it: devices, wires, and the timeline. No bytes yet."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firmware_sim.devices.conveyor import Conveyor
from firmware_sim.devices.device import Device, Dice, Value
from firmware_sim.devices.door import Door
from firmware_sim.devices.probe import Probe
from firmware_sim.devices.rfid_gate import RfidGate
from firmware_sim.devices.room import Room
from firmware_sim.devices.scale import Scale
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.scenario import Scenario
from firmware_sim.timeline import Turn, turns
from firmware_sim.world import Wire, World

_SHAKERS = {FaultKind.OVERLOAD: "overload", FaultKind.MOTION: "disturbance"}


@dataclass(frozen=True, slots=True)
class Floor:
    """Everything that moves on a site, and what is broken of it."""

    scenario: Scenario
    world: World
    faults: Faults
    scales: Mapping[str, Scale]
    _turns: "TurnQueue"

    def run_until(self, end_s: float) -> None:
        """Let time pass, up to and including `end_s` since the start."""
        for turn in self._turns.until(end_s):
            self.world.run_until(turn.at_s)
            if turn.happening.door is not None:
                self.open_door(turn.happening.door, wanted=turn.begins)
            elif turn.happening.fault is not None and turn.begins:
                self.faults.begin(turn.happening.fault)
            elif turn.happening.fault is not None:
                self.faults.end(turn.happening.fault)
        self.world.run_until(end_s)

    def next_s(self) -> float:
        """Return when something happens next."""
        return min(self.world.next_call_s(), self._turns.next_s())

    def open_door(self, door: str, *, wanted: bool) -> None:
        """Open a door, or close it. Raises KeyError when there is none of that name."""
        self.world.set(_hand(door, "wanted"), float(wanted))


class TurnQueue:
    """The turns that are still to come."""

    def __init__(self, coming: Iterator[Turn]) -> None:
        """Take them from a stream in order of time."""
        self._coming = coming
        self._next = next(coming, None)

    def next_s(self) -> float:
        """Return the moment of the next one; infinity when there is none."""
        return float("inf") if self._next is None else self._next.at_s

    def until(self, end_s: float) -> Iterator[Turn]:
        """Take all of them up to and including `end_s`."""
        while self._next is not None and self._next.at_s <= end_s:
            turn = self._next
            self._next = next(self._coming, None)
            yield turn


def build(scenario: Scenario, seed: int) -> Floor:
    """Return the floor of a scenario at its start. The same seed gives the same history, value by value."""

    def dice(name: str) -> Dice:
        return random.Random(f"{seed}/{name}")  # noqa: S311 - a simulation must be repeatable, not unguessable

    devices: dict[str, Device] = {}
    wires: list[Wire] = []
    hands: dict[str, Value] = {}
    scales: dict[str, Scale] = {}
    for door in scenario.doors():
        devices[door] = Door()
        hands[_hand(door, "wanted")] = 0.0
        wires.append(Wire(_hand(door, "wanted"), f"{door}.wanted"))
    for place in scenario.rooms:
        kind = scenario.room_kinds[place.kind]
        start_k = dice(place.zone).uniform(-0.4, 0.4) * kind.cooling.deadband_k  # no two compressors in step
        devices[place.zone] = Room(kind, scenario.weather, first_defrost_s=place.first_defrost_s, start_k=start_k)
        source = _hand(place.zone, "shut") if place.door is None else f"{place.door}.opening"
        if place.door is None:
            hands[source] = 0.0
        wires.append(Wire(source, f"{place.zone}.door"))
    for probe in (probe for line in scenario.probe_lines for probe in line.probes):
        devices[probe.id] = Probe(scenario.probe, probe.offset_c, dice(probe.id))
        wires += [Wire(f"{probe.room}.{name}", f"{probe.id}.{name}") for name in ("air_c", "humidity_percent")]
    for lane in scenario.lanes:
        scale = scales[lane.scale.id] = Scale(lane.scale.platform, dice(lane.scale.id))
        devices[lane.id] = Conveyor(lane.belt, dice(lane.id))
        devices[lane.scale.id] = scale
        devices[lane.gate.id] = RfidGate(lane.gate.antennas, dice(lane.gate.id))
        wires += [
            Wire(f"{lane.id}.load_kg", f"{lane.scale.id}.load_kg"),
            Wire(f"{lane.id}.tags", f"{lane.gate.id}.tags"),
        ]
        for name in _SHAKERS.values():
            hands[_hand(lane.scale.id, name)] = 0.0
            wires.append(Wire(_hand(lane.scale.id, name), f"{lane.scale.id}.{name}"))
    world = World(devices, wires, hands)
    faults = Faults(dice("faults"))
    faults.watch(lambda fault, active: _shake(world, fault, active=active))
    return Floor(scenario, world, faults, scales, TurnQueue(turns(scenario.timeline)))


def _hand(device: str, name: str) -> str:
    """Return the signal by which a hand from outside the world works a device."""
    return f"hand.{device}.{name}"


def _shake(world: World, fault: Fault, *, active: bool) -> None:
    if fault.kind in _SHAKERS:
        world.set(_hand(fault.target, _SHAKERS[fault.kind]), float(active))
