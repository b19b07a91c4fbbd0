"""Builds the world of a scenario, and lets time pass in it: devices, wires, and the timeline. No bytes yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from firmware_sim.customs.office import Office
from firmware_sim.devices.device import Device
from firmware_sim.faults import Faults
from firmware_sim.places.ground import Ground, hand
from firmware_sim.scenario import Scenario
from firmware_sim.timeline import Turn, turns
from firmware_sim.world import World


@dataclass(frozen=True, slots=True)
class Floor:
    """Everything that moves on a site, and what is broken of it. Customs `offices` are there once they are served."""

    scenario: Scenario
    seed: int
    world: World
    faults: Faults
    devices: Mapping[str, Device]
    _turns: "TurnQueue"
    offices: dict[str, Office] = field(default_factory=dict)

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
        self.world.set(hand(door, "wanted"), float(wanted))


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
    ground = Ground(seed, scenario.weather, scenario.room_kinds, scenario.probe)
    for _, place in scenario.places():
        place.build(ground)
    world = ground.world()
    return Floor(scenario, seed, world, ground.faults(world), ground.devices, TurnQueue(turns(scenario.timeline)))
