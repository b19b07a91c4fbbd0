"""What comes to a dock gate in one episode: one movement, or several that belong together."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from firmware_sim.devices.dock.movers import (
    PALLET_M,
    PERSON_M,
    TRUCK_M,
    Mover,
    Serials,
    chain,
    drive,
    load,
)
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.physics.motion import Track

REACH_M = 6.0
"""Where movements begin and end: beyond what the antennas reach."""

LANE_M = 0.8
"""The middle of either half of the door, for two that pass each other."""


@dataclass(frozen=True, slots=True)
class Comer:
    """Makes movers with one set of dice."""

    dock: Dock
    dice: Random
    serials: Serials

    def between(self, bounds: tuple[float, float]) -> float:
        """Return a number between two bounds."""
        return self.dice.uniform(*bounds)

    def heading(self) -> int:
        """Return 1 for in, -1 for out."""
        return 1 if self.dice.random() < 0.5 else -1

    def way(self, heading: int, *, start_s: float = 0.0, to_m: float = REACH_M) -> Track:
        """Return a drive through the gate, up to `to_m` in its own direction."""
        traffic = self.dock.traffic
        speed = self.between(traffic.speed_m_per_s)
        return drive(self.dice, (-REACH_M * heading, to_m * heading), speed, traffic.unsteady, start_s)

    def side(self, heading: int) -> int:
        """Return on which side of its pallet a truck is: behind it or, now and then, ahead of it."""
        return heading if self.dice.random() < self.dock.traffic.backwards else -heading

    def pallet(self, track: Track, side: int, *, lane_m: float | None = None, role: str = "passage") -> Mover:
        """Return a pallet with its truck on one side of it, in the middle of the door or on a half of it."""
        lane_m = self.dice.uniform(-0.3, 0.3) if lane_m is None else lane_m + self.dice.uniform(-0.1, 0.1)
        tags = load(self.dock, self.dice, self.serials)
        return replace(_truck(track, side), kind="pallet", role=role, beside_m=lane_m, tags=tags)


def single(comer: Comer) -> list[Mover]:
    """One pallet goes through."""
    heading = comer.heading()
    return [comer.pallet(comer.way(heading), comer.side(heading))]


def hesitant(comer: Comer) -> list[Mover]:
    """One pallet stops in the field and goes on."""
    heading = comer.heading()
    return [comer.pallet(_stopping(comer, heading, goes_on=True), comer.side(heading))]


def file(comer: Comer) -> list[Mover]:
    """Two or three pallets go the same way, one close behind the other."""
    return _file(comer, comer.heading(), 2 + comer.dice.randrange(2), lane_m=None, start_s=0.0)


def opposite(comer: Comer) -> list[Mover]:
    """Two pallets pass each other in the gate, one on either half."""
    return [*_half(comer, 1, 1), *_half(comer, -1, 1)]


def four(comer: Comer) -> list[Mover]:
    """Four pallets, two on either half; the halves go opposite ways or the same."""
    second = -1 if comer.dice.random() < 0.5 else 1
    return [*_half(comer, 1, 2), *_half(comer, second, 2, lane_m=-LANE_M)]


def reversal(comer: Comer) -> list[Mover]:
    """One pallet comes, stops in the field, and goes back; at times another goes through after it."""
    heading = comer.heading()
    track = _stopping(comer, heading, goes_on=False)
    movers = [comer.pallet(track, comer.side(heading), role="reversal")]
    if comer.dice.random() < 0.3:
        start_s = track.moments[-1] + comer.dice.uniform(0.0, 4.0)
        movers.append(comer.pallet(comer.way(heading, start_s=start_s), comer.side(heading)))
    return movers


def reversal_beside(comer: Comer) -> list[Mover]:
    """One pallet turns back in the field while another goes through on the other half."""
    heading = comer.heading()
    track = _stopping(comer, heading, goes_on=False)
    turning = comer.pallet(track, comer.side(heading), lane_m=LANE_M, role="reversal")
    return [turning, *_half(comer, comer.heading(), 1, lane_m=-LANE_M)]


def untagged(comer: Comer) -> list[Mover]:
    """People walk through, or an empty truck drives through: the light barriers see it, the antennas do not."""
    if comer.dice.random() < 0.4:
        heading = comer.heading()
        return [_truck(comer.way(heading), comer.side(heading))]
    return [walker(comer, comer.dice.uniform(0, 4)) for _ in range(1 + comer.dice.randrange(3))]


def along(comer: Comer) -> list[Mover]:
    """A pallet is driven past the gate, across the field and not through it."""
    traffic = comer.dock.traffic
    heading = comer.heading()
    speed = comer.between(traffic.speed_m_per_s)
    track = drive(comer.dice, (-REACH_M * heading, REACH_M * heading), speed, traffic.unsteady, 0.0)
    pallet = comer.pallet(track, 0, role="along")
    beside_m = comer.dice.uniform(2.0, 4.0) * comer.heading()
    return [replace(pallet, along=True, beside_m=beside_m)]


def parked(comer: Comer) -> list[Mover]:
    """A loaded truck stands in the field on one half; another goes through on the other."""
    side, place_m = comer.heading(), comer.dice.uniform(1.4, 2.5)
    standing = Track((0.0, 1.0), (place_m * side, place_m * side))
    waiting = comer.pallet(standing, side, lane_m=LANE_M, role="parked")
    return [waiting, *_half(comer, comer.heading(), 1, lane_m=-LANE_M)]


KINDS: dict[str, Callable[[Comer], list[Mover]]] = {
    "single": single,
    "hesitant": hesitant,
    "file": file,
    "opposite": opposite,
    "four": four,
    "reversal": reversal,
    "reversal_beside": reversal_beside,
    "untagged": untagged,
    "along": along,
    "parked": parked,
}


def walker(comer: Comer, start_s: float) -> Mover:
    """Return somebody on foot, who carries no tag."""
    heading, traffic = comer.heading(), comer.dock.traffic
    pace = comer.between(traffic.walk_m_per_s)
    track = drive(comer.dice, (-REACH_M * heading, REACH_M * heading), pace, traffic.unsteady, start_s)
    return Mover(kind="person", role="untagged", track=track, front_m=PERSON_M / 2, rear_m=-PERSON_M / 2)


def _truck(track: Track, side: int) -> Mover:
    front_m = PALLET_M / 2 + TRUCK_M * (side > 0)
    rear_m = -PALLET_M / 2 - TRUCK_M * (side < 0)
    return Mover(kind="truck", role="untagged", track=track, truck_side=side, front_m=front_m, rear_m=rear_m)


def _half(
    comer: Comer, heading: int, count: int, *, lane_m: float | None = None, start_s: float | None = None
) -> list[Mover]:
    """Return pallets on one half of the door: by default the right half in their direction, from any moment of 4 s."""
    lane_m = -LANE_M * heading if lane_m is None else lane_m
    start_s = comer.dice.uniform(0, 4) if start_s is None else start_s
    return _file(comer, heading, count, lane_m=lane_m, start_s=start_s)


def _file(comer: Comer, heading: int, count: int, *, lane_m: float | None, start_s: float) -> list[Mover]:
    """Return pallets one behind the other. Whoever is behind drives as the one in front does: it has no choice."""
    track, side = comer.way(heading, start_s=start_s), comer.side(heading)
    pace = 2 * REACH_M / (track.moments[-1] - track.moments[0])
    movers = []
    for _ in range(count):
        movers.append(comer.pallet(track, side, lane_m=lane_m))
        track = track.later((PALLET_M + TRUCK_M + comer.between(comer.dock.traffic.behind_m)) / pace)
    return movers


def _stopping(comer: Comer, heading: int, *, goes_on: bool) -> Track:
    """Return a drive that stops in the field for a while, and then goes on or back."""
    dice, traffic = comer.dice, comer.dock.traffic
    turn_m = comer.between(traffic.turns_at_m) * heading
    coming = drive(dice, (-REACH_M * heading, turn_m), comer.between(traffic.speed_m_per_s), traffic.unsteady, 0.0)
    goes_s = coming.moments[-1] + comer.between(traffic.stop_s)
    end_m = REACH_M * heading * (1 if goes_on else -1)
    going = drive(dice, (turn_m, end_m), comer.between(traffic.speed_m_per_s), traffic.unsteady, goes_s)
    return chain(coming, going)
