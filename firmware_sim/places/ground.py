"""What the places of a floor put into its world: devices, wires between them, and hands from outside."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware_sim.devices.device import Device, Dice, Value
from firmware_sim.devices.probe import ProbeKind
from firmware_sim.devices.room import RoomKind
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.physics.weather import Weather
from firmware_sim.world import Wire, World


@dataclass(slots=True)
class Ground:
    """A world that is being built. With the same seed a device has the same dice, whatever else is there.

    `devices` are those put so far, sources before what they feed.
    """

    seed: int
    weather: Weather
    room_kinds: Mapping[str, RoomKind]
    probe: ProbeKind
    devices: dict[str, Device] = field(default_factory=dict)
    _wires: list[Wire] = field(default_factory=list)
    _hands: dict[str, Value] = field(default_factory=dict)
    _levers: dict[tuple[FaultKind, str], str] = field(default_factory=dict)

    def dice(self, name: str) -> Dice:
        """Return the dice of one device."""
        return dice_of(self.seed, name)

    def put(self, name: str, device: Device, feeds: Mapping[str, str]) -> None:
        """Put a device. `feeds` says for each of its inputs which signal feeds it, as `{"air_c": "c1.air_c"}`."""
        self.devices[name] = device
        self._wires += [Wire(source, f"{name}.{target}") for target, source in feeds.items()]

    def hand(self, name: str, target: str, start: float = 0.0) -> str:
        """Return a new signal that is set from outside, for one input of one device."""
        signal = hand(name, target)
        self._hands[signal] = start
        return signal

    def lever(self, kind: FaultKind, name: str, target: str) -> str:
        """Return a new signal for one input of a device that is 1 while the device has a fault, 0 otherwise."""
        signal = self._levers[kind, name] = self.hand(name, target)
        return signal

    def world(self) -> World:
        """Return the world of everything put."""
        return World(self.devices, self._wires, self._hands)

    def faults(self, world: World) -> Faults:
        """Return the faults of a world, each wired to its lever if it has one."""
        faults = Faults(self.dice("faults"), lambda: world.now_s)

        def pull(fault: Fault, active: bool) -> None:  # noqa: FBT001 - a Watcher
            lever = self._levers.get((fault.kind, fault.target))
            if lever is not None:
                world.set(lever, float(active))

        faults.watch(pull)
        return faults


def dice_of(seed: int, name: str) -> Dice:
    """Return the dice that a seed gives to a name."""
    return random.Random(f"{seed}/{name}")  # noqa: S311 - a simulation must be repeatable, not unguessable


def hand(name: str, target: str) -> str:
    """Return the name of the signal by which a hand from outside works a device.

    >>> hand("c1-door", "wanted")
    'hand.c1-door.wanted'
    """
    return f"hand.{name}.{target}"
